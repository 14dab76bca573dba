import Dynamics
import ForceFields
import LatticeNumerics
import Lattices
import Testing

@Suite struct ReproducibilityTests {
    func integrator(_ kind: IntegratorKind, threads: Int = 1) throws -> any Integrator {
        try kind.make(
            timeStep: 0.05, mass: 5, damping: 0.2, temperature: 0.1, seed: 77, pool: WorkerPool(threads: threads))
    }

    @Test(arguments: IntegratorKind.allCases)
    func restartGivesTheSameBits(kind: IntegratorKind) throws {
        let supercell = squareSupercell(9, 7)
        let forceField = ElasticForceField(supercell, stiffness: 1, neighborStiffness: 0.18)
        let hot = try HotStart(displacementVariance: 2, velocityVariance: 1, seed: 1)
        let start = try hot.state(on: supercell, forceField: forceField, tracksPotential: true)
        var whole = start
        for _ in 0..<50 { try integrator(kind).step(&whole, forceField: forceField) }
        #expect(whole.displacement != start.displacement)

        var first = start
        for _ in 0..<20 { try integrator(kind).step(&first, forceField: forceField) }
        // As a checkpoint restores it.
        var second = PhaseSpaceState(
            displacement: SiteField(supercell, values: first.displacement.values),
            velocity: SiteField(supercell, values: first.velocity.values),
            force: SiteField(supercell, values: first.force.values), step: first.step, seed: first.seed,
            potential: first.potential,
            tracksPotential: true)
        for _ in 0..<30 { try integrator(kind).step(&second, forceField: forceField) }
        #expect(second == whole)
        #expect(whole.step == 50)

        // The stored force is the force of the stored displacement.
        var recomputed = whole
        try recomputed.evaluateForce(forceField)
        #expect(recomputed == whole)
    }

    /// A force field that draws something at each step is handed the step of the displacement, and the seed, also where a run is
    /// gone on with, and where steps are repeated.
    @Test(arguments: IntegratorKind.allCases)
    func forcesAreThoseOfTheirStep(kind: IntegratorKind) throws {
        let (supercell, forceField) = (squareSupercell(6, 5), SteppedForce())
        let hot = try HotStart(displacementVariance: 2, velocityVariance: 1, seed: 3)
        var whole = try hot.state(on: supercell, forceField: forceField)
        for step in 0...30 {
            #expect(whole.step == step && whole.seed == 3)
            for site in 0..<30 {
                #expect(abs(whole.force[site] + whole.displacement[site] - 0.1 * Double(step) - 0.03) < 1e-12)
            }
            try integrator(kind).step(&whole, forceField: forceField)
        }
        let simulation = Simulation(integrator: try integrator(kind), forceField: forceField)
        var state = try hot.state(on: supercell, forceField: forceField)
        _ = try simulation.run(&state, to: 11)
        state = try PhaseSpaceState(
            displacement: state.displacement, velocity: state.velocity, forceField: forceField, step: state.step, seed: 3)
        _ = try simulation.run(&state, to: 31)
        #expect(state == whole)
        // The step that breaks a bound is found again, step by step, with the same forces.
        let rest = try PhaseSpaceState(
            displacement: SiteField(supercell), velocity: SiteField(supercell), forceField: forceField, seed: 3)
        state = rest
        _ = try simulation.run(&state, to: 31)
        let bound = state.displacement.values.map(abs).max()! * 0.999
        let bounded = Simulation(
            integrator: try integrator(kind), forceField: forceField, bounds: PhaseSpaceBounds(displacement: bound))
        state = rest
        #expect(throws: DynamicsError.self) { try bounded.run(&state, to: 31) }
        var again = rest
        for _ in 0..<state.step { try integrator(kind).step(&again, forceField: forceField) }
        #expect(state == again)
    }

    @Test(arguments: IntegratorKind.allCases)
    func threadsDoNotMatter(kind: IntegratorKind) throws {
        let supercell = squareSupercell(251, 157)  // several pieces, the last one odd
        let forceField = ElasticForceField(supercell, stiffness: 1, neighborStiffness: 0.18)
        let hot = try HotStart(displacementVariance: 2, velocityVariance: 1, seed: 1)
        let results = try [1, 2, 5].map { threads in
            var state = try hot.state(on: supercell, forceField: forceField)
            for _ in 0..<10 { try integrator(kind, threads: threads).step(&state, forceField: forceField) }
            return state
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test func noiseBelongsToSeedStepAndSite() throws {
        // Free particles at rest: after one step of the published scheme the velocity is the noise itself.
        func velocity(seed: UInt64, step: Int, width: Int) throws -> [Double] {
            let supercell = squareSupercell(width, 2)
            let forceField = HarmonicForce(stiffness: 0)
            var state = try PhaseSpaceState(
                displacement: SiteField(supercell), velocity: SiteField(supercell), forceField: forceField, step: step)
            try LangevinVelocityVerlet(timeStep: 0.1, mass: 1, damping: 1, temperature: 1, seed: seed)
                .step(&state, forceField: forceField)
            #expect(state.step == step + 1)
            return state.velocity.values
        }
        let reference = try velocity(seed: 1, step: 4, width: 6)
        #expect(reference.allSatisfy { $0 != 0 })
        #expect(try velocity(seed: 1, step: 4, width: 6) == reference)
        #expect(try Array(velocity(seed: 1, step: 4, width: 200)[..<12]) == reference)
        #expect(try velocity(seed: 1, step: 5, width: 6) != reference)
        #expect(try velocity(seed: 2, step: 4, width: 6) != reference)
    }

    @Test(arguments: IntegratorKind.allCases)
    func everyComponentOfAVectorMoves(kind: IntegratorKind) throws {
        let supercell = squareSupercell(5, 4)
        let hot = try HotStart(displacementVariance: 2, velocityVariance: 1, seed: 1)
        var state = try hot.state(on: supercell, kind: .polarVector, forceField: HarmonicForce())
        let start = state.displacement
        #expect(start.values.count == 40)
        try integrator(kind).step(&state, forceField: HarmonicForce())
        #expect(zip(state.displacement.values, start.values).allSatisfy { $0 != $1 })
    }

    @Test func potentialIsKeptOnlyWhenAskedFor() throws {
        let supercell = squareSupercell(4, 4)
        let forceField = ElasticForceField(supercell, stiffness: 1, neighborStiffness: 0.18)
        let hot = try HotStart(displacementVariance: 2, velocityVariance: 1, seed: 1)
        for tracks in [false, true] {
            var state = try hot.state(on: supercell, forceField: forceField, tracksPotential: tracks)
            try integrator(.baoab).step(&state, forceField: forceField)
            var forces = state.force
            let potential = try forceField.computeForcesAndPotential(at: state.displacement, into: &forces)
            #expect(state.potential == (tracks ? potential : nil))
        }
        let unknown = try hot.state(on: supercell, forceField: HarmonicForce(), tracksPotential: true)
        #expect(unknown.potential == nil)
    }
}
