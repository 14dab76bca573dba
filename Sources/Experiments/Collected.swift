import Synchronization

/// Results that come from several threads in any order, kept in the order of the work.
package final class Collected<Value: Sendable>: Sendable {
    private let state: Mutex<(values: [Value?], done: Int)>

    package init(count: Int) {
        state = Mutex(([Value?](repeating: nil, count: count), 0))
    }

    /// - Returns: how many results there are now.
    @discardableResult
    package func set(_ value: Value, at index: Int) -> Int {
        state.withLock { state in
            precondition(state.values[index] == nil, "each result once")
            state.values[index] = value
            state.done += 1
            return state.done
        }
    }

    /// All results, once they are there.
    package var values: [Value] { state.withLock { $0.values.map { $0! } } }
}
