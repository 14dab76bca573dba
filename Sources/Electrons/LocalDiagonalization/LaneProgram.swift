/// A sequence of instructions, the same for every group of cells of a lattice.
struct LaneProgram: Sendable {
    /// What a plane holds.
    enum Plane: Hashable, Sendable {
        /// ε_i of a basis site.
        case energy(basis: Int)
        /// The messages of a level, of one kind: see ``CavityMessages``. Levels of one set take turns in the same memory.
        case message(set: Int, kind: Int)
        /// How the logarithm of the determinant depends on the messages of a level, of one kind.
        case response(set: Int, kind: Int)
        /// Σ_k w_k Re G_ii of a basis site.
        case result(basis: Int)
        /// |det|² of a cell's share of the lattice.
        case determinant

        /// Real planes it takes.
        var parts: Int {
            switch self {
            case .energy, .result, .determinant: 1
            case .message, .response: 2
            }
        }
    }

    /// A plane of a cell of every group.
    struct MemberPlane: Hashable, Sendable {
        let plane: Plane
        /// The number of the cell in its group.
        let member: Int
    }

    /// A plane, and a group of cells relative to the one whose program it is.
    struct Location: Hashable, Sendable {
        let plane: MemberPlane
        let group: [Int]
    }

    /// In the order they are executed, slots 0..<``slotCount``.
    let instructions: [LaneInstruction]
    /// Slots in use at the same time.
    let slotCount: Int

    /// Real additions, multiplications and divisions a group and pole.
    var operations: Int { instructions.reduce(0) { $0 + $1.operations } }

    /// Puts values into slots.
    ///
    /// - Parameter instructions: with every value in a slot of its own, written once. What nothing uses is left out.
    init(_ instructions: [LaneInstruction]) {
        var used: Set<Int32> = []
        let instructions = Array(
            instructions.reversed().filter { instruction in
                if let result = instruction.result, !used.contains(result) { return false }
                used.formUnion(instruction.operands)
                return true
            }.reversed())
        var lastUse: [Int32: Int] = [:]
        for (time, instruction) in instructions.enumerated() {
            for operand in instruction.operands { lastUse[operand] = time }
        }
        var slots: [Int32: Int32] = [:]
        var free: [Int32] = []
        var count: Int32 = 0
        self.instructions = instructions.enumerated().map { time, instruction in
            // All lanes of the operands are read before the result is written, so it may take the slot of one that dies.
            for operand in Set(instruction.operands).sorted() where lastUse[operand] == time { free.append(slots[operand]!) }
            if let result = instruction.result {
                if free.isEmpty {
                    free.append(count)
                    count += 1
                }
                slots[result] = free.removeLast()
            }
            return instruction.map { slots[$0]! }
        }
        slotCount = Int(count)
    }
}
