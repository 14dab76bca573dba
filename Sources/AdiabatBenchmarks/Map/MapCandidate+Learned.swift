extension MapCandidate {
    /// A trained model, in single precision.
    static func learned(_ trained: TrainedArchitecture, data: TrainingData) -> MapCandidate {
        let conditions = data.recipe.model
        return MapCandidate(
            name: trained.architecture.name, family: trained.architecture.family, kind: .learned(trained, data: data),
            precision: .float32
        ) { supercell, precision, pool in
            try trained.trained.forceField(
                on: supercell, conditions: conditions, singlePrecision: precision == .float32, pool: pool)
        }
    }
}
