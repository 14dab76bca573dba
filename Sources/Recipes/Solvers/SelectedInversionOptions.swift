import Electrons
import Foundation
import LatticeNumerics
import Models

/// `[selected_inversion]`
struct SelectedInversionOptions: SolverOptions {
    static let name = SelectedInversion.name

    /// The multiplications of nested dissection grow as N on chains, as N^1.5 ln N on plane lattices, which from 40² to 200² sites is
    /// the power 1.6, and as N² on others.
    static func costExponent(dimension: Int) -> Double { [1, 1.6, 2.1][min(dimension, 3) - 1] }

    /// The largest allowed error of a density.
    var tolerance = SelectedInversion.toleranceDefault

    package static var keys: [RecipeKey<Self>] { [.number("tolerance", \.tolerance, .between(0, 1)).deciding(.solver)] }

    func solver(_ model: AdiabaticModel, pool: WorkerPool) -> any SolvedElectrons {
        ElectronicForceField(model, SelectedInversion(tolerance: tolerance, pool: pool))
    }

    /// 6 N log₂ N complex numbers for each of 16 poles, as plane lattices of 100² and 200² sites take.
    func bytes(sites: Int) -> Double { 16 * 16 * 6 * Double(sites) * log2(Double(max(2, sites))) }
}
