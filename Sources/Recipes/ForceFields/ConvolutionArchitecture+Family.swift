import Lattices
import LearnedForces
import Training

extension ConvolutionArchitecture: NetworkFamily {
    package static func usual(for context: NetworkContext) -> Self {
        var architecture = Self()
        architecture.particleHole = context.hasParticleHoleSymmetry
        return architecture
    }

    package static func setDefaults(_ options: inout TrainingOptions) {
        options.batch = .configurations
        options.batchSize = 8
        options.epochs = 40
        options.learningRate = 1e-2
    }

    /// Those it is told; a baseline alone does not make it right for others.
    package var electronParameters: [String]? { conditions.map(\.rawValue) }

    /// With μ as an input F(−Q, −μ) = −F(Q, μ), which holds for any μ.
    package var isOddInDisplacement: Bool { particleHole && !conditions.contains(.chemicalPotential) }

    package func lacks(_ operation: PointGroup.Operation) -> Bool { symmetrize == nil && !symmetry.contains(operation) }

    /// That of the local solver it corrects.
    package var needsTemperature: Bool { baseline != nil }

    package static var keys: [RecipeKey<ConvolutionArchitecture>] {
        [
            .choice("symmetry", \.symmetry).deciding(.architecture),
            UndecidedKey(
                name: "symmetrize",
                read: { reader, network in network.symmetrize = try reader.choice("symmetrize") ?? network.symmetrize },
                text: { $0.symmetrize.map { TOMLText.text($0.rawValue) } }
            ).deciding(.architecture),
            .boolean("particle_hole", \.particleHole).deciding(.architecture),
            .choice("fields", \.fields).deciding(.architecture),
            .integers("channels", \.channels, 1...256).deciding(.architecture),
            .number("radius_squared", \.radiusSquared, .from(0...64)).deciding(.architecture),
            .number("input_radius_squared", \.inputRadiusSquared, .from(0...64)).deciding(.architecture),
            .boolean("residual", \.residual).deciding(.architecture),
            .numbers("encoding_scales", \.encodingScales, .positive).deciding(.architecture),
            .numbers("pair_scales", \.pairScales, .positive).deciding(.architecture),
            .boolean("learned_scales", \.learnedScales).deciding(.architecture),
            .choice("head", \.head).deciding(.architecture),
            UndecidedKey(
                name: "conditions",
                read: { reader, network in
                    network.conditions = try reader.texts("conditions")?.map(Condition.init) ?? network.conditions
                }, text: { "[" + $0.conditions.map { TOMLText.text($0.rawValue) }.joined(separator: ", ") + "]" }
            ).deciding(.architecture),
        ] + baselineKeys
    }

    /// The local solver that is corrected: any of its keys is a wish for one.
    private static var baselineKeys: [RecipeKey<ConvolutionArchitecture>] {
        [
            baseline("baseline_core", \.core, 1...32), baseline("baseline_radius", \.radius, 0...8),
            baseline("baseline_levels", \.levels, 0...32),
            baseline("baseline_greens_functions", \.greensFunctions, 0...8),
            UndecidedKey(
                name: "baseline_poles",
                read: { reader, network in
                    guard let poles = try reader.integer("baseline_poles", allowed: 1...64) else { return }
                    network.baseline = network.baseline ?? LocalBaseline()
                    network.baseline?.poles = poles
                }, text: { $0.baseline?.poles.map(TOMLText.text) }
            ).deciding(.architecture),
        ]
    }

    private static func baseline(
        _ name: String, _ path: WritableKeyPath<LocalBaseline, Int>, _ allowed: ClosedRange<Int>
    ) -> RecipeKey<ConvolutionArchitecture> {
        UndecidedKey(
            name: name,
            read: { reader, network in
                guard let value = try reader.integer(name, allowed: allowed) else { return }
                network.baseline = network.baseline ?? LocalBaseline()
                network.baseline?[keyPath: path] = value
            }, text: { $0.baseline.map { TOMLText.text($0[keyPath: path]) } }
        ).deciding(.architecture)
    }
}
