import Lattices
import Storage

/// The stages by the names of their commands.
public enum StageName: String, Codable, Sendable, CaseIterable {
    case generate, train, learn, simulate, coarsen, compare, analyze, audit, report

    /// The stages of a run, in their order: a recipe with the table `[learn]` learns actively in place of training once, and one
    /// with `[coarsening]` runs an ensemble of quenches in place of one.
    public static func all(of recipe: Recipe) -> [StageName] {
        [.generate, recipe.learn == nil ? .train : .learn]
            + (recipe.coarsening == nil ? [.simulate, .compare, .analyze] : [.coarsen, .compare]) + [.report]
    }
}

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
    package func kind(of variable: SiteVariable.Kind) -> SiteVariable.Kind { self == .density ? .scalar : variable }
}

extension [TrajectoryField] {
    /// Says of every field in an H5MD file what its sites are as an array of the lattice, in the attribute `shape`.
    package func recordShapes(in file: HDF5File, on supercell: Supercell, _ variable: SiteVariable.Kind) throws {
        for field in self {
            let shape = SiteField.shape(on: supercell, kind: field.kind(of: variable))
            try file.writeAttribute("shape", of: "particles/sites/\(field)", shape)
        }
    }
}
