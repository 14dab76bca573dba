import Electrons
import LatticeNumerics

extension MapCandidate {
    /// Local diagonalization from the cheapest to nearly exact: patches with open ends and with trees, patches that are smaller at
    /// higher poles, and blocks.
    ///
    /// Each has as many poles, and the precision, that its own error asks for: more would cost time and gain nothing.
    static func local(_ quenches: HeldOutQuenches, pool: WorkerPool) throws -> [MapCandidate] {
        let patches = (0...3).flatMap { levels in (0...6).map { LocalShape(core: 1, radius: $0, levels: levels) } }
        let tapered = (2...6).map { LocalShape(core: 1, radius: $0, heights: PatchRadii.usualHeights, levels: 2) }
        let blocks = [3, 6, 12].flatMap { core in (1...6).map { LocalShape(core: core, radius: $0, levels: 2) } }
        // Some of every quench and every stage.
        let probes = quenches.selecting { $0.isMultiple(of: 5) }
        return try (patches + tapered + blocks).map { shape in
            let model = quenches.model
            let error = try probes.errors(
                of: ElectronicForceField(model, LocalDiagonalization(options: shape.converged, pool: pool))
            ).rootMeanSquare
            let tolerance = poleTolerance(error: error, slope: model.onsiteForce?.factor ?? 1)
            let precision = tolerance > Self.singlePrecision ? Precision.float32 : .float64
            return MapCandidate(name: shape.name, family: shape.family, kind: .local, precision: precision) {
                _, precision, pool in
                let options = shape.options(
                    poleTolerance: tolerance, precision: precision == .float32 ? .single : .double)
                return ElectronicForceField(model, LocalDiagonalization(options: options, pool: pool))
            }
        }
    }

    /// The poles that the error of a force asks for.
    static func poleTolerance(error: Double, slope: Double) -> Double {
        min(error / abs(slope) * shareOfPoles, largestTolerance)
    }

    /// Of the error of the density: that of the poles, added in quadrature, is then not seen.
    private static let shareOfPoles = 0.2
    /// Of a density, beyond which no expansion is made.
    private static let largestTolerance = 1e-2
    /// Some times the rounding error of a density.
    private static let singlePrecision = 5e-7
}

/// Size and ends of the patches of a local diagonalization.
private struct LocalShape {
    let core: Int
    let radius: Int
    var heights: [Double] = []
    let levels: Int

    private var ends: String { levels == 0 ? "open ends" : levels == 1 ? "1 level" : "\(levels) levels" }
    private var prefix: String { (core > 1 ? "blocks of \(core)², " : "") + (heights.isEmpty ? "" : "tapered, ") }

    var name: String { "\(prefix)R = \(radius), \(ends)" }
    var family: String { "local, \(prefix)\(ends)" }

    func options(
        poleTolerance: Double, precision: LocalDiagonalization.Options.Precision
    ) -> LocalDiagonalization.Options {
        .init(
            core: core, radius: radius, smallerFrom: heights, levels: levels, poleTolerance: poleTolerance, precision: precision)
    }

    /// With no error but that of the shape.
    var converged: LocalDiagonalization.Options { options(poleTolerance: 1e-9, precision: .double) }
}
