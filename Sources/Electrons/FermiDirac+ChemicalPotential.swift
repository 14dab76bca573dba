import Foundation

extension FermiDirac {
    /// The chemical potential at which the levels hold a given number of electrons: Σ_m f(ε_m) = electrons.
    ///
    /// The root of the monotone N(μ) is bracketed by N e^{(μ−ε_first)/k_BT} ≥ N(μ) and its mirror image, and bisected to
    /// rounding. With a whole number M of electrons, electrons above and holes below the gap are balanced, not counted from
    /// the bottom, so that μ is sharp inside a wide gap; where both underflow, and at k_BT = 0, μ is the middle of the gap.
    /// At k_BT = 0 with a partly filled level, μ is that level.
    ///
    /// - Parameters:
    ///   - eigenvalues: ε_m in ascending order.
    ///   - electrons: between 0 and the number of levels, both excluded; a number within 10⁻⁹ of a whole one is taken as whole.
    ///   - temperature: k_BT ≥ 0.
    /// - Throws: ``ElectronicStructureError/impossibleFilling(electrons:levels:)``, and
    ///   ``ElectronicStructureError/energiesOutOfRange(solver:largest:limit:)`` for levels too far apart to subtract.
    public static func chemicalPotential(eigenvalues: [Double], electrons: Double, temperature: Double) throws -> Double {
        let electrons = abs(electrons - electrons.rounded()) < 1e-9 ? electrons.rounded() : electrons
        let levels = Double(eigenvalues.count)
        guard electrons > 0, electrons < levels else {
            throw ElectronicStructureError.impossibleFilling(electrons: electrons, levels: eigenvalues.count)
        }
        guard (eigenvalues[eigenvalues.count - 1] - eigenvalues[0] + temperature * log(levels)).isFinite else {
            throw ElectronicStructureError.energiesOutOfRange(
                solver: "every solver", largest: max(-eigenvalues[0], eigenvalues[eigenvalues.count - 1], temperature),
                limit: .greatestFiniteMagnitude / 4)
        }
        let filled = Int(electrons)
        let isWhole = Double(filled) == electrons
        let fermiLevel = isWhole ? (eigenvalues[filled - 1] + eigenvalues[filled]) / 2 : eigenvalues[filled]
        if temperature == 0 { return fermiLevel }

        /// N(μ) − electrons, as electrons in the upper levels less holes in the lower ones.
        func excess(_ chemicalPotential: Double) -> Double {
            var upper = 0.0
            var lower = 0.0
            for energy in eigenvalues[filled...] {
                upper += occupation(energy: energy, chemicalPotential: chemicalPotential, temperature: temperature)
            }
            // The hole's occupation 1 − f(ε) is f mirrored at μ.
            for energy in eigenvalues[..<filled].reversed() {
                lower += occupation(energy: chemicalPotential, chemicalPotential: energy, temperature: temperature)
            }
            return upper - lower - (electrons - Double(filled))
        }
        if isWhole, excess(fermiLevel) == 0 { return fermiLevel }
        var low = eigenvalues[0] + temperature * log(electrons / levels)
        var high = eigenvalues[eigenvalues.count - 1] - temperature * log(1 - electrons / levels)
        // f depends on μ/k_BT: a bracket narrower than rounding of k_BT or of μ itself holds nothing more to find.
        while high - low > max(abs(low), abs(high), temperature) * 0x1p-52 {
            let middle = low + (high - low) / 2
            if excess(middle) < 0 { low = middle } else { high = middle }
        }
        return low + (high - low) / 2
    }
}
