import ElectronicStructure
import EquivariantNetworks
import Lattices

/// Forces that reach around the periodic lattice they are used on.
///
/// Networks and local solvers find the force on a site from its surroundings. On a lattice that is shorter than these they take it
/// for the infinite lattice that repeats the configuration, whose electrons have all wave vectors, where a solver of the whole lattice
/// takes it as a torus. Neither is wrong, but the two differ, the more the smaller the lattice is.
struct Surroundings {
    /// Of the solver or model.
    let name: String
    /// How far a force sees, in cells along any direction.
    let reach: Int
    /// Cells of the lattice in each direction.
    let size: [Int]

    /// Nil if the force does not reach around the lattice.
    ///
    /// - Parameter reach: nil for a solver of the whole lattice.
    init?(of name: String, reach: Int?, on supercell: Supercell) {
        guard let reach, zip(supercell.size, supercell.periodic).contains(where: { $1 && $0 <= 2 * reach }) else { return nil }
        (self.name, self.reach, size) = (name, reach, supercell.size)
    }

    /// What a user should know.
    var text: String {
        "\(name) sees \(reach) cells in every direction, around the lattice of \(sizeText(size)) cells: its forces are those of the "
            + "infinite lattice that repeats the configuration; sides of \(2 * reach + 1) and more are free of that"
    }
}

extension Recipe {
    /// The forces of a stage that reach around the lattices they are used on.
    func wrappedForces(in stage: StageName) -> [Surroundings] {
        func solver(_ name: SolverName, _ size: [Int]) -> Surroundings? {
            let solver = self.solver(name, pool: .init(threads: 1))
            return Surroundings(of: name.rawValue, reach: solver.surroundings(on: lattice.geometry), on: supercell(size))
        }
        func model(_ size: [Int]) -> Surroundings? {
            // What a model sees is known by making it, which the largest lattices need not wait for.
            guard supercell(size).size.contains(where: { $0 <= 128 }),
                let model = try? network.architecture.model(on: lattice.geometry, components: .scalar)
            else { return nil }
            return Surroundings(of: "the model", reach: model.receptiveField, on: supercell(size))
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
    /// Tells the user of forces that reach around the lattices of a stage.
    ///
    /// - Returns: the same for the summary of the stage.
    func warnOfWrappedForces(in stage: StageName) -> [StageSummary.Fact] {
        // An ensemble speaks for its quenches.
        guard isFirstRank, !(progress is EnsembleProgress) else { return [] }
        return warn(of: recipe.wrappedForces(in: stage))
    }

    /// The same of forces that the stage has found itself.
    func warn(of forces: [Surroundings]) -> [StageSummary.Fact] {
        for force in forces { progress.warning(force.text) }
        return forces.map { .init("\($0.name) on \(sizeText($0.size))", "sees around the lattice, \($0.reach) cells") }
    }
}
