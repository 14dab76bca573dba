import Experiments
import LearnedForces
import Recipes

extension MapCandidate {
    /// A trained model, in single precision; a Green's-function model with as many poles as its own error asks for, as local
    /// diagonalization has them.
    static func learned(_ trained: TrainedArchitecture, data: TrainingData) throws -> MapCandidate {
        let conditions = data.recipe.model
        let parameters = trained.trained.parameters
        var model = trained.trained.model
        if var greensFunction = model.architecture as? GreensFunctionArchitecture {
            greensFunction.poleTolerance = poleTolerance(
                error: trained.facts.validationError, slope: conditions.onsiteForce?.factor ?? 1)
            model = try greensFunction.model(on: model.lattice, kind: model.kind)
        }
        return MapCandidate(
            name: trained.architecture.name, family: trained.architecture.family, kind: .learned(trained, data: data),
            precision: .float32
        ) { [model] supercell, precision, pool in
            try model.forceField(
                parameters: parameters, conditions: conditions, supercell: supercell, singlePrecision: precision == .float32,
                pool: pool)
        }
    }
}
