import Foundation

/// The elimination and inversion of H − μ − i a_k k_BT for eight poles at once.
///
/// `@unchecked Sendable`: tasks write to ranges of their own, and the caller orders those that depend on one another.
final class PoleGroup: @unchecked Sendable {
    /// What a task has found out beside the inverse.
    struct TaskResult {
        /// Σ ln |pivot|², the task's part of ln |det|².
        var logarithm = SIMD8<Double>.zero
        /// The largest |row of matrix × inverse − unit vector|² in the diagonal elements of the leaves.
        var residual = SIMD8<Double>.zero
        /// A column of the first front whose pivots vanish or are not finite.
        var singularSite: Int?

        mutating func add(residual other: SIMD8<Double>) {
            // Not a number counts as largest.
            residual.replace(with: other, where: .!(other .<= residual))
        }
    }

    /// a_k k_BT and k_BT w_k.
    private(set) var shifts = SIMD8<Double>.zero
    private(set) var weights = SIMD8<Double>.zero
    /// This group's part of k_BT Σ_k w_k Re Z_ii and Re Z_ij, by site and by bond.
    let diagonal: UnsafeMutableBufferPointer<Double>
    let bonds: UnsafeMutableBufferPointer<Double>
    /// One a subtree, then that of the top.
    private let results: UnsafeMutableBufferPointer<TaskResult>

    private let structure: FrontalMatrices
    private let panels: UnsafeMutablePointer<Lanes>
    private let interface: UnsafeMutablePointer<Lanes>
    private let topMemory: UnsafeMutablePointer<Lanes>

    init(_ structure: FrontalMatrices) {
        self.structure = structure
        panels = .allocate(capacity: structure.panelCount)
        interface = .allocate(capacity: max(1, structure.interfaceCount))
        topMemory = .allocate(capacity: max(1, structure.top.memory))
        diagonal = .allocate(capacity: structure.graph.cells.count)
        bonds = .allocate(capacity: structure.graph.bondCount)
        results = .allocate(capacity: structure.subtrees.count + 1)
        results.initialize(repeating: TaskResult())
    }

    deinit {
        panels.deallocate()
        interface.deallocate()
        topMemory.deallocate()
        diagonal.deallocate()
        bonds.deallocate()
        results.deallocate()
    }

    /// Begins with another set of poles.
    func prepare(shifts: SIMD8<Double>, weights: SIMD8<Double>) {
        (self.shifts, self.weights) = (shifts, weights)
        results.update(repeating: TaskResult())
    }

    /// The sum of what the tasks found, in the order of the tasks.
    var result: TaskResult {
        results.reduce(into: TaskResult()) { sum, task in
            sum.logarithm += task.logarithm
            sum.add(residual: task.residual)
            sum.singularSite = sum.singularSite ?? task.singularSite
        }
    }

    /// Eliminates the fronts of a subtree, in memory of the calling thread.
    func eliminateSubtree(_ index: Int, _ matrix: SiteEnergies, memory: UnsafeMutablePointer<Lanes>) {
        eliminate(structure.subtrees[index], matrix, memory: memory, result: &results[index])
    }

    /// Eliminates the fronts above the subtrees, and inverts on them down to the boundaries of the subtrees.
    func solveTop(_ matrix: SiteEnergies) {
        eliminate(structure.top, matrix, memory: topMemory, result: &results[structure.subtrees.count])
        for index in structure.top.fronts.reversed() {
            invert(structure.fronts[index], memory: topMemory)
            for child in structure.fronts[index].children where structure.fronts[child].isSubtreeRoot {
                let front = structure.fronts[child]
                gather(front, from: topMemory, into: LanesMatrix(interface + front.updateOffset, width: front.boundary.count))
            }
        }
    }

    /// Inverts on the fronts of a subtree, in memory of the calling thread, after the top.
    func invertSubtree(_ index: Int, _ matrix: SiteEnergies, memory: UnsafeMutablePointer<Lanes>) {
        for front in structure.subtrees[index].fronts.reversed().lazy.map({ self.structure.fronts[$0] }) {
            invert(front, memory: memory)
            if front.isLeaf { results[index].add(residual: residual(of: front, matrix, memory: memory)) }
        }
    }

    // MARK: Elimination

    private func eliminate(
        _ task: FrontalMatrices.Task, _ matrix: SiteEnergies, memory: UnsafeMutablePointer<Lanes>, result: inout TaskResult
    ) {
        var determinant = RunningLogarithm()
        for index in task.fronts {
            let front = structure.fronts[index]
            let a = LanesMatrix(memory + front.frontOffset, width: front.width)
            assemble(front, matrix, memory: memory, into: a)
            if !factor(front, a, determinant: &determinant), result.singularSite == nil { result.singularSite = front.columns[0] }
            let update = LanesMatrix(updateMemory(front, memory) + front.updateOffset, width: front.boundary.count)
            let schurComplement = a.from(row: front.columns.count, column: front.columns.count)
            for row in front.boundary.indices { for column in 0...row { update[row, column] = schurComplement[row, column] } }
        }
        result.logarithm = determinant.value
    }

    private func updateMemory(_ front: FrontalMatrices.Front, _ memory: UnsafeMutablePointer<Lanes>) -> UnsafeMutablePointer<
        Lanes
    > {
        front.isSubtreeRoot ? interface : memory
    }

    /// The elements of the matrix in the front's columns, and the children's Schur complements.
    private func assemble(
        _ front: FrontalMatrices.Front, _ matrix: SiteEnergies, memory: UnsafeMutablePointer<Lanes>, into a: LanesMatrix
    ) {
        for row in 0..<front.size { for column in 0...row { a[row, column] = .zero } }
        for (column, site) in front.columns.enumerated() {
            a[column, column] = Lanes(real: SIMD8(repeating: matrix.energies[site]), imaginary: -shifts)
        }
        for bond in front.bonds { a.add(-matrix.hopping, at: bond.row, bond.column) }
        for child in front.children {
            let child = structure.fronts[child]
            let update = LanesMatrix(updateMemory(child, memory) + child.updateOffset, width: child.boundary.count)
            child.rowsInParent.withUnsafeBufferPointer { rows in
                for row in rows.indices {
                    for column in 0...row { a.add(update[row, column], at: rows[row], rows[column]) }
                }
            }
        }
    }

    /// Eliminates the columns: keeps the inverses of the pivot blocks and the multipliers, and leaves the Schur complement.
    ///
    /// Returns whether all pivots are different from zero and finite.
    private func factor(_ front: FrontalMatrices.Front, _ a: LanesMatrix, determinant: inout RunningLogarithm) -> Bool {
        var isRegular = true
        for block in front.blocks {
            let (inverse, multipliers) = panel(of: block)
            let pivot = a.from(row: block.first, column: block.first)
            for row in 0..<block.width { for column in 0...row { inverse[row, column] = pivot[row, column] } }
            let pivots = FrontKernel.invert(inverse, size: block.width)
            isRegular = isRegular && all(pivots .> 0 .& pivots .< .infinity)
            determinant.add(pivots)
            let below = pivot.from(row: block.width, column: 0)
            FrontKernel.multiply(
                multipliers, below, inverse, rows: block.remaining, columns: block.width, inner: block.width, .assign)
            FrontKernel.multiply(
                pivot.from(row: block.width, column: block.width), multipliers, below.transposed, rows: block.remaining,
                columns: block.remaining, inner: block.width, .subtractLower)
        }
        return isRegular
    }

    private func panel(of block: FrontalMatrices.ColumnBlock) -> (inverse: LanesMatrix, multipliers: LanesMatrix) {
        let base = panels + block.panelOffset
        return (LanesMatrix(base, width: block.width), LanesMatrix(base + block.width * block.width, width: block.width))
    }

    // MARK: Inversion

    /// Builds the inverse on all rows and columns of a front from that on its boundary, and adds up what is asked for.
    ///
    /// With the multipliers X = A_RC A_CC⁻¹: Z_RC = −Z_RR X and Z_CC = A_CC⁻¹ − Xᵀ Z_RC (L. Lin et al., *SelInv*, ACM Trans. Math.
    /// Softw. 37, 40 (2011), doi:10.1145/1916461.1916464).
    private func invert(_ front: FrontalMatrices.Front, memory: UnsafeMutablePointer<Lanes>) {
        let z = LanesMatrix(memory + front.inverseOffset, width: front.width)
        let boundary = z.from(row: front.columns.count, column: front.columns.count)
        if front.isSubtreeRoot {
            let given = LanesMatrix(interface + front.updateOffset, width: front.boundary.count)
            for row in front.boundary.indices {
                for column in front.boundary.indices { boundary[row, column] = given[row, column] }
            }
        } else {
            gather(front, from: memory, into: boundary)
        }
        for block in front.blocks.reversed() {
            let (inverse, multipliers) = panel(of: block)
            let pivot = z.from(row: block.first, column: block.first)
            let below = pivot.from(row: block.width, column: 0)
            FrontKernel.multiply(
                below, pivot.from(row: block.width, column: block.width), multipliers, rows: block.remaining,
                columns: block.width, inner: block.remaining, .negate)
            for row in 0..<block.width { for column in 0...row { pivot[row, column] = inverse[row, column] } }
            FrontKernel.multiply(
                pivot, multipliers.transposed, below, rows: block.width, columns: block.width, inner: block.remaining,
                .subtractLower)
            for row in 0..<block.width + block.remaining {
                for column in 0..<min(row, block.width) { pivot[column, row] = pivot[row, column] }
            }
        }
        for (column, site) in front.columns.enumerated() { diagonal[site] = (z[column, column].real * weights).sum() }
        for bond in front.bonds { bonds[bond.bond] = (z[bond.row, bond.column].real * weights).sum() }
    }

    /// The inverse on the boundary of a front, out of that on the parent's front.
    private func gather(_ front: FrontalMatrices.Front, from memory: UnsafeMutablePointer<Lanes>, into target: LanesMatrix) {
        guard let parent = front.parent.map({ structure.fronts[$0] }) else { return }
        let source = LanesMatrix(memory + parent.inverseOffset, width: parent.width)
        front.rowsInParent.withUnsafeBufferPointer { rows in
            for row in rows.indices { for column in rows.indices { target[row, column] = source[rows[row], rows[column]] } }
        }
    }

    /// The largest |Σ_j A_ij Z_ji − 1|² of the columns of a leaf, all of whose neighbours are on the front.
    private func residual(
        of front: FrontalMatrices.Front, _ matrix: SiteEnergies, memory: UnsafeMutablePointer<Lanes>
    ) -> SIMD8<Double> {
        let z = LanesMatrix(memory + front.inverseOffset, width: front.width)
        var largest = SIMD8<Double>.zero
        for (column, site) in front.columns.enumerated() {
            var sum = Lanes(real: SIMD8(repeating: -1), imaginary: .zero)
            sum.add(Lanes(real: SIMD8(repeating: matrix.energies[site]), imaginary: -shifts), times: z[column, column])
            for bond in front.bonds {
                let other = bond.column == column ? bond.row : bond.row == column ? bond.column : nil
                guard let other else { continue }
                sum.add(Lanes(real: SIMD8(repeating: -matrix.hopping), imaginary: .zero), times: z[other, column])
            }
            largest.replace(with: sum.squaredMagnitude, where: .!(sum.squaredMagnitude .<= largest))
        }
        return largest
    }
}

/// Σ ln x of many numbers: logarithms are dear, so one is taken of as many of them as the range of numbers allows.
private struct RunningLogarithm {
    private var sum = SIMD8<Double>.zero
    private var product = SIMD8<Double>(repeating: 1)

    mutating func add(_ x: SIMD8<Double>) {
        product *= x
        if any(product .> 1e100 .| product .< 1e-100) {
            sum += logarithm
            product = SIMD8(repeating: 1)
        }
    }

    var value: SIMD8<Double> { sum + logarithm }

    private var logarithm: SIMD8<Double> {
        var result = product
        for lane in result.indices { result[lane] = log(product[lane]) }
        return result
    }
}
