import CFFTW
import Foundation

/// What the plans of FFTW have in common.
///
/// Plans are estimated, not measured, so that the same input gives the same bits in every run.
enum FourierPlanner {
    /// FFTW_ESTIMATE = 1 << 6, a macro that Swift does not import.
    static let estimate: UInt32 = 1 << 6
    /// FFTW's planner is not thread-safe; executing a plan is.
    private static let lock = NSLock()

    /// Makes or destroys plans, one thread at a time.
    static func withLock<Result>(_ body: () -> Result) -> Result { lock.withLock(body) }
}
