import Electrons
import Lattices
import LearnedForces
import Recipes
import Runs

/// A force whose surroundings wrap around its periodic lattice.
///
/// Networks and local solvers find the force on a site from its surroundings. If the surroundings are longer than a side of the
/// lattice, the force is that of the infinite lattice that repeats the configuration, whose electrons have all wave vectors. A
/// solver of the whole lattice finds the force on the torus. Neither is wrong, but the two differ, the more the smaller the
/// lattice is.
package struct Surroundings {
    /// The name of the solver, or `the learned force`.
    let name: String
    /// How far a force sees, in cells along any direction.
    let reach: Int
    /// Cells of the lattice in each direction.
    let size: [Int]

    /// Nil if the surroundings do not wrap around the lattice.
    ///
    /// - Parameter reach: nil for a solver of the whole lattice.
    init?(of name: String, reach: Int?, on supercell: Supercell) {
        guard let reach, zip(supercell.size, supercell.periodic).contains(where: { $1 && $0 <= 2 * reach }) else { return nil }
        (self.name, self.reach, size) = (name, reach, supercell.size)
    }

    /// The warning for the user.
    var text: String {
        "\(name) sees \(reach) cells in every direction, which reach around the lattice of \(sizeText(size)) cells: its forces "
            + "are those of the infinite lattice that repeats the configuration; sides of \(2 * reach + 1) and more avoid this"
    }
}

extension Recipe {
    /// The forces of a stage whose surroundings wrap around their lattices.
    func wrappedForces(in stage: StageName) -> [Surroundings] {
        func solver(_ name: SolverName, _ size: [Int]) -> Surroundings? {
            let solver = self.solver(name, pool: .init(threads: 1))
            return Surroundings(of: name.rawValue, reach: solver.surroundings(on: lattice.geometry), on: supercell(size))
        }
        func model(_ size: [Int]) -> Surroundings? {
            // The reach follows from making the network, which takes time and is not needed on the largest lattices.
            guard supercell(size).size.contains(where: { $0 <= 128 }),
                let model = try? network.architecture.model(on: lattice.geometry, kind: .scalar)
            else { return nil }
            return Surroundings(of: "the learned force", reach: model.receptiveField, on: supercell(size))
        }
        func driver(_ size: [Int]) -> Surroundings? {
            switch simulate.forceField {
            case .solver(let name): solver(name, size)
            case .model: model(size)
            }
        }
        switch stage {
        case .generate: return [solver(generate.solver, lattice.size)].compactMap(\.self)
        case .train: return [model(lattice.size)].compactMap(\.self)
        case .simulate: return [driver(simulate.size)].compactMap(\.self)
        case .coarsen: return coarsening?.sizes.compactMap(driver) ?? []
        case .compare:
            let twins = compare.twinTrajectories > 0 ? [model(compare.twinSize), solver(compare.solver, compare.twinSize)] : []
            return ([model(lattice.size)] + twins).compactMap(\.self)
        case .learn:
            return learn.map { [model($0.size), solver($0.solver, $0.size)].compactMap(\.self) } ?? []
        case .analyze, .audit, .report: return []
        }
    }
}

extension StageContext {
    /// Warns the user of forces whose surroundings wrap around the lattices of a stage.
    ///
    /// - Returns: the same for the summary of the stage.
    func warnOfWrappedForces(in stage: StageName) -> [StageSummary.Fact] {
        // The ensemble has warned for all its quenches.
        guard isFirstRank, !(progress is EnsembleProgress) else { return [] }
        return warn(of: recipe.wrappedForces(in: stage))
    }

    /// The same for forces that the stage has found itself.
    package func warn(of forces: [Surroundings]) -> [StageSummary.Fact] {
        for force in forces { progress.warning(force.text) }
        return forces.map { .init("\($0.name) on \(sizeText($0.size))", "sees \($0.reach) cells, around the lattice") }
    }
}
