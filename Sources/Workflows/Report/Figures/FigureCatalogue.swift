/// Every figure of the report, in order.
enum FigureCatalogue {
    /// The parts of the page that hold figures.
    enum Chapter: CaseIterable {
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

    struct Entry {
        let name: String
        let chapter: Chapter
        /// The input without which there is no figure.
        let source: ReportInputs.Source
        /// Whether a report is complete without it although the input is there.
        let isOptional: Bool
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

    static var entries: [Entry] {
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
