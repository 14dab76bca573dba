import Lattices
import Models

extension SelectedInversion {
    /// What one elimination and inversion at a configuration computes.
    package struct Operations: Sendable, Equatable {
        /// max |ε − μ|/k_BT, from Gershgorin's circles.
        package let bound: Double
        /// Poles of the expansion; of each conjugate pair one is enough.
        package let poles: Int
        /// Complex multiply–adds for one pole.
        package let multiplications: Double

        /// Real additions and multiplications for all poles: eight for each complex multiply–add.
        package var count: Double { 8 * multiplications * Double(poles) }
    }

    /// The operations of a solution at a fixed chemical potential; at fixed filling they are made for every μ that is tried.
    ///
    /// The structure of the supercell is analysed for it, as in the first solution.
    ///
    /// - Throws: ``PoleExpansionError`` if no expansion meets the tolerance.
    package func operations(
        _ h: TightBinding, temperature: Double, chemicalPotential: Double
    ) throws -> Operations {
        let h = try uniform(h, shells: true)
        let structure = FrontalMatrices(h.supercell)
        let bounds = SpectrumBounds(h)
        let energy = bounds.distance(from: chemicalPotential)
        let bound = energy / temperature
        let expansion = try expansion(energy: energy, temperature: temperature)
        return Operations(bound: bound, poles: expansion.poles.count, multiplications: structure.multiplications)
    }
}
