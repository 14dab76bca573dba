import Experiments
import Lattices
import Observables
import Recipes

/// Every figure of the report, in order.
package enum FigureCatalogue {
    /// The parts of the page that hold figures.
    package enum Chapter: CaseIterable {
        case forces, training, simulation, coarsening, audit, twins

        var heading: String {
            switch self {
            case .forces: "Learned against exact forces"
            case .training: "Training"
            case .simulation: "The large run"
            case .coarsening: "Coarsening: an ensemble of quenches"
            case .audit: "Audit: the forces of a large run solved again"
            case .twins: "Twin dynamics: learned and exact from the same start with the same noise"
            }
        }
    }

    package struct Entry {
        package let name: String
        package let chapter: Chapter
        /// The input without which there is no figure.
        package let source: ReportInputs.Source
        /// Whether a report is complete without it although the input is there.
        package let isOptional: Bool
        /// Nil if the input is missing, or the run is of a kind without the figure.
        ///
        /// Throws why the figure that the input should give cannot be made of it.
        let draw: (ReportInputs) throws -> Figure?

        init(
            _ name: String, _ chapter: Chapter, _ source: ReportInputs.Source, isOptional: Bool = false,
            _ draw: @escaping (ReportInputs) throws -> Figure?
        ) {
            self.isOptional = isOptional
            self.name = name
            self.chapter = chapter
            self.source = source
            self.draw = draw
        }
    }

    /// All figures, and why others whose input is there are left out.
    static func figures(_ inputs: ReportInputs) -> (figures: [Figure], omissions: [Omission]) {
        var (figures, omissions) = ([Figure](), [Omission]())
        for entry in entries {
            do {
                if let figure = try entry.draw(inputs) { figures.append(figure) }
            } catch {
                omissions.append(Omission(name: entry.name, reason: "\(error)"))
            }
        }
        return (figures, omissions)
    }

    /// A figure that is left out although its input is there.
    struct Omission {
        let name: String
        /// The end of a sentence.
        let reason: String

        /// The names of those left out for the same reason, in a row.
        static func byReason(_ omissions: [Omission]) -> [(names: String, reason: String)] {
            let reasons = omissions.map(\.reason).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            return reasons.map { reason in
                (omissions.filter { $0.reason == reason }.map(\.name).joined(separator: ", "), reason)
            }
        }
    }

    package static var entries: [Entry] {
        [
            Entry("parity", .forces, .comparison) { inputs in
                try inputs.comparison.map { try .parity($0.forces, solver: inputs.recipe.generate.solver) }
            },
            Entry("error-histogram", .forces, .comparison) { try $0.comparison.map { try .errorHistogram($0.forces) } },
            Entry("error-by-stage", .forces, .comparison) { try $0.comparison.map { try .errorByStage($0.forces) } },
            Entry("reliability", .forces, .comparison, isOptional: true) { inputs in
                try inputs.comparison?.reliability.map(Figure.reliability)
            },
            Entry("learning-curve", .training, .training) { inputs in
                try inputs.trainingCurve.map { try .learningCurve($0, options: inputs.recipe.training) }
            },
            Entry("active-learning", .training, .learning) { try $0.learning.map(Figure.activeLearning) },
            Entry("domains", .simulation, .trajectory) { try $0.frames.map { try .domains($0) } },
            Entry("structure-factor-map", .simulation, .analysis) { inputs in
                try inputs.analysis.map { try .structureFactorMap($0, labels: OrderLabels(inputs.recipe, size: $0.size)) }
            },
            Entry("domain-length", .simulation, .analysis) { try $0.analysis.map(Figure.domainLength) },
            Entry("correlation", .simulation, .analysis) { inputs in
                try inputs.analysis.map { try .correlation($0, labels: OrderLabels(inputs.recipe, size: $0.size)) }
            },
            Entry("radial-structure-factor", .simulation, .analysis) { inputs in
                try inputs.analysis.map { try .radialStructureFactor($0, labels: OrderLabels(inputs.recipe, size: $0.size)) }
            },
            Entry("energy-temperature", .simulation, .analysis) { inputs in
                let bath = inputs.recipe.dynamics.hasBath ? inputs.recipe.model.temperature : nil
                return try inputs.analysis.map { try .energyTemperature($0, bath: bath) }
            },
            Entry("coarsening-domains", .coarsening, .coarsening) { inputs in
                guard inputs.coarsening != nil else { return nil }
                guard let frames = inputs.quenchFrames else {
                    throw FigureOmission("the trajectory of the first quench is not there")
                }
                return try .domains(frames, name: "coarsening-domains", of: "the first quench of ")
            },
            Entry("coarsening-length", .coarsening, .coarsening) { try $0.coarsening.map(Figure.coarseningLength) },
            Entry("coarsening-exponent", .coarsening, .coarsening) { try $0.coarsening.map(Figure.coarseningExponent) },
            Entry("coarsening-correlation", .coarsening, .coarsening) { inputs in
                try inputs.coarsening.map { try .coarseningCorrelation($0, labels: labels($0, inputs.recipe)) }
            },
            Entry("coarsening-structure-factor", .coarsening, .coarsening) { inputs in
                try inputs.coarsening.map { try .coarseningStructureFactor($0, labels: labels($0, inputs.recipe)) }
            },
            Entry("coarsening-finite-size", .coarsening, .coarsening, isOptional: true) {
                try $0.coarsening.flatMap(Figure.coarseningFiniteSize)
            },
            Entry("audit-simulation", .audit, .simulationAudit) { inputs in
                try inputs.simulationAudit.map { try .simulationAudit($0, threshold: inputs.recipe.simulate.auditThreshold) }
            },
            Entry("audit-time", .audit, .audit) { try $0.audit.map(Figure.auditTime) },
            Entry("audit-map", .audit, .audit) { try $0.audit.map(Figure.auditMap) },
            Entry("audit-tail", .audit, .audit) { try $0.audit.map(Figure.auditTail) },
            Entry("audit-walls", .audit, .audit) { try $0.audit.map(Figure.auditWalls) },
            Entry("twin-divergence", .twins, .comparison) { inputs in
                try twins(inputs).map { try .twinDivergence($0, solver: inputs.recipe.compare.solver) }
            },
            Entry("twin-order", .twins, .comparison) { try twins($0).map(Figure.twinOrder) },
            Entry("twin-correlation", .twins, .comparison) { inputs in
                try twins(inputs).map { try .twinCorrelation($0, labels: OrderLabels(inputs.recipe, size: $0[0].size)) }
            },
            Entry("twin-domains", .twins, .comparison) { inputs in
                try twins(inputs).map { try .twinDomains($0, recipe: inputs.recipe) }
            },
        ]
    }

    /// Pairs of runs; nil if the recipe asks for none.
    private static func twins(_ inputs: ReportInputs) -> [Comparison.Twin]? {
        inputs.comparison.flatMap { $0.twins.isEmpty ? nil : $0.twins }
    }

    private static func labels(_ coarsening: Coarsening, _ recipe: Recipe) -> OrderLabels {
        OrderLabels(recipe, size: coarsening.ensembles.first?.size ?? [])
    }
}

/// How figures speak of order: about Q₀ with sublattice signs on a supercell of two sublattices, else about q = 0 without.
struct OrderLabels {
    /// Nil if the lattice has no piece of that size.
    let supercell: Supercell?
    /// The wave vector about which there is order, by its place among those of the supercell: Q₀, or 0.
    let ordering: [Int]
    let isStaggered: Bool
    private let isSquare: Bool

    init(_ recipe: Recipe, size: [Int]) {
        let supercell = try? Supercell(recipe.lattice.geometry, size: size, periodic: recipe.lattice.periodic)
        let signs = supercell.flatMap(SublatticeSigns.init)
        self.supercell = supercell
        isStaggered = signs != nil
        if let supercell, let signs {
            ordering = signs.orderingWaveVector(of: supercell)
            isSquare = signs.areCheckered(on: supercell)
        } else {
            ordering = size.map { _ in 0 }
            isSquare = false
        }
    }

    // As gnuplot's markup.
    var waveVector: String { isStaggered ? "|{/:Bold q} − {/:Bold Q}_0|" : "|{/:Bold q}|" }
    var waveNumber: String { waveVector + "  (1 / lattice constant)" }
    var structureFactor: String { "{/:Italic S}(\(waveVector))" }

    // In words.
    var correlation: String { isStaggered ? "staggered correlation function" : "correlation function" }
    var centre: String { isStaggered ? "the ordering wave vector Q₀" + (isSquare ? " = (π, π)" : "") : "q = 0" }
    var zoneCentre: String { !isStaggered ? "q = 0" : isSquare ? "(π, π)" : "the ordering wave vector Q₀" }
}

extension SublatticeSigns {
    /// Whether the signs are (−1)^{x+y}, and Q₀ = (π, π): on the square lattice with bonds between nearest neighbours.
    func areCheckered(on supercell: Supercell) -> Bool {
        let lattice = supercell.lattice
        return lattice.primitiveVectors == [[1, 0], [0, 1]] && lattice.basis.count == 1
            && orderingWaveVector(of: supercell) == supercell.size.map { $0 / 2 }
    }
}
