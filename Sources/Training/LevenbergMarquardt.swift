import Communication
import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces

/// Least squares by damped Gauss–Newton steps, for models of few parameters.
///
///     (A + λ diag A) δ = −b,     A = Σ w JᵀJ + ϱ I,   b = Σ w Jᵀr + ϱ (θ − θ₀),     r = (F_model − F)/s,   J = ∂r/∂θ
///
/// over all components of all forces; s is their root mean square, and w = 1, or h/|r| where |r| exceeds the Huber threshold h
/// (iteratively reweighted least squares). The ridge ϱ, given as a part of Σ r² at the start divided by the number of parameters,
/// holds those near their start θ₀ that the data hardly determine. The Jacobian is by forward differences of the forces, so any ``ForceModel`` can be
/// fitted; its cost is that of one force for every parameter. Sums over configurations have one order, so the result depends
/// neither on the number of threads nor on that of ranks.
///
/// K. Levenberg, Q. Appl. Math. 2, 164 (1944), doi:10.1090/qam/10666; D. W. Marquardt, J. SIAM 11, 431 (1963),
/// doi:10.1137/0111030; P. J. Huber, *Robust Statistics* (1981), section 7.8, for the weights.
struct LevenbergMarquardt {
    private let model: any ForceModel
    private let samples: ForceSamples
    private let fields: SampleForceFields
    private let step: Double
    private let scale: Double
    private let pool: WorkerPool
    private let communicator: any Communicator
    /// Of the normal equations and of the loss.
    private let equationSum: OrderedSum
    private let lossSum: OrderedSum
    /// θ₀
    private let start: [Double]
    /// ϱ divided by the number of force components.
    private var ridge = 0.0

    /// What one configuration adds to the normal equations.
    private struct Part {
        var loss = 0.0
        var matrix: [Double] = []
        var vector: [Double] = []
    }

    /// - Parameters:
    ///   - start: θ₀
    ///   - ridge: ϱ as a part of the sum of squares at the start, divided by the number of parameters.
    init(
        _ model: any ForceModel, _ samples: ForceSamples, start: [Double], ridge: Double, singlePrecision: Bool,
        pool: WorkerPool, communicator: any Communicator
    ) throws {
        self.model = model
        self.samples = samples
        fields = try SampleForceFields(model, samples, singlePrecision: singlePrecision, workers: pool.threads)
        // The square root of the rounding error of a force.
        step = singlePrecision ? 3e-3 : 1e-6
        let force = samples.rootMeanSquareForce
        scale = force > 0 ? force : 1
        self.pool = pool
        self.communicator = communicator
        equationSum = OrderedSum(count: start.count * (start.count + 1) + 1, communicator: communicator)
        lossSum = OrderedSum(count: 1, communicator: communicator)
        self.start = start
        if ridge > 0 { self.ridge = ridge * (try meanLoss(start, 0)) / Double(start.count) }
    }

    /// One step: tries stronger and stronger damping until the loss falls.
    ///
    /// - Parameters:
    ///   - parameters: moved if the loss fell.
    ///   - damping: λ, reduced after a success, increased after a failure.
    ///   - progress: called with the number of configurations done; false abandons the step.
    /// - Returns: the mean loss before and after the step; nil if the step was abandoned.
    func step(
        _ parameters: inout [Double], damping: inout Double, huberThreshold: Double, progress: (Int) -> Bool
    ) throws -> (before: Double, after: Double)? {
        guard let (loss, matrix, vector) = try normalEquations(parameters, huberThreshold, progress) else { return nil }
        let count = parameters.count
        for _ in 0..<Self.attempts {
            var system = LinearSystem(dimension: count)
            system.matrix = matrix
            // A parameter that acts on nothing stays where it is.
            for k in 0..<count {
                let diagonal = matrix[k * count + k]
                system.matrix[k * count + k] = diagonal > 0 ? diagonal * (1 + damping) : 1
            }
            system.vector = vector.map { -$0 }
            if system.solve(), system.vector.allSatisfy(\.isFinite) {
                let moved = zip(parameters, system.vector).map { $0 + $1 }
                let after = try meanLoss(moved, huberThreshold)
                if after < loss {
                    parameters = moved
                    damping = max(damping / 4, Self.leastDamping)
                    return (loss, after)
                }
            }
            damping *= 5
        }
        return (loss, loss)
    }

    private static let attempts = 8
    private static let leastDamping = 1e-9

    /// The curvature of the loss at fitted parameters; nil if `progress` abandons it.
    func curvature(
        at parameters: [Double], huberThreshold: Double, progress: (Int) -> Bool
    ) throws -> FitCurvature? {
        guard let (loss, sums, _) = try normalEquations(parameters, huberThreshold, progress) else { return nil }
        var matrix = sums.map { $0 / Double(componentCount) }
        for k in parameters.indices { matrix[k * parameters.count + k] -= ridge }
        return try FitCurvature(matrix, ridge: ridge, meanSquare: loss - penalty(parameters))
    }

    private func normalEquations(
        _ parameters: [Double], _ threshold: Double, _ progress: (Int) -> Bool
    ) throws -> (loss: Double, matrix: [Double], vector: [Double])? {
        let count = parameters.count
        var solved = [try fields.with(parameters)]
        for k in 0..<count {
            var moved = parameters
            moved[k] += step
            solved.append(try fields.with(moved))
        }
        // Matrix, vector and loss.
        var sums = [Double](repeating: 0, count: count * (count + 1) + 1)
        // In portions, so that parts of the sums need little memory and progress is seen.
        for portion in WorkerPool.ranges(count: samples.count, size: Self.portion * communicator.size) {
            let parts = try collect(portion, by: equationSum) { index, worker in
                try part(of: index, threshold, solved.map { $0[worker][fields.kinds[index]] })
            }
            equationSum.add(to: &sums) { sums in
                for part in parts {
                    for k in part.matrix.indices { sums[k] += part.matrix[k] }
                    for k in part.vector.indices { sums[count * count + k] += part.vector[k] }
                    sums[count * (count + 1)] += part.loss
                }
            }
            if !progress(portion.upperBound) { return nil }
        }
        var matrix = Array(sums[..<(count * count)])
        var vector = Array(sums[(count * count)..<(count * (count + 1))])
        let loss = sums[count * (count + 1)]
        for row in 0..<count {
            for column in 0..<row { matrix[row * count + column] = matrix[column * count + row] }
        }
        for (k, shift) in shifts(parameters).enumerated() {
            matrix[k * count + k] += ridge * Double(componentCount)
            vector[k] += ridge * Double(componentCount) * shift
        }
        return (loss / Double(componentCount) + penalty(parameters), matrix, vector)
    }

    /// Configurations of a rank.
    private static let portion = 32

    private var componentCount: Int { samples.forces.reduce(0) { $0 + $1.values.count } }

    /// Residuals, Jacobian and their products on one configuration.
    private func part(of index: Int, _ threshold: Double, _ fields: [any ForceField]) throws -> Part {
        let displacement = samples.displacements[index]
        let base = try fields[0].forces(at: displacement).values
        let (residuals, weights, loss) = residuals(base, index, threshold)
        let (rows, columns) = (fields.count - 1, base.count)
        // [parameter][component], each row times the square roots of the weights.
        var jacobian = [Double](repeating: 0, count: rows * columns)
        var vector = [Double](repeating: 0, count: rows)
        for row in 0..<rows {
            let moved = try fields[row + 1].forces(at: displacement).values
            for k in 0..<columns {
                let slope = (moved[k] - base[k]) / (step * scale) * weights[k]
                jacobian[row * columns + k] = slope
                vector[row] += slope * weights[k] * residuals[k]
            }
        }
        var matrix = [Double](repeating: 0, count: rows * rows)
        for a in 0..<rows {
            for b in a..<rows {
                var sum = 0.0
                for k in 0..<columns { sum += jacobian[a &* columns &+ k] * jacobian[b &* columns &+ k] }
                matrix[a * rows + b] = sum
            }
        }
        return Part(loss: loss, matrix: matrix, vector: vector)
    }

    /// r, √w and Σ ℓ(r) of a configuration.
    private func residuals(_ forces: [Double], _ index: Int, _ threshold: Double) -> ([Double], [Double], Double) {
        let residuals = zip(forces, samples.forces[index].values).map { ($0 - $1) / scale }
        guard threshold > 0 else {
            return (residuals, residuals.map { _ in 1 }, residuals.reduce(0) { $0 + $1 * $1 })
        }
        let weights = residuals.map { abs($0) > threshold ? (threshold / abs($0)).squareRoot() : 1 }
        let loss = residuals.reduce(0) {
            $0 + (abs($1) > threshold ? threshold * (2 * abs($1) - threshold) : $1 * $1)
        }
        return (residuals, weights, loss)
    }

    /// θ − θ₀
    private func shifts(_ parameters: [Double]) -> [Double] { zip(parameters, start).map { $0 - $1 } }

    private func penalty(_ parameters: [Double]) -> Double {
        ridge > 0 ? ridge * shifts(parameters).reduce(0) { $0 + $1 * $1 } : 0
    }

    /// The mean of ℓ(r), and what the ridge adds.
    private func meanLoss(_ parameters: [Double], _ threshold: Double) throws -> Double {
        let solved = try fields.with(parameters)
        let losses = try collect(0..<samples.count, by: lossSum) { index, worker in
            let forces = try solved[worker][fields.kinds[index]].forces(at: samples.displacements[index]).values
            return residuals(forces, index, threshold).2
        }
        var sums = [0.0]
        lossSum.add(to: &sums) { sums in for loss in losses { sums[0] += loss } }
        return sums[0] / Double(componentCount) + penalty(parameters)
    }

    /// `body` of this rank's indices, on several threads, in order.
    private func collect<Value: Sendable>(
        _ all: Range<Int>, by sum: OrderedSum, _ body: (_ index: Int, _ worker: Int) throws -> Value
    ) throws -> [Value] {
        let share = sum.share(of: all.count)
        let range = all.lowerBound + share.lowerBound..<all.lowerBound + share.upperBound
        var values = [Value?](repeating: nil, count: range.count)
        try withoutActuallyEscaping(body) { body in
            try values.withUnsafeMutableBufferPointer { values in
                // Each piece writes its own value.
                nonisolated(unsafe) let (values, body) = (values, body)
                try communicator.together {
                    try pool.tryForEach(count: range.count) { piece, worker in
                        values[piece] = try body(range.lowerBound + piece, worker)
                    }
                }
            }
        }
        return values.map { $0! }
    }
}
