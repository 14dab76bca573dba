import Dynamics
import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Observables
import Recipes
import Runs

/// Measures how far the learned force of a run is from the gradient of a potential.
package struct NonConservativePart {
    /// The most forces of the solver around a loop; learned ones are cheaper.
    private static let exactLoopPoints = 64
    private static let learnedLoopPoints = 1024

    let recipe: Recipe
    let model: TrainedModel
    let dataset: Dataset
    let context: StageContext
    /// Pieces of progress made before.
    let finished: Int

    /// Time steps of all runs, the pieces of progress.
    package static func steps(of settings: CompareSettings) -> Int {
        settings.energySteps + settings.exactEnergySteps + settings.thermalSteps * 6 / 5
    }

    /// Forces of `generate.solver` that it takes.
    package static func exactForces(_ settings: CompareSettings) -> Int {
        (settings.loops > 0 ? exactLoopPoints : 0)
            + (settings.energySteps > 0 ? settings.exactSamples + settings.exactEnergySteps : 0)
            + (settings.thermalSteps > 0 ? settings.exactSamples + 2 : 0)
    }

    /// - Returns: nil if there is no test quench, or none above zero temperature.
    func measure() throws -> Comparison.NonConservative? {
        let quenches = dataset.trajectories(.test).filter { $0.kind == .quench && $0.electrons.temperature > 0 }
        guard let coldest = quenches.min(by: { $0.electrons.temperature < $1.electrons.temperature }),
            let snapshot = coldest.snapshots.last
        else { return nil }
        let (supercell, electrons, settings) = (dataset.supercell, coldest.electrons, recipe.compare)
        let electronic = try model.forceField(
            on: supercell, conditions: electrons, singlePrecision: false, tiling: recipe.simulate.tiling, pool: context.pool)
        let learned = AdiabaticForceField(learned: electronic, model: electrons, on: supercell).total
        let exact = AdiabaticForceField(recipe.solver(recipe.generate.solver, for: electrons, pool: context.pool), on: supercell)
            .total

        let seed = recipe.seed(of: .nonConservative)
        let part = try electronic.jacobianAsymmetry(at: snapshot.displacement, seed: seed)
        try context.interruption.check()
        let whole = try learned.jacobianAsymmetry(at: snapshot.displacement, seed: seed)
        try context.interruption.check()
        let jacobian = Comparison.NonConservative.Jacobian(
            learned: part.ratio, learnedError: part.ratioError, total: whole.ratio, totalError: whole.ratioError,
            antisymmetric: whole.antisymmetric, curvature: -whole.meanDiagonal)

        let loops = try loops(learned, exact, at: snapshot.displacement, temperature: electrons.temperature, seed: seed)
        let velocity = try HotStart(
            displacementVariance: 0, velocityVariance: electrons.temperature / recipe.dynamics.mass, seed: seed
        ).velocity(on: supercell, kind: snapshot.displacement.kind)
        let bounds = PhaseSpaceBounds(displacement: recipe.simulate.maximumDisplacement)
        var done = finished
        func shouldStop() -> Bool {
            done += 1
            context.progress.update(done: done, detail: "non-conservative part")
            return context.interruption.isRequested
        }

        var energy: Comparison.NonConservative.Energy?
        if settings.energySteps > 0, let potential = exact as? any ConservativeForceField {
            let drift = EnergyDrift(
                potential: potential, timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, bounds: bounds)
            func run(_ forceField: (any ForceField)?, steps: Int) throws -> Comparison.NonConservative.Energy.Run {
                try drift.run(
                    forceField, displacement: snapshot.displacement, velocity: velocity, steps: steps,
                    samples: settings.exactSamples, shouldStop: shouldStop)
            }
            energy = .init(
                learned: try run(learned, steps: settings.energySteps),
                exact: settings.exactEnergySteps > 0 ? try run(nil, steps: settings.exactEnergySteps) : nil)
        }
        var kineticTemperature: Comparison.NonConservative.Temperature?
        if settings.thermalSteps > 0, recipe.dynamics.damping > 0 {
            kineticTemperature = try KineticTemperature(
                timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
                temperature: electrons.temperature, seed: seed, bounds: bounds
            ).run(
                learned, exact: exact, displacement: snapshot.displacement, velocity: velocity, curvature: jacobian.curvature,
                steps: settings.thermalSteps, samples: settings.exactSamples, shouldStop: shouldStop)
        }
        return .init(
            size: supercell.size, temperature: electrons.temperature, time: snapshot.time, jacobian: jacobian, loops: loops,
            energy: energy, kineticTemperature: kineticTemperature)
    }

    private func loops(
        _ learned: any ForceField, _ exact: any ForceField, at displacement: SiteField, temperature: Double, seed: UInt64
    ) throws -> Comparison.NonConservative.Loops? {
        guard recipe.compare.loops > 0 else { return nil }
        let stiffness = recipe.model.hamiltonian.harmonicPart(on: recipe.lattice.geometry)?.onsiteStiffness ?? 1
        let radius = (temperature / stiffness).squareRoot() / 2
        func loop(_ index: Int) -> ClosedLoop {
            ClosedLoop(around: displacement, radius: radius, seed: seed, index: index)
        }
        // A millionth of what would matter to one site.
        let tolerance = 1e-6 * temperature * Double(displacement.values.count).squareRoot()
        let works = try (0..<recipe.compare.loops).map { index in
            try context.interruption.check()
            return try loop(index).work(of: learned, tolerance: tolerance, maximumPoints: Self.learnedLoopPoints)
        }
        let reference = try loop(0).work(of: exact, tolerance: tolerance, maximumPoints: Self.exactLoopPoints)
        let square = works.reduce(0) { $0 + $1.value * $1.value } / Double(works.count)
        let sites = Double(displacement.supercell.siteCount)
        let rootMeanSquare = (square / sites).squareRoot()
        return .init(
            radius: radius, points: works.map(\.points).max() ?? 0, work: works.map(\.value),
            quadratureError: works.map(\.quadratureError).max() ?? .nan, exactWork: reference.value,
            exactQuadratureError: reference.quadratureError, rootMeanSquare: rootMeanSquare,
            relative: rootMeanSquare / temperature,
            exactRelative: abs(reference.value) / sites.squareRoot() / temperature)
    }
}

/// A circle through configuration space, Q(θ) = Q₀ + R (a cos θ + b sin θ) with orthogonal fields a and b of mean square 1.
package struct ClosedLoop {
    private let center: SiteField
    private let radius: Double
    private let first: [Double]
    private let second: [Double]

    /// The circle around `center` in the plane of two random fields.
    ///
    /// - Parameter radius: R, the root mean square displacement of a site from the centre.
    package init(around center: SiteField, radius: Double, seed: UInt64, index: Int) {
        self.center = center
        self.radius = radius
        let stream = RandomStream(seed: seed, purpose: .genericElement).substream(index)
        let count = center.values.count
        first = Self.normalized(stream.normals(count: count, step: 0))
        let other = stream.normals(count: count, step: 1)
        let overlap = zip(first, other).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
        second = Self.normalized(zip(first, other).map { $1 - overlap * $0 })
    }

    /// The work around a loop.
    package struct Work {
        /// ∮F·dQ
        package let value: Double
        /// How much the last doubling of the points changed it.
        package let quadratureError: Double
        /// Forces that were computed.
        package let points: Int
    }

    /// ∮F·dQ by the trapezoidal rule, which converges exponentially on a circle, from 16 points on doubled until the value changes
    /// by `tolerance` at most.
    ///
    /// For a linear force F = J Q it is πR² bᵀ(J − Jᵀ)a: the curl in this plane times the area.
    ///
    /// - Parameter maximumPoints: where doubling ends, whatever the change; at least 16.
    package func work(of forceField: any ForceField, tolerance: Double, maximumPoints: Int) throws -> Work {
        var force = center
        /// Σ F·t over `count` points, the tangent t being dQ/dθ by R.
        func sum(count: Int, offset: Double) throws -> Double {
            try (0..<count).reduce(0) { sum, point in
                let angle = 2 * Double.pi * (Double(point) + offset) / Double(count)
                let (cosine, sine) = (cos(angle), sin(angle))
                var moved = center
                for k in first.indices { moved.values[k] += radius * (cosine * first[k] + sine * second[k]) }
                try forceField.computeForces(at: moved, into: &force)
                return first.indices.reduce(sum) { $0 + force.values[$1] * (cosine * second[$1] - sine * first[$1]) }
            }
        }
        var points = 8
        var total = try sum(count: points, offset: 0)
        var change = 0.0
        repeat {
            let between = try sum(count: points, offset: 0.5)
            points *= 2
            change = 2 * Double.pi * radius / Double(points) * abs(total - between)
            total += between
        } while change > tolerance && 2 * points <= maximumPoints
        return Work(value: 2 * Double.pi * radius / Double(points) * total, quadratureError: change, points: points)
    }

    /// bᵀ(J − Jᵀ)a for tests, given J a and J b.
    package func curl(_ jacobian: ([Double]) -> [Double]) -> Double {
        let (a, b) = (jacobian(first), jacobian(second))
        return zip(second, a).reduce(0) { $0 + $1.0 * $1.1 } - zip(first, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func normalized(_ field: [Double]) -> [Double] {
        let scale = (field.reduce(0) { $0 + $1 * $1 } / Double(field.count)).squareRoot()
        return field.map { $0 / scale }
    }
}

/// Dynamics without a heat bath, and what becomes of the energy.
package struct EnergyDrift {
    /// Whose Ω counts as potential energy.
    package let potential: any ConservativeForceField
    /// Δt.
    package let timeStep: Double
    /// m of a site variable.
    package let mass: Double
    /// What counts as divergence.
    package let bounds: PhaseSpaceBounds

    package init(
        potential: any ConservativeForceField, timeStep: Double, mass: Double, bounds: PhaseSpaceBounds = PhaseSpaceBounds()
    ) {
        (self.potential, self.timeStep, self.mass, self.bounds) = (potential, timeStep, mass, bounds)
    }

    /// `steps` of velocity Verlet.
    ///
    /// - Parameters:
    ///   - forceField: what drives it; nil for ``potential`` itself, whose Ω then comes with the forces.
    ///   - samples: about how many energies are taken beside that of the start.
    ///   - shouldStop: asked before every step.
    /// - Throws: `WorkflowInterrupted` if stopped; `DynamicsError` and what the force fields throw.
    package func run(
        _ forceField: (any ForceField)?, displacement: SiteField, velocity: SiteField, steps: Int, samples: Int,
        shouldStop: () -> Bool = { false }
    ) throws -> Comparison.NonConservative.Energy.Run {
        let driving = forceField ?? potential
        var state = try PhaseSpaceState(
            displacement: displacement, velocity: velocity, forceField: driving, tracksPotential: forceField == nil)
        var (times, energies): ([Double], [Double]) = ([], [])
        func sample(_ state: PhaseSpaceState) throws {
            var scratch = state.force
            let potential =
                try state.potential ?? potential.computeForcesAndPotential(at: state.displacement, into: &scratch)
            times.append(Double(state.step) * timeStep)
            energies.append(KineticEnergy.totalPerSite(velocity: state.velocity, mass: mass, potential: potential))
        }
        try sample(state)
        let observer = try Simulation.Observer(every: max(1, steps / samples)) { try sample($0) }
        let simulation = Simulation(
            integrator: try VelocityVerlet(timeStep: timeStep, mass: mass), forceField: driving, bounds: bounds)
        let outcome = try simulation.run(&state, to: steps, observers: [observer], shouldStop: shouldStop)
        if outcome == .stopped { throw WorkflowInterrupted() }
        let (drift, driftError) = Self.slope(times, energies)
        return .init(times: times, energies: energies, drift: drift, driftError: driftError)
    }

    /// The slope of a line by least squares and its standard error by leaving out one block of neighbours at a time: energies of
    /// successive times are no independent samples, so that the scatter about the line is no error.
    ///
    /// NaN with fewer than two points, and of the error with fewer than three blocks of four.
    package static func slope(_ x: [Double], _ y: [Double]) -> (slope: Double, error: Double) {
        func slope(of kept: [Int]) -> Double {
            let count = Double(kept.count)
            let centerX = kept.reduce(0) { $0 + x[$1] } / count
            let centerY = kept.reduce(0) { $0 + y[$1] } / count
            let squares = kept.reduce(0) { $0 + (x[$1] - centerX) * (x[$1] - centerX) }
            return squares > 0 ? kept.reduce(0) { $0 + (x[$1] - centerX) * (y[$1] - centerY) } / squares : .nan
        }
        let all = Array(x.indices)
        let blocks = min(10, x.count / 4)
        guard blocks >= 3 else { return (slope(of: all), .nan) }
        let partial = (0..<blocks).map { block in slope(of: all.filter { $0 * blocks / x.count != block }) }
        return (slope(of: all), Double(blocks - 1) * Estimate(independent: partial).standardError)
    }
}
