import Foundation
import Lattices
import Models

/// The chemical potential of a given number of electrons, found with few evaluations of N(μ) where one is dear.
struct FillingSearch {
    private let bracket: (lower: Double, upper: Double)
    private let guess: Double
    /// ∂N/∂μ as the sites alone have it.
    private let compressibility: Double

    /// Brackets the root by N e^{(μ−ε_first)/k_BT} ≥ N(μ) and its mirror image, and begins where sites without hopping, at a
    /// temperature no less than that, would hold the electrons.
    ///
    /// - Throws: ``ElectronicStructureError/impossibleFilling(electrons:levels:)``.
    init(filling: Double, temperature kT: Double, _ h: UniformTightBinding, bounds: SpectrumBounds) throws {
        let electrons = filling * Double(h.supercell.siteCount)
        bracket = (bounds.lower + kT * log(filling), bounds.upper - kT * log(1 - filling))
        guard (bracket.upper - bracket.lower).isFinite else {
            throw ElectronicStructureError.energiesOutOfRange(
                solver: "every solver", largest: max(abs(bracket.lower), abs(bracket.upper)), limit: .greatestFiniteMagnitude / 4)
        }
        let energies = h.values.values.map { h.slope * $0 }.sorted()
        let temperature = max(kT, abs(h.hopping))
        guess = try FermiDirac.chemicalPotential(eigenvalues: energies, electrons: electrons, temperature: temperature)
        compressibility = energies.reduce(0) { [guess] sum, energy in
            let occupation = FermiDirac.occupation(energy: energy, chemicalPotential: guess, temperature: temperature)
            return sum + occupation * (1 - occupation) / temperature
        }
    }

    /// The μ at which the excess N(μ) − N over the number of electrons is at most `tolerance`, or where the bracket has shrunk to
    /// rounding, with the value that belongs to it. The caller checks whether the excess is small enough.
    ///
    /// Secants through the last two points; the bracket is bisected when a secant leaves it or has not halved it in three steps.
    func root<Solution>(
        tolerance: Double, excess evaluate: (_ chemicalPotential: Double) throws -> (excess: Double, Solution)
    ) throws -> (chemicalPotential: Double, Solution) {
        var (lower, upper) = bracket
        let rounding = max(abs(lower), abs(upper)) * 0x1p-51
        var slope = compressibility
        var point = min(max(guess, lower), upper)
        var last: (point: Double, excess: Double)?
        var step = 0
        var width = upper - lower
        while true {
            let (excess, solution) = try evaluate(point)
            if abs(excess) <= tolerance || upper - lower <= rounding { return (point, solution) }
            if excess < 0 { lower = point } else { upper = point }
            if let last, last.point != point { slope = (excess - last.excess) / (point - last.point) }
            last = (point, excess)
            step += 1
            let secant = point - excess / slope
            let isSlow = step % 3 == 0 && upper - lower > width / 2
            if step % 3 == 0 { width = upper - lower }
            point = slope > 0 && secant > lower && secant < upper && !isSlow ? secant : lower + (upper - lower) / 2
        }
    }
}
