/// When a long loop saves its state: every so many steps, every so much wall time, and when somebody asks.
///
/// Results do not depend on when a state is saved.
package final class CheckpointSchedule {
    /// Wall time that is lost at most where a recipe does not say.
    static let usualMinutes = 15.0

    private let interval: Int
    private let duration: Duration?
    private let interruption: Interruption
    private var saved = ContinuousClock.now

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
        // Asked first, for a request that is answered by a regular checkpoint is answered.
        let isRequested = interruption.isCheckpointRequested
        return isRequested || step % interval == 0 || duration.map { ContinuousClock.now - saved >= $0 } ?? false
    }

    /// To be called when the state is on the disk: the wall time counts from there.
    package func hasSaved() {
        saved = .now
    }
}
