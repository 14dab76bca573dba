import Dynamics
import ForceFields
import Lattices
import Testing

@Suite struct VelocityVerletTests {
    let supercell = squareSupercell(12, 10)

    func start() throws -> (PhaseSpaceState, ElasticForceField) {
        let forceField = ElasticForceField(supercell, stiffness: 1, neighborStiffness: 0.18)
        let state = try HotStart(displacementVariance: 2, velocityVariance: 0.5, seed: 11)
            .state(on: supercell, forceField: forceField, tracksPotential: true)
        return (state, forceField)
    }

    func energy(_ state: PhaseSpaceState, mass: Double) -> Double {
        mass / 2 * state.velocity.values.reduce(0) { $0 + $1 * $1 } + state.potential!
    }

    /// The largest departure of the energy from its start over 60 units of time.
    func energyError(timeStep: Double) throws -> Double {
        var (state, forceField) = try start()
        let integrator = try VelocityVerlet(timeStep: timeStep, mass: 5)
        let first = energy(state, mass: 5)
        var largest = 0.0
        while integrator.time(of: state) < 60 {
            try integrator.step(&state, forceField: forceField)
            largest = max(largest, abs(energy(state, mass: 5) - first))
        }
        return largest / first
    }

    @Test func energyErrorIsOfSecondOrder() throws {
        let errors = try [0.2, 0.1, 0.05].map(energyError)
        #expect(errors[0] > 1e-5)
        #expect(errors[0] < 1e-2)
        for (coarse, fine) in zip(errors, errors.dropFirst()) { #expect((3.6...4.4).contains(coarse / fine)) }
    }

    /// A lattice of quartic oscillators: the energy oscillates by an amount of order Δt² and does not drift.
    @Test func energyOfAnAnharmonicLatticeDoesNotDrift() throws {
        let forceField = AnharmonicForceField(
            squareSupercell(12, 12), blockSide: 12, stiffness: 1, quartic: 1, neighborStiffness: 0.18)
        func run(timeStep: Double) throws -> (fluctuation: Double, drift: Double, driftError: Double) {
            let integrator = try VelocityVerlet(timeStep: timeStep, mass: 2)
            var state = try HotStart(displacementVariance: 0.4, velocityVariance: 0.3, seed: 3)
                .state(on: squareSupercell(12, 12), forceField: forceField, tracksPotential: true)
            var points: [(x: Double, y: Double, weight: Double)] = []
            while integrator.time(of: state) < 400 {
                try integrator.step(&state, forceField: forceField)
                points.append((integrator.time(of: state), energy(state, mass: 2) / 144, 1))
            }
            let mean = Statistics.mean(points.map(\.y))
            let fluctuation = Statistics.meanSquare(points.map { $0.y - mean }).squareRoot()
            let (slope, error) = Statistics.slope(points)
            return (fluctuation, slope, error * fluctuation)
        }
        let (coarse, fine) = try (run(timeStep: 0.1), run(timeStep: 0.05))
        #expect((3.5...4.5).contains(coarse.fluctuation / fine.fluctuation))
        #expect(fine.fluctuation > 1e-6)
        for run in [coarse, fine] { #expect(abs(run.drift) * 400 < run.fluctuation) }
    }

    @Test func reversedVelocitiesLeadBack() throws {
        var (state, forceField) = try start()
        let first = state
        let integrator = try VelocityVerlet(timeStep: 0.1, mass: 5)
        for _ in 0..<300 { try integrator.step(&state, forceField: forceField) }
        #expect(zip(state.displacement.values, first.displacement.values).map { abs($0 - $1) }.max()! > 1)
        for k in state.velocity.values.indices { state.velocity.values[k] *= -1 }
        for _ in 0..<300 { try integrator.step(&state, forceField: forceField) }
        #expect(zip(state.displacement.values, first.displacement.values).map { abs($0 - $1) }.max()! < 1e-11)
        #expect(zip(state.velocity.values, first.velocity.values).map { abs($0 + $1) }.max()! < 1e-11)
    }

    @Test func oneOscillatorFollowsItsClosedForm() throws {
        let (mass, stiffness, timeStep) = (2.0, 3.0, 0.4)
        let forceField = HarmonicForce(stiffness: stiffness)
        let integrator = try VelocityVerlet(timeStep: timeStep, mass: mass)
        let one = squareSupercell(1, 1)
        var state = try PhaseSpaceState(
            displacement: SiteField(one, repeating: 1), velocity: SiteField(one), forceField: forceField)
        // x_n = cos nθ with cos θ = 1 − ω²Δt²/2, here by the recurrence x_{n+1} = 2 cos θ x_n − x_{n−1}.
        let cosine = 1 - stiffness / mass * timeStep * timeStep / 2
        var (before, now) = (cosine, 1.0)
        for _ in 0..<100 {
            (before, now) = (now, 2 * cosine * now - before)
            try integrator.step(&state, forceField: forceField)
            #expect(abs(state.displacement[0] - now) < 1e-12)
        }
    }

    @Test(arguments: [IntegratorKind.langevinVelocityVerlet, .baoab])
    func thermostatsWithoutDampingAreVelocityVerlet(kind: IntegratorKind) throws {
        var (state, forceField) = try start()
        var reference = state
        let newton = try VelocityVerlet(timeStep: 0.1, mass: 5)
        let langevin = try kind.make(timeStep: 0.1, mass: 5, damping: 0, temperature: 0.3, seed: 4)
        for _ in 0..<50 {
            try newton.step(&reference, forceField: forceField)
            try langevin.step(&state, forceField: forceField)
        }
        #expect(zip(state.displacement.values, reference.displacement.values).map { abs($0 - $1) }.max()! < 1e-12)
        #expect(zip(state.velocity.values, reference.velocity.values).map { abs($0 - $1) }.max()! < 1e-12)
    }
}
