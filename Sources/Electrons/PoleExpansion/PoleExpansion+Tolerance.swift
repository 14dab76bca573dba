import Foundation
import Synchronization

extension PoleExpansion {
    private struct Request: Hashable {
        let tolerance: Double
        let bound: Double
        let countMultiple: Int
    }

    private static let known = Mutex<[Request: PoleExpansion]>([:])

    /// The expansion with the fewest poles whose error is at most `tolerance` on |x| ≤ `bound`, their number a multiple of
    /// `countMultiple` (the lanes of a vector, say).
    ///
    /// The bound is rounded up to a power of 2^¼ first, so that bounds that differ little share one expansion; what has been
    /// made once is kept. The result does not depend on what was asked for before.
    ///
    /// - Throws: ``PoleExpansionError`` if an argument is out of range or double precision cannot reach the tolerance: about
    ///   10⁻¹³ is the limit.
    public static func meeting(tolerance: Double, bound: Double, countMultiple: Int = 1) throws -> PoleExpansion {
        guard tolerance > 0, tolerance.isFinite else { throw PoleExpansionError.impossibleTolerance(tolerance) }
        guard bound > 0, bound <= maximumBound else {
            throw PoleExpansionError.impossibleBound(bound, largest: maximumBound)
        }
        guard (1...maximumCount).contains(countMultiple) else {
            throw PoleExpansionError.impossibleCount(countMultiple, largest: maximumCount)
        }
        let request = Request(tolerance: tolerance, bound: roundedUp(bound), countMultiple: countMultiple)
        if let known = known.withLock({ $0[request] }) { return known }
        let expansion = try smallest(request, asked: bound)
        known.withLock { $0[request] = expansion }
        return expansion
    }

    /// The next power of 2^¼, but not beyond the largest bound; the smallest bounds share one.
    private static func roundedUp(_ bound: Double) -> Double {
        let exponent = (4 * log2(max(bound, 1e-6))).rounded(.up)
        let power = exp2(exponent / 4)
        return min(power < bound ? exp2((exponent + 1) / 4) : power, maximumBound)
    }

    /// Starts from an estimate of the number of poles and walks to the smallest that suffices.
    private static func smallest(_ request: Request, asked bound: Double) throws -> PoleExpansion {
        let multiple = request.countMultiple
        let largest = maximumCount / multiple * multiple
        func expansion(_ count: Int) throws -> PoleExpansion { try PoleExpansion(bound: request.bound, count: count) }

        let estimate = max(log(2) - log(request.tolerance), 0) * log(request.bound + 3) / (Double.pi * Double.pi)
        var count = min(max(Int(estimate) / multiple, 1) * multiple, largest)
        var current = try expansion(count)
        if current.error <= request.tolerance {
            while count > multiple {
                let fewer = try expansion(count - multiple)
                guard fewer.error <= request.tolerance else { break }
                (current, count) = (fewer, count - multiple)
            }
            return current
        }
        while current.error > request.tolerance {
            // More poles do not help where these already reach the limit of double precision on a larger interval.
            guard count < largest, current.bound == request.bound else {
                throw PoleExpansionError.toleranceNotReachable(
                    tolerance: request.tolerance, bound: bound, reached: current.error, poles: count)
            }
            count += multiple
            current = try expansion(count)
        }
        return current
    }
}
