import ForceFields

/// Runs a trajectory: steps, observers at their intervals, a watch on divergence, an orderly stop.
public struct Simulation: Sendable {
    /// Something done with the state after every step whose number is a multiple of `interval`.
    public struct Observer {
        /// Steps between two calls.
        public let interval: Int
        /// Called with the state after the step; an error ends the run.
        public let observe: (PhaseSpaceState) throws -> Void

        /// - Throws: ``DynamicsError/invalid(key:problem:)`` with `key` unless the interval is at least 1.
        public init(every interval: Int, key: String = "interval", _ observe: @escaping (PhaseSpaceState) throws -> Void) throws {
            guard interval >= 1 else { throw DynamicsError.invalid(key: key, problem: "\(interval); at least 1 step is needed") }
            self.interval = interval
            self.observe = observe
        }
    }

    /// Why a run ended.
    public enum Outcome: Sendable, Equatable {
        /// The last step was made.
        case finished
        /// A stop was asked for between two steps.
        case stopped
    }

    /// The rule of a step.
    public let integrator: any Integrator
    /// The forces, exact or learned, elastic part included.
    public let forceField: any ForceField
    /// What counts as divergence.
    public let bounds: PhaseSpaceBounds
    /// Steps between two looks at the bounds; observers and the end of the run always see a state that was looked at.
    public let checkInterval: Int

    /// A run that has not begun; ``run(_:to:observers:shouldStop:)`` is handed the state.
    public init(
        integrator: any Integrator, forceField: any ForceField, bounds: PhaseSpaceBounds = PhaseSpaceBounds(),
        checkInterval: Int = 16
    ) {
        precondition(checkInterval >= 1, "a look at the bounds every so many steps")
        self.integrator = integrator
        self.forceField = forceField
        self.bounds = bounds
        self.checkInterval = checkInterval
    }

    /// Advances `state` to step `finalStep`, or until a stop is asked for.
    ///
    /// Observers are called in order after each step that is a multiple of their interval; the starting state is not
    /// observed, so that a restarted run repeats no record. Runs may be cut anywhere: the bits do not change.
    ///
    /// - Parameters:
    ///   - state: the start; afterwards the last good state, whatever happens: if the run throws, the state before the
    ///     step that failed.
    ///   - finalStep: counted from the start of the trajectory, not of this run.
    ///   - observers: called in this order.
    ///   - shouldStop: asked before every step.
    /// - Throws: ``DynamicsError/diverged(quantity:value:limit:step:site:)`` with the first step and site out of bounds; what
    ///   the force field throws; what an observer throws, the state being the one it was called with.
    public func run(
        _ state: inout PhaseSpaceState, to finalStep: Int, observers: [Observer] = [], shouldStop: () -> Bool = { false }
    ) throws -> Outcome {
        try state.requireWithin(bounds)
        var good = state
        while state.step < finalStep {
            if shouldStop() {
                try check(&state, since: good)
                return .stopped
            }
            do { try integrator.step(&state, forceField: forceField) } catch {
                try replay(&state, from: good)
                throw error
            }
            let due = observers.filter { state.step % $0.interval == 0 }
            if !due.isEmpty || state.step % checkInterval == 0 || state.step == finalStep {
                try check(&state, since: good)
                good.assign(state)
            }
            for observer in due { try observer.observe(state) }
        }
        return .finished
    }

    private func check(_ state: inout PhaseSpaceState, since good: PhaseSpaceState) throws {
        do { try state.requireWithin(bounds) } catch {
            try replay(&state, from: good)
            throw error
        }
    }

    /// Repeats the steps since the last look, which gives the same bits, and looks after each of them: throws the first
    /// divergence and leaves the state before it.
    private func replay(_ state: inout PhaseSpaceState, from good: PhaseSpaceState) throws {
        let last = state.step
        state = good
        while state.step < last {
            var next = state
            try integrator.step(&next, forceField: forceField)
            try next.requireWithin(bounds)
            state = next
        }
    }
}
