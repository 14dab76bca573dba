import Electrons
import Foundation
import Testing

@Suite struct PoleExpansionErrorTests {
    @Test(arguments: [0, -1, .infinity, .nan, 1e13])
    func impossibleBounds(bound: Double) {
        #expect(throws: PoleExpansionError.self) { try PoleExpansion(bound: bound, count: 4) }
        #expect(throws: PoleExpansionError.self) { try PoleExpansion.meeting(tolerance: 1e-6, bound: bound) }
    }

    @Test func impossibleCounts() {
        for count in [-1, 0, 65, Int.max] {
            let expected = PoleExpansionError.impossibleCount(count, largest: 64)
            #expect(throws: expected) { try PoleExpansion(bound: 10, count: count) }
            #expect(throws: expected) { try PoleExpansion.meeting(tolerance: 1e-6, bound: 10, countMultiple: count) }
        }
    }

    @Test(arguments: [0, -1e-6, .infinity, .nan])
    func impossibleTolerances(tolerance: Double) {
        #expect(throws: PoleExpansionError.self) { try PoleExpansion.meeting(tolerance: tolerance, bound: 10) }
    }

    /// Double precision ends near 10⁻¹³; at the largest bound the number of poles ends first.
    @Test(arguments: [(1e-15, 600.0), (.leastNonzeroMagnitude, 1), (1e-13, 1e12)])
    func unreachableTolerance(tolerance: Double, bound: Double) throws {
        do {
            _ = try PoleExpansion.meeting(tolerance: tolerance, bound: bound)
            Issue.record("a tolerance of \(tolerance) was met")
        } catch PoleExpansionError.toleranceNotReachable(let asked, let interval, let reached, let poles) {
            #expect(asked == tolerance && interval == bound)
            #expect(reached > tolerance && reached < 1e-9)
            #expect((1...64).contains(poles))
        }
    }

    @Test func messagesNameTheValues() {
        let error = PoleExpansionError.toleranceNotReachable(tolerance: 1e-15, bound: 600, reached: 8e-14, poles: 17)
        for value in ["1e-15", "600", "8e-14", "17"] { #expect(error.description.contains(value)) }
    }
}
