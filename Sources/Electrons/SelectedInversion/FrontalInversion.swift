import Foundation

/// Selected inversion of several symmetric matrices of one structure at once, one in each lane.
///
/// `@unchecked Sendable`: tasks write to ranges of their own, and the caller orders those that depend on one another.
final class FrontalInversion<Vector: LaneVector>: @unchecked Sendable {
    typealias Lanes = ComplexLanes<Vector>
    typealias Matrix = LanesMatrix<Vector>
    typealias Kernel = FrontKernel<Vector>

    /// What a task has found out beside the inverse.
    struct TaskResult {
        /// Σ ln |pivot|², the task's part of ln |det|², if it was asked for.
        var logarithm = Vector.zero
        /// The largest |row of matrix × inverse − unit vector|² in the diagonal elements of the leaves.
        var residual = Vector.zero
        /// A column of the first front whose pivots vanish or are not finite.
        var singularSite: Int?

        mutating func add(residual other: Vector) {
            // Not a number counts as largest.
            residual.replace(with: other, where: .!(other .<= residual))
        }
    }

    /// A_ii, given by the caller.
    let diagonal: UnsafeMutableBufferPointer<Lanes>
    /// What every bond adds to A_ij, by bond, in memory of the caller.
    private let bondElements: Table<Vector.Scalar>
    /// Re [A⁻¹]_ii, by site.
    let inverseDiagonal: UnsafeMutableBufferPointer<Vector>
    /// Re [A⁻¹]_ij, by bond; not set for bonds of a site with its own image.
    let inverseBonds: UnsafeMutableBufferPointer<Vector>

    private let structure: FrontalMatrices
    private let fronts: Table<FrontalMatrices.Front>
    private let wantsDeterminant: Bool
    /// One a subtree, then that of the top.
    private let results: UnsafeMutableBufferPointer<TaskResult>
    private let panels: UnsafeMutablePointer<Lanes>
    private let interface: UnsafeMutablePointer<Lanes>
    private let topMemory: UnsafeMutablePointer<Lanes>

    /// - Parameter bondElements: read whenever fronts are eliminated or checked.
    init(_ structure: FrontalMatrices, bondElements: Table<Vector.Scalar>, wantsDeterminant: Bool) {
        self.structure = structure
        self.bondElements = bondElements
        fronts = structure.fronts
        self.wantsDeterminant = wantsDeterminant
        diagonal = .allocate(capacity: structure.graph.cells.count)
        inverseDiagonal = .allocate(capacity: structure.graph.cells.count)
        inverseBonds = .allocate(capacity: structure.graph.bondCount)
        inverseBonds.initialize(repeating: .zero)
        results = .allocate(capacity: structure.subtrees.count + 1)
        results.initialize(repeating: TaskResult())
        panels = .allocate(capacity: structure.panelCount)
        interface = .allocate(capacity: max(1, structure.interfaceCount))
        topMemory = .allocate(capacity: max(1, structure.top.memory))
    }

    deinit {
        diagonal.deallocate()
        inverseDiagonal.deallocate()
        inverseBonds.deallocate()
        results.deallocate()
        panels.deallocate()
        interface.deallocate()
        topMemory.deallocate()
    }

    /// The sum of what the tasks found, in the order of the tasks.
    var result: TaskResult {
        results.reduce(into: TaskResult()) { sum, task in
            sum.logarithm += task.logarithm
            sum.add(residual: task.residual)
            sum.singularSite = sum.singularSite ?? task.singularSite
        }
    }

    // MARK: Tasks

    /// Eliminates the fronts of a subtree, in memory of the calling thread.
    func eliminateSubtree(_ index: Int, memory: UnsafeMutablePointer<Lanes>) {
        results[index] = eliminate(structure.subtrees[index], memory: memory)
    }

    /// Eliminates the fronts above the subtrees, and inverts on them down to the boundaries of the subtrees.
    func solveTop() {
        results[structure.subtrees.count] = eliminate(structure.top, memory: topMemory)
        for index in structure.top.fronts.reversed() {
            guard fronts[index].isWanted else { continue }
            invert(fronts[index], memory: topMemory)
            for child in fronts[index].children where fronts[child].isSubtreeRoot {
                let front = fronts[child]
                gather(front, from: topMemory, into: Matrix(interface + front.updateOffset, width: front.boundary.count))
            }
        }
    }

    /// Inverts on the fronts of a subtree, in memory of the calling thread, after the top.
    func invertSubtree(_ index: Int, memory: UnsafeMutablePointer<Lanes>) {
        for front in structure.subtrees[index].fronts.reversed() {
            let front = fronts[front]
            guard front.isWanted else { continue }
            invert(front, memory: memory)
            if wantsDeterminant, front.isLeaf { results[index].add(residual: residual(of: front, memory: memory)) }
        }
    }

    // MARK: Elimination

    @_specialize(where Vector == SIMD8<Double>)
    @_specialize(where Vector == SIMD16<Float>)
    private func eliminate(_ task: FrontalMatrices.Task, memory: UnsafeMutablePointer<Lanes>) -> TaskResult {
        var result = TaskResult()
        var determinant = RunningLogarithm<Vector>()
        for index in task.fronts {
            let front = fronts[index]
            let a = Matrix(memory + front.frontOffset, width: front.width)
            assemble(front, memory: memory, into: a)
            for block in front.blocks {
                let pivots = factor(block, a)
                if !pivots.areRegular, result.singularSite == nil { result.singularSite = front.columns[block.first] }
                if wantsDeterminant { determinant.add(pivots.product) }
            }
            let update = Matrix(updateMemory(front, memory) + front.updateOffset, width: front.boundary.count)
            let schurComplement = a.from(row: front.columns.count, column: front.columns.count)
            for row in front.boundary.indices { for column in 0...row { update[row, column] = schurComplement[row, column] } }
        }
        result.logarithm = determinant.value
        return result
    }

    private func updateMemory(
        _ front: FrontalMatrices.Front, _ memory: UnsafeMutablePointer<Lanes>
    ) -> UnsafeMutablePointer<Lanes> {
        front.isSubtreeRoot ? interface : memory
    }

    /// The elements of the matrix in the front's columns, and the children's Schur complements.
    private func assemble(_ front: FrontalMatrices.Front, memory: UnsafeMutablePointer<Lanes>, into a: Matrix) {
        for row in 0..<front.size { for column in 0...row { a[row, column] = .zero } }
        for (column, site) in front.columns.enumerated() { a[column, column] = diagonal[site] }
        for bond in front.bonds { a[bond.row, bond.column].real += Vector(repeating: bondElements[bond.bond]) }
        for child in front.children {
            let child = fronts[child]
            let update = Matrix(updateMemory(child, memory) + child.updateOffset, width: child.boundary.count)
            let rows = child.rowsInParent
            for row in rows.indices {
                for column in 0...row { a[rows[row], rows[column]] = a[rows[row], rows[column]] + update[row, column] }
            }
        }
    }

    /// Eliminates a block of columns: keeps the inverse of the pivot block and the multipliers, and leaves the Schur complement.
    private func factor(_ block: FrontalMatrices.ColumnBlock, _ a: Matrix) -> Kernel.Pivots {
        let (inverse, multipliers) = panel(of: block)
        let pivot = a.from(row: block.first, column: block.first)
        for row in 0..<block.width { for column in 0...row { inverse[row, column] = pivot[row, column] } }
        let pivots = Kernel.invert(inverse, size: block.width)
        let below = pivot.from(row: block.width, column: 0)
        Kernel.multiply(
            multipliers, below, inverse, rows: block.remaining, columns: block.width, inner: block.width, .assign)
        Kernel.multiply(
            pivot.from(row: block.width, column: block.width), multipliers, below.transposed, rows: block.remaining,
            columns: block.remaining, inner: block.width, .subtractLower)
        return pivots
    }

    private func panel(of block: FrontalMatrices.ColumnBlock) -> (inverse: Matrix, multipliers: Matrix) {
        let base = panels + block.panelOffset
        return (Matrix(base, width: block.width), Matrix(base + block.width * block.width, width: block.width))
    }

    // MARK: Inversion

    /// Builds the inverse on all rows and columns of a front from that on its boundary, and keeps what is asked for.
    ///
    /// With the multipliers X = A_RC A_CC⁻¹: Z_RC = −Z_RR X and Z_CC = A_CC⁻¹ − Xᵀ Z_RC (L. Lin et al., *SelInv*, ACM Trans. Math.
    /// Softw. 37, 40 (2011), doi:10.1145/1916461.1916464).
    @_specialize(where Vector == SIMD8<Double>)
    @_specialize(where Vector == SIMD16<Float>)
    private func invert(_ front: FrontalMatrices.Front, memory: UnsafeMutablePointer<Lanes>) {
        let z = Matrix(memory + front.inverseOffset, width: front.width)
        let boundary = z.from(row: front.columns.count, column: front.columns.count)
        if front.isSubtreeRoot {
            let given = Matrix(interface + front.updateOffset, width: front.boundary.count)
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
            Kernel.multiply(
                below, pivot.from(row: block.width, column: block.width), multipliers, rows: block.remaining,
                columns: block.width, inner: block.remaining, .negate)
            for row in 0..<block.width { for column in 0...row { pivot[row, column] = inverse[row, column] } }
            Kernel.multiply(
                pivot, multipliers.transposed, below, rows: block.width, columns: block.width, inner: block.remaining,
                .subtractLower)
            for row in 0..<block.width + block.remaining {
                for column in 0..<min(row, block.width) { pivot[column, row] = pivot[row, column] }
            }
        }
        for (column, site) in front.columns.enumerated() { inverseDiagonal[site] = z[column, column].real }
        for bond in front.bonds { inverseBonds[bond.bond] = z[bond.row, bond.column].real }
    }

    /// The inverse on the boundary of a front, out of that on the parent's front.
    @_specialize(where Vector == SIMD8<Double>)
    @_specialize(where Vector == SIMD16<Float>)
    private func gather(_ front: FrontalMatrices.Front, from memory: UnsafeMutablePointer<Lanes>, into target: Matrix) {
        guard let parent = front.parent else { return }
        let source = Matrix(memory + fronts[parent].inverseOffset, width: fronts[parent].width)
        let rows = front.rowsInParent
        for row in rows.indices { for column in rows.indices { target[row, column] = source[rows[row], rows[column]] } }
    }

    /// The largest |Σ_j A_ij Z_ji − 1|² of the columns of a leaf, all of whose neighbours are on the front.
    @_specialize(where Vector == SIMD8<Double>)
    @_specialize(where Vector == SIMD16<Float>)
    private func residual(of front: FrontalMatrices.Front, memory: UnsafeMutablePointer<Lanes>) -> Vector {
        let z = Matrix(memory + front.inverseOffset, width: front.width)
        var largest = Vector.zero
        for (column, site) in front.columns.enumerated() {
            var sum = Lanes(Vector(repeating: -1), .zero).adding(diagonal[site], times: z[column, column])
            for bond in front.bonds {
                let other = bond.column == column ? bond.row : bond.row == column ? bond.column : nil
                guard let other else { continue }
                sum = sum.adding(Lanes(Vector(repeating: bondElements[bond.bond]), .zero), times: z[other, column])
            }
            largest.replace(with: sum.squaredMagnitude, where: .!(sum.squaredMagnitude .<= largest))
        }
        return largest
    }
}

/// Σ ln x of many numbers: logarithms are dear, so one is taken of as many of them as the range of numbers allows.
private struct RunningLogarithm<Vector: LaneVector> {
    private var sum = Vector.zero
    private var product = Vector(repeating: 1)

    mutating func add(_ x: Vector) {
        product *= x
        if any(product .> 1e100 .| product .< 1e-100) {
            sum += logarithm
            product = Vector(repeating: 1)
        }
    }

    var value: Vector { sum + logarithm }

    private var logarithm: Vector {
        var result = product
        for lane in result.indices { result[lane] = Vector.Scalar(log(Double(product[lane]))) }
        return result
    }
}
