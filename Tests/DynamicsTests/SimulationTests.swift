import Dynamics
import ForceFields
import Lattices
import Testing

/// A constant push on every site that turns into NaN, or into an error, once site `site` has passed 1.
private struct TrappedForce: ForceField {
    struct Failure: Error {}
    var site = 7
    var throwsError = false

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        for k in forces.values.indices { forces.values[k] = k == site ? 1 : 0.01 }
        guard displacement[site] > 1 else { return }
        if throwsError { throw Failure() }
        forces.values[site] = .nan
    }
}

@Suite struct SimulationTests {
    let supercell = squareSupercell(4, 3)

    func integrator() throws -> any Integrator {
        try LangevinVelocityVerlet(timeStep: 0.1, mass: 1, damping: 0.1, temperature: 1e-4, seed: 1)
    }

    /// The state of a trajectory by plain steps.
    func reference(steps: Int, forceField: any ForceField) throws -> PhaseSpaceState {
        var state = try PhaseSpaceState.rest(supercell, forceField: forceField)
        for _ in 0..<steps { try integrator().step(&state, forceField: forceField) }
        return state
    }

    @Test(arguments: [1, 4, 16, 1000])
    func notANumberStopsAtTheStateBefore(checkInterval: Int) throws {
        var plain = try PhaseSpaceState.rest(supercell, forceField: TrappedForce())
        var failing = 0
        while plain.force.firstNonFiniteSite == nil {
            try integrator().step(&plain, forceField: TrappedForce())
            failing += 1
        }
        #expect(failing > 10)

        let simulation = Simulation(integrator: try integrator(), forceField: TrappedForce(), checkInterval: checkInterval)
        var state = try PhaseSpaceState.rest(supercell, forceField: TrappedForce())
        var observed: [Int] = []
        let observer = try Simulation.Observer(every: 5) { state in
            #expect(state.velocity.firstNonFiniteSite == nil)
            observed.append(state.step)
        }
        do {
            _ = try simulation.run(&state, to: 500, observers: [observer])
            Issue.record("no error")
        } catch DynamicsError.diverged(_, let value, _, let step, let site) {
            #expect(value.isNaN)
            #expect(step == failing)
            #expect(site == 7)
        }
        #expect(state == (try reference(steps: failing - 1, forceField: TrappedForce())))
        #expect(observed == Array(stride(from: 5, to: failing, by: 5)))
    }

    @Test func aFailingForceLeavesTheStateBefore() throws {
        let forceField = TrappedForce(throwsError: true)
        let simulation = Simulation(integrator: try integrator(), forceField: forceField)
        var state = try PhaseSpaceState.rest(supercell, forceField: forceField)
        #expect(throws: TrappedForce.Failure.self) { _ = try simulation.run(&state, to: 500) }
        #expect(state.step > 10)
        #expect(state == (try reference(steps: state.step, forceField: forceField)))
    }

    @Test func anUnstableTimeStepIsNamed() throws {
        let forceField = HarmonicForce(stiffness: 1)
        let simulation = Simulation(
            integrator: try VelocityVerlet(timeStep: 3, mass: 1), forceField: forceField,
            bounds: PhaseSpaceBounds(displacement: 100))
        var displacement = SiteField(supercell)
        displacement[5] = 1
        var state = try PhaseSpaceState(displacement: displacement, velocity: SiteField(supercell), forceField: forceField)
        do {
            _ = try simulation.run(&state, to: 500)
            Issue.record("no error")
        } catch let error as DynamicsError {
            guard case .diverged(let quantity, let value, let limit, let step, let site) = error else { throw error }
            #expect(quantity == "displacement")
            #expect(site == 5)
            #expect(step == state.step + 1)
            #expect(abs(value) > limit)
            #expect(limit == 100)
            #expect(error.description.contains("step \(step), site 5"))
        }
        #expect(abs(state.displacement[5]) <= 100)
        #expect(abs(state.displacement[5]) > 1)
    }

    @Test func aBadStartIsRefused() throws {
        var displacement = SiteField(supercell)
        displacement[2] = .infinity
        var state = PhaseSpaceState(displacement: displacement, velocity: SiteField(supercell), force: SiteField(supercell))
        let simulation = Simulation(integrator: try integrator(), forceField: HarmonicForce())
        #expect(throws: DynamicsError.self) { _ = try simulation.run(&state, to: 1) }
        #expect(state.step == 0)
    }

    @Test func observersComeAtTheirIntervalsAndNotAtTheStart() throws {
        let simulation = Simulation(integrator: try integrator(), forceField: HarmonicForce())
        var state = try PhaseSpaceState.rest(supercell, forceField: HarmonicForce())
        var calls: [String] = []
        let observers = try [(3, "a"), (4, "b")].map { interval, name in
            try Simulation.Observer(every: interval) { calls.append(name + String($0.step)) }
        }
        #expect(try simulation.run(&state, to: 6, observers: observers) == .finished)
        #expect(try simulation.run(&state, to: 12, observers: observers) == .finished)
        #expect(calls == ["a3", "b4", "a6", "b8", "a9", "a12", "b12"])
        #expect(state == (try reference(steps: 12, forceField: HarmonicForce())))
        #expect(throws: DynamicsError.self) { try Simulation.Observer(every: 0) { _ in } }
    }

    @Test func aStopKeepsTheBits() throws {
        let simulation = Simulation(integrator: try integrator(), forceField: HarmonicForce())
        var state = try PhaseSpaceState.rest(supercell, forceField: HarmonicForce())
        var asked = 0
        let outcome = try simulation.run(&state, to: 40) {
            asked += 1
            return asked == 14
        }
        #expect(outcome == .stopped)
        #expect(state.step == 13)
        #expect(try simulation.run(&state, to: 40) == .finished)
        #expect(state == (try reference(steps: 40, forceField: HarmonicForce())))
    }

    @Test func anObserverThatFailsEndsTheRun() throws {
        struct DiskFull: Error {}
        let simulation = Simulation(integrator: try integrator(), forceField: HarmonicForce())
        var state = try PhaseSpaceState.rest(supercell, forceField: HarmonicForce())
        let observer = try Simulation.Observer(every: 7) { _ in throw DiskFull() }
        #expect(throws: DiskFull.self) { _ = try simulation.run(&state, to: 40, observers: [observer]) }
        #expect(state == (try reference(steps: 7, forceField: HarmonicForce())))
    }
}
