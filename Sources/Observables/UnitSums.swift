import Communication
import LatticeNumerics

/// Sums over all units of a partition whose bits do not depend on how many ranks share the units: each unit has its own partial
/// sums, which are added pairwise in a tree that depends on the number of units alone.
final class UnitSums {
    private let partition: UnitPartition
    private let communicator: any Communicator
    /// How many sums are made together.
    let count: Int
    /// Partial sums to rank 0, and totals back; in the memory below, which goes after them.
    private let parts: MessageSet
    private let totals: MessageSet
    /// On rank 0 partial sums of all units, elsewhere those of own units.
    private let memory: AlignedMemory
    private let result: AlignedMemory

    /// Plans the messages.
    init(_ partition: UnitPartition, communicator: any Communicator, count: Int) {
        self.partition = partition
        self.communicator = communicator
        self.count = count
        let own = communicator.rank
        let memory = AlignedMemory(count: (own == 0 ? partition.unitCount : partition.units(of: own).count) * count)
        let result = AlignedMemory(count: count)
        let whole = UnsafeMutableBufferPointer(start: result.start, count: count)
        self.memory = memory
        self.result = result
        if own == 0 {
            parts = MessageSet(
                sent: [],
                received: (1..<communicator.size).filter { !partition.units(of: $0).isEmpty }.map { rank in
                    let units = partition.units(of: rank)
                    return MessageSet.Message(
                        rank: rank, tag: 0,
                        values: UnsafeMutableBufferPointer(
                            start: memory.start + units.lowerBound * count, count: units.count * count))
                })
            totals = MessageSet(
                sent: (1..<communicator.size).map { MessageSet.Message(rank: $0, tag: 0, values: whole) }, received: [])
        } else {
            let all = UnsafeMutableBufferPointer(start: memory.start, count: memory.count)
            parts = MessageSet(sent: all.isEmpty ? [] : [MessageSet.Message(rank: 0, tag: 0, values: all)], received: [])
            totals = MessageSet(sent: [], received: [MessageSet.Message(rank: 0, tag: 0, values: whole)])
        }
    }

    /// Units of this rank.
    private var units: Range<Int> { partition.units(of: communicator.rank) }

    /// The totals over all units, on all ranks.
    ///
    /// - Parameter body: adds the partial sums of a unit of this rank to zeros; called by the threads of the pool.
    func total(_ pool: WorkerPool, _ body: @Sendable (_ unit: Int, _ partial: UnsafeMutablePointer<Double>) -> Void)
        -> [Double]
    {
        prepare()
        let first = units.lowerBound
        pool.forEach(count: units.count) { [memory, count] index, _ in body(first + index, memory.start + index * count) }
        return total()
    }

    /// Sets the partial sums of own units to zero.
    func prepare() { memory.start.update(repeating: 0, count: units.count * count) }

    /// The partial sums of a unit of this rank, to be added to after ``prepare()``.
    func partial(ofUnit unit: Int) -> UnsafeMutablePointer<Double> { memory.start + (unit - units.lowerBound) * count }

    /// Adds the partial sums of all ranks.
    func total() -> [Double] {
        communicator.begin(parts)
        communicator.finish(parts)
        if communicator.rank == 0 {
            addPairwise()
            result.start.update(from: memory.start, count: count)
        }
        communicator.begin(totals)
        communicator.finish(totals)
        return (0..<count).map { result.start[$0] }
    }

    /// Adds neighbours, then neighbouring pairs, and so on; the totals are left in the first unit.
    private func addPairwise() {
        var distance = 1
        while distance < partition.unitCount {
            for unit in stride(from: 0, to: partition.unitCount - distance, by: 2 * distance) {
                let (target, source) = (memory.start + unit * count, memory.start + (unit + distance) * count)
                for k in 0..<count { target[k] += source[k] }
            }
            distance *= 2
        }
    }
}
