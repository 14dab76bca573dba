import Foundation
import LatticeNumerics
import Lattices
import Models

extension TightBinding {
    /// Checks that every element is finite.
    ///
    /// - Throws: ``ElectronicStructureError/nonFiniteEnergy(site:cell:value:)``.
    func validate() throws {
        func refused(_ site: Int, _ value: Double) -> ElectronicStructureError {
            .nonFiniteEnergy(site: site, cell: supercell.cell(of: site), value: value)
        }
        switch onsite {
        case .scaled(let slope, let field):
            // A slope of 0 does not hide a number that is not finite: 0·∞ and 0·NaN are NaN.
            if let site = field.values.firstIndex(where: { !(slope * $0).isFinite }) { throw refused(site, field.values[site]) }
        case .blocks(let blocks):
            let all = blocks.real + (blocks.imaginary ?? [])
            if let index = all.firstIndex(where: { !$0.isFinite }) {
                throw refused(index % blocks.real.count / (blocks.orbitals * blocks.orbitals), all[index])
            }
        }
        guard case .blocks(let blocks) = bonds else { return }
        let all = blocks.real + (blocks.imaginary ?? [])
        if let index = all.firstIndex(where: { !$0.isFinite }) {
            let bond = index % blocks.real.count / (blocks.orbitals * blocks.orbitals)
            throw refused(supercell.bondPairs()[bond].0, all[index])
        }
    }
}

extension UniformTightBinding {
    /// Checks the energies of a box, outside of which there may be anything.
    ///
    /// - Throws: ``ElectronicStructureError/nonFiniteEnergy(site:cell:value:)``.
    func validate(in box: CellBox? = nil, pool: WorkerPool = WorkerPool(threads: 1)) throws {
        // A slope of 0 does not hide a number that is not finite: 0·∞ and 0·NaN are NaN.
        if let site = values.firstSite(
            in: box ?? CellBox(supercell), where: slope, from: 0, exceeds: .greatestFiniteMagnitude, pool: pool)
        {
            throw ElectronicStructureError.nonFiniteEnergy(site: site, cell: supercell.cell(of: site), value: values[site])
        }
    }
}
