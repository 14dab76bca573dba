import Communication
import ForceFields

/// Runs a trajectory: steps, observers at their intervals, a watch on divergence, an orderly stop.
///
/// Of a lattice that is spread over processes every rank runs the same simulation with its own domain: steps, observers, stops
/// and errors then come to all ranks together.
public struct Simulation: Sendable {
    /// Something done with the state after the steps at which it is due.
    public struct Observer {
        /// Whether it is due after the step of this number; asked once after every step, and on all ranks with the same answer.
        public let isDue: (Int) -> Bool
        /// Called with the state after the step; an error ends the run.
        public let observe: (PhaseSpaceState) throws -> Void

        /// Due after every step whose number is a multiple of `interval`.
        ///
        /// - Throws: ``DynamicsError/invalid(key:problem:)`` with `key` unless the interval is at least 1.
        public init(every interval: Int, key: String = "interval", _ observe: @escaping (PhaseSpaceState) throws -> Void) throws {
            guard interval >= 1 else { throw DynamicsError.invalid(key: key, problem: "\(interval); at least 1 step is needed") }
            self.init(when: { $0 % interval == 0 }, observe)
        }

        /// Due whenever `isDue` says so.
        public init(when isDue: @escaping (Int) -> Bool, _ observe: @escaping (PhaseSpaceState) throws -> Void) {
            self.isDue = isDue
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
    /// The processes that share the lattice.
    public let communicator: any Communicator

    /// A run that has not begun; ``run(_:to:observers:shouldStop:)`` is handed the state.
    public init(
        integrator: any Integrator, forceField: any ForceField, bounds: PhaseSpaceBounds = PhaseSpaceBounds(),
        checkInterval: Int = 16, communicator: any Communicator = SingleProcess()
    ) {
        precondition(checkInterval >= 1, "a look at the bounds every so many steps")
        self.integrator = integrator
        self.forceField = forceField
        self.bounds = bounds
        self.checkInterval = checkInterval
        self.communicator = communicator
    }

    /// Advances `state` to step `finalStep`, or until a stop is asked for.
    ///
    /// Observers are called in order after each step at which they are due; the starting state is not observed, so that a
    /// restarted run repeats no record. Runs may be cut anywhere: the bits do not change.
    ///
    /// - Parameters:
    ///   - state: the start; afterwards the last good state, whatever happens: if the run throws, the state before the
    ///     step that failed.
    ///   - finalStep: counted from the start of the trajectory, not of this run.
    ///   - observers: called in this order.
    ///   - shouldStop: asked before every step; all ranks stop if one is told to.
    ///   - progress: told the number of every step that was made.
    /// - Throws: ``DynamicsError/diverged(quantity:value:limit:step:site:)`` with the first step and site out of bounds; what
    ///   the force field throws; what an observer throws, the state being the one it was called with.
    public func run(
        _ state: inout PhaseSpaceState, to finalStep: Int, observers: [Observer] = [], shouldStop: () -> Bool = { false },
        progress: (Int) -> Void = { _ in }
    ) throws -> Outcome {
        try state.requireWithin(bounds, communicator: communicator)
        var good = LastGoodState(state)
        var isDue = observers.map { _ in false }
        while state.step < finalStep {
            if communicator.any(shouldStop()) {
                try check(&state, since: good)
                return .stopped
            }
            do { try integrator.step(&state, forceField: forceField) } catch {
                let divergence = divergence(in: state)
                try replay(&state, from: good)
                throw divergence ?? error
            }
            for index in observers.indices { isDue[index] = observers[index].isDue(state.step) }
            if isDue.contains(true) || state.step % checkInterval == 0 || state.step == finalStep {
                try check(&state, since: good)
                good.assign(state)
            }
            for (observer, isDue) in zip(observers, isDue) where isDue { try observer.observe(state) }
            progress(state.step)
        }
        return .finished
    }

    private func check(_ state: inout PhaseSpaceState, since good: LastGoodState) throws {
        do { try state.requireWithin(bounds, communicator: communicator) } catch {
            try replay(&state, from: good)
            throw error
        }
    }

    /// Why no force was found, if it is because the step has led out of bounds.
    private func divergence(in halfway: PhaseSpaceState) -> (any Error)? {
        var state = halfway
        state.step += 1
        do { try state.requireWithin(bounds, communicator: communicator) } catch { return error }
        return nil
    }

    /// Repeats the steps since the last look, which gives the same bits, and looks after each of them: throws the first
    /// divergence and leaves the state before it.
    private func replay(_ state: inout PhaseSpaceState, from good: LastGoodState) throws {
        let last = state.step
        try good.restore(&state, forceField: forceField)
        while state.step < last {
            var next = state
            try integrator.step(&next, forceField: forceField)
            try next.requireWithin(bounds, communicator: communicator)
            state = next
        }
    }
}
