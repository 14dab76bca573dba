/// When a long loop saves its state: every so many steps, every so much wall time, and when somebody asks.
///
/// Where steps are quick, a state that is due after so many of them waits until saving takes at most a tenth of the time, beyond the
/// first second of saving. Results do not depend on when a state is saved.
package final class CheckpointSchedule {
    private let interval: Int
    private let duration: Duration?
    private let interruption: Interruption
    private var saved = ContinuousClock.now
    /// What saving took the last time, and in all.
    private var (cost, spent) = (Duration.zero, Duration.zero)
    private var isWaiting = false

    /// The part of the time that saving after so many steps takes at most.
    private static let share = 0.1
    /// What saving may take in all before that.
    private static let allowance = Duration.seconds(1)

    /// - Parameters:
    ///   - interval: steps between two checkpoints, at least 1.
    ///   - minutes: wall time between two checkpoints; 0: any.
    ///   - interruption: what may ask for one.
    package init(interval: Int, minutes: Double, interruption: Interruption) {
        precondition(interval >= 1, "a checkpoint every so many steps")
        self.interval = interval
        duration = minutes > 0 ? .seconds(60 * minutes) : nil
        self.interruption = interruption
    }

    /// Whether the state after this step is to be saved. To be asked after every step; where several processes share the work,
    /// by one of them, for clocks and signals differ.
    package func isDue(at step: Int) -> Bool {
        if step % interval == 0 { isWaiting = true }
        // Asked always, for a request that is answered by a regular checkpoint is answered.
        let isRequested = interruption.isCheckpointRequested
        let passed = ContinuousClock.now - saved
        let isAffordable = spent < Self.allowance || passed >= cost / Self.share
        return isRequested || (isWaiting && isAffordable) || duration.map { passed >= $0 } ?? false
    }

    /// Saves the state. The wall time until the next time counts from the end.
    package func save(_ body: () throws -> Void) rethrows {
        let start = ContinuousClock.now
        try body()
        saved = .now
        cost = saved - start
        spent += cost
        isWaiting = false
    }
}
