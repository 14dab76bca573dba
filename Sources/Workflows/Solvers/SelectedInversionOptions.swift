import ElectronicStructure
import Foundation
import LatticeNumerics

/// `[selected_inversion]`
struct SelectedInversionOptions: SolverOptions {
    static let name = SelectedInversion.name
    static let timedSites = 1600
    /// The multiplications of nested dissection grow as N^1.5 ln N: from 40² to 200² sites as this power.
    static let costExponent = 1.6

    /// The largest allowed error of a density.
    var tolerance = SelectedInversion.toleranceDefault

    static var keys: [RecipeKey<Self>] { [.number("tolerance", \.tolerance, .between(0, 1)).deciding(.solver)] }

    func solver(_ model: HolsteinModel, pool: WorkerPool) -> any ElectronicSolver {
        SelectedInversion(model, tolerance: tolerance, pool: pool)
    }

    /// 6 N log₂ N complex numbers for each of 16 poles, as plane lattices of 100² and 200² sites take.
    func bytes(sites: Int) -> Double { 16 * 16 * 6 * Double(sites) * log2(Double(max(2, sites))) }
}
