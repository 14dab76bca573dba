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
        /// Nil if the input is missing, or holds nothing that the figure could show.
        let draw: (ReportInputs) -> Figure?

        init(
            _ name: String, _ chapter: Chapter, _ source: ReportInputs.Source, isOptional: Bool = false,
            _ draw: @escaping (ReportInputs) -> Figure?
        ) {
            self.isOptional = isOptional
            self.name = name
            self.chapter = chapter
            self.source = source
            self.draw = draw
        }
    }

    static var entries: [Entry] {
        [
            Entry("parity", .forces, .comparison) { inputs in
                inputs.comparison.flatMap { .parity($0.forces, solver: inputs.recipe.generate.solver) }
            },
            Entry("error-histogram", .forces, .comparison) { $0.comparison.flatMap { .errorHistogram($0.forces) } },
            Entry("error-by-stage", .forces, .comparison) { $0.comparison.flatMap { .errorByStage($0.forces) } },
            Entry("reliability", .forces, .comparison, isOptional: true) { inputs in
                inputs.comparison?.reliability.flatMap(Figure.reliability)
            },
            Entry("learning-curve", .training, .training) { $0.trainingCurve.flatMap(Figure.learningCurve) },
            Entry("active-learning", .training, .learning) { $0.learning.flatMap(Figure.activeLearning) },
            Entry("domains", .simulation, .trajectory) { $0.frames.flatMap { .domains($0) } },
            Entry("structure-factor-map", .simulation, .analysis) { inputs in
                inputs.analysis.flatMap { .structureFactorMap($0, labels: OrderLabels(inputs.recipe, size: $0.size)) }
            },
            Entry("domain-length", .simulation, .analysis) { $0.analysis.flatMap(Figure.domainLength) },
            Entry("correlation", .simulation, .analysis) { inputs in
                inputs.analysis.flatMap { .correlation($0, labels: OrderLabels(inputs.recipe, size: $0.size)) }
            },
            Entry("radial-structure-factor", .simulation, .analysis) { inputs in
                inputs.analysis.flatMap { .radialStructureFactor($0, labels: OrderLabels(inputs.recipe, size: $0.size)) }
            },
            Entry("energy-temperature", .simulation, .analysis) { inputs in
                inputs.analysis.flatMap { .energyTemperature($0, bath: inputs.recipe.model.temperature) }
            },
            Entry("coarsening-domains", .coarsening, .coarsening) { inputs in
                inputs.quenchFrames.flatMap { .domains($0, name: "coarsening-domains", of: "the first quench of ") }
            },
            Entry("coarsening-length", .coarsening, .coarsening) { $0.coarsening.flatMap(Figure.coarseningLength) },
            Entry("coarsening-exponent", .coarsening, .coarsening) { $0.coarsening.flatMap(Figure.coarseningExponent) },
            Entry("coarsening-correlation", .coarsening, .coarsening) { inputs in
                inputs.coarsening.flatMap { ensemble in
                    .coarseningCorrelation(
                        ensemble, labels: OrderLabels(inputs.recipe, size: ensemble.ensembles.first?.size ?? []))
                }
            },
            Entry("coarsening-structure-factor", .coarsening, .coarsening) { inputs in
                inputs.coarsening.flatMap { ensemble in
                    .coarseningStructureFactor(
                        ensemble, labels: OrderLabels(inputs.recipe, size: ensemble.ensembles.first?.size ?? []))
                }
            },
            Entry("coarsening-finite-size", .coarsening, .coarsening, isOptional: true) {
                $0.coarsening.flatMap(Figure.coarseningFiniteSize)
            },
            Entry("audit-simulation", .audit, .simulationAudit) { inputs in
                inputs.simulationAudit.flatMap { .simulationAudit($0, threshold: inputs.recipe.simulate.auditThreshold) }
            },
            Entry("audit-time", .audit, .audit) { $0.audit.flatMap(Figure.auditTime) },
            Entry("audit-map", .audit, .audit) { $0.audit.flatMap(Figure.auditMap) },
            Entry("audit-tail", .audit, .audit) { $0.audit.flatMap(Figure.auditTail) },
            Entry("audit-walls", .audit, .audit) { $0.audit.flatMap(Figure.auditWalls) },
            Entry("twin-divergence", .twins, .comparison) { inputs in
                inputs.comparison.flatMap { .twinDivergence($0.twins, solver: inputs.recipe.compare.solver) }
            },
            Entry("twin-order", .twins, .comparison) { $0.comparison.flatMap { .twinOrder($0.twins) } },
            Entry("twin-correlation", .twins, .comparison) { inputs in
                inputs.comparison.flatMap { comparison in
                    let labels = OrderLabels(inputs.recipe, size: comparison.twins.first?.size ?? [])
                    return .twinCorrelation(comparison.twins, labels: labels)
                }
            },
            Entry("twin-domains", .twins, .comparison) { inputs in
                inputs.comparison.flatMap { .twinDomains($0.twins, recipe: inputs.recipe) }
            },
        ]
    }
}
