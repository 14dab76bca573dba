import Lattices
import Storage

/// What a frame of a trajectory holds of every site.
public enum TrajectoryField: String, Sendable, CaseIterable {
    /// Q.
    case displacement
    /// Q̇.
    case velocity
    /// −∂Ω/∂Q, the elastic part included.
    case force
    /// n; NaN where the force field does not tell it.
    case density

    /// How its numbers transform, for a site variable of a kind.
    func kind(of variable: SiteVariable.Kind) -> SiteVariable.Kind { self == .density ? .scalar : variable }
}

extension [TrajectoryField] {
    /// Says of every field in an H5MD file what its sites are as an array of the lattice, in the attribute `shape`.
    func recordShapes(in file: HDF5File, on supercell: Supercell, _ variable: SiteVariable.Kind) throws {
        for field in self {
            let shape = SiteField.shape(on: supercell, kind: field.kind(of: variable))
            try file.writeAttribute("shape", of: "particles/sites/\(field)", shape)
        }
    }
}
