import Foundation
import Synchronization

extension PoleExpansion {
    private struct CountRequest: Hashable {
        let count: Int
        let bound: Double
    }

    private static let knownCounts = Mutex<[CountRequest: PoleExpansion]>([:])

    /// The best expansion with `count` poles, for the bound rounded up to a power of 2^¼; what has been made once is kept.
    ///
    /// - Throws: ``PoleExpansionError``, also if the error is above `tolerance`.
    static func with(count: Int, bound: Double, tolerance: Double) throws -> PoleExpansion {
        let rounded = exp2((4 * log2(bound)).rounded(.up) / 4)
        let request = CountRequest(count: count, bound: max(bound, min(rounded, maximumBound)))
        let expansion = try knownCounts.withLock { $0[request] } ?? PoleExpansion(bound: request.bound, count: count)
        knownCounts.withLock { $0[request] = expansion }
        guard expansion.error <= tolerance else {
            throw PoleExpansionError.toleranceNotReachable(
                tolerance: tolerance, bound: request.bound, reached: expansion.error, poles: count)
        }
        return expansion
    }
}
