import Observables
import Recipes
import Runs

extension Comparison {
    /// How far the learned force is from the gradient of a potential, and what that does to dynamics.
    ///
    /// Everything is measured with the learned force in double precision, at the last snapshot of the coldest test quench. N is
    /// the number of sites; energies are in units of the hopping.
    public struct NonConservative: Sendable, Codable {
        /// ‖J − Jᵀ‖/‖J + Jᵀ‖ of the Jacobian J_ij = ∂F_i/∂Q_j, from random vectors.
        public struct Jacobian: Sendable, Codable {
            /// Of the learned electronic force.
            public var learned: Double
            /// One standard error of `learned`.
            public var learnedError: Double
            /// Of the total force, elastic part included.
            public var total: Double
            /// One standard error of `total`.
            public var totalError: Double
            /// ‖J − Jᵀ‖/√N, which the elastic part does not change.
            public var antisymmetric: Double
            /// −Tr J/N of the total force: the mean curvature of the potential.
            public var curvature: Double
        }

        /// Work ∮F·dQ around circles in random planes of displacement fields, every site moving by about `radius`.
        public struct Loops: Sendable, Codable {
            /// ½ √(k_BT/K), half of a thermal displacement: small enough for the quadrature to converge where electrons switch.
            public var radius: Double
            /// Forces around one loop, at most.
            public var points: Int
            /// The work of the total learned force, [loop].
            public var work: [Double]
            /// The largest change of `work` by the last doubling of the points, far above the error that is left.
            public var quadratureError: Double
            /// The work of the solver's force around the first loop.
            public var exactWork: Double
            /// The change of `exactWork` by the last doubling of its points, of which there are at most 64.
            public var exactQuadratureError: Double
            /// Root mean square of `work` over √N: distant parts of a lattice work with independent signs, so that this does not
            /// depend on its size.
            public var rootMeanSquare: Double
            /// `rootMeanSquare` in units of k_BT.
            public var relative: Double
            /// The same of `exactWork`: |`exactWork`| divided by √N and k_BT.
            public var exactRelative: Double
            /// One standard error of `relative` over loops, by the jackknife; NaN with one loop.
            package var relativeError: Double {
                guard work.count > 1, rootMeanSquare > 0 else { return .nan }
                let squares = work.map { [$0 * $0] }
                let mean = work.reduce(0) { $0 + $1 * $1 } / Double(work.count)
                return Estimate.jackknife(squares) { $0[0].squareRoot() }.standardError * relative / mean.squareRoot()
            }
        }

        /// Energy a site, kinetic and the solver's Ω, without a heat bath.
        public struct Energy: Sendable, Codable {
            /// One run by velocity Verlet.
            public struct Run: Sendable, Codable {
                /// Times of the samples, in units of τ.
                public var times: [Double]
                /// Energy a site at `times`.
                public var energies: [Double]
                /// Slope of `energies`, by least squares.
                public var drift: Double
                /// One standard error of `drift`, by leaving out one block of neighbouring times at a time; NaN with too few of them.
                public var driftError: Double
            }

            /// Driven by the learned force.
            public var learned: Run
            /// Driven by the solver's force, from the same start.
            public var exact: Run?
        }

        /// Kinetic temperature m⟨Q̇²⟩ in Langevin dynamics with the learned force, by the integrator BAOAB.
        public struct Temperature: Sendable, Codable {
            /// k_BT (1 − kΔt²/4m), what a conservative force of the mean curvature k gives at this time step.
            public var expected: Double
            /// Average over the run.
            public var measured: Double
            /// One standard error of `measured`, by blocking.
            public var measuredError: Double
            /// −ΔE/γNt, the heat of relaxation: what the energy of sites and electrons lost while `measured` was taken; NaN if
            /// `generate.solver` gives no potential.
            public var released: Double
            /// ⟨(F − F_exact)·Q̇⟩/γN: the work of what is wrong with the force, which in the stationary state friction must take.
            public var injected: Double
            /// One standard error of `injected`.
            public var injectedError: Double
            /// `measured` − `expected`: `released` and `injected` together, to within the errors.
            public var shift: Double { measured - expected }
        }

        /// Cells along each primitive vector, [Lx, Ly].
        public var size: [Int]
        /// k_BT of the electrons and the bath.
        public var temperature: Double
        /// The time of the snapshot since its hot start, in units of τ.
        public var time: Double
        /// Always there.
        public var jacobian: Jacobian
        /// Nil with `compare.loops` = 0.
        public var loops: Loops?
        /// Nil with `compare.energy_steps` = 0, and if `generate.solver` gives no potential.
        public var energy: Energy?
        /// Nil with `compare.thermal_steps` = 0, and without damping.
        public var kineticTemperature: Temperature?
    }
}

extension Comparison.NonConservative {
    /// What a terminal shows.
    var facts: [StageSummary.Fact] {
        var facts = [
            StageSummary.Fact(
                "Jacobian, antisymmetric by symmetric part",
                TerminalNumber.text(jacobian.learned, error: jacobian.learnedError, digits: 2))
        ]
        if let loops {
            facts.append(
                .init(
                    "work around loops / (√site k_BT)", TerminalNumber.text(loops.relative, error: loops.relativeError, digits: 2)
                ))
        }
        if let run = energy?.learned {
            facts.append(
                .init("energy drift per site and time", TerminalNumber.text(run.drift, error: run.driftError, digits: 2)))
        }
        if let kinetic = kineticTemperature {
            facts += [
                .init(
                    "kinetic temperature, expected and measured",
                    TerminalNumber.text(kinetic.expected) + ", "
                        + TerminalNumber.text(kinetic.measured, error: kinetic.measuredError)),
                .init(
                    "of it from relaxation and from force errors",
                    TerminalNumber.text(kinetic.released, digits: 2) + ", "
                        + TerminalNumber.text(kinetic.injected, error: kinetic.injectedError, digits: 2)),
            ]
        }
        return facts
    }
}
