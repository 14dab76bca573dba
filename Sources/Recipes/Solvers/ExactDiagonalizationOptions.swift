import Electrons
import LatticeNumerics
import Models

/// `exact-diagonalization`, which has no options.
struct ExactDiagonalizationOptions: SolverOptions {
    static let name = ExactDiagonalization.name
    static let maximumSites: Int? = SymmetricEigensolver.maximumDimension
    package static let needsTemperature = false
    static let usesThreads = false
    package static var keys: [RecipeKey<Self>] { [] }

    func solver(_ model: AdiabaticModel, pool: WorkerPool) -> any SolvedElectrons {
        ElectronicForceField(model, ExactDiagonalization())
    }

    static func costExponent(dimension: Int) -> Double { 3 }

    /// Matrix, eigenvectors and LAPACK's workspace.
    func bytes(sites: Int) -> Double { 3 * 8 * Double(sites) * Double(sites) }
}
