import Foundation
import Lattices
import Models
import Recipes
import Storage

/// `dataset.h5`: snapshots one after the other, each an array as `SiteField.shape` says, with the trajectory each belongs to.
///
///     /density                                   (snapshots, Ly, Lx) on the square lattice
///     /displacement                              the same, with an axis for components where there are several
///     /electronic_force /force                   as the displacement: the part that is learned, and the whole
///     /potential /chemical_potential /time       (snapshots); a potential that the solver does not compute is NaN
///     /step /trajectory                          (snapshots), whole numbers
///     /trajectories/kind /split /seed            (trajectories), whole numbers; kind 0 random, 1 quench;
///                                                split 0 training, 1 validation, 2 test
///     /trajectories/temperature …                (trajectories), a column for every parameter of the electrons of which there may be
///                                                a list in `[generate]`, by its key; NaN if it is not given, as μ at fixed filling
///     /trajectories/recipe                       (trajectories), only where `--force-resume` went on with another recipe: the place
///                                                among `earlier_recipes` of the one that made it; −1 that of the file
///
/// The root's attributes hold `format`, `version`, the resolved `recipe`, the `site_variable`, and the `boundary` of each direction as in H5MD,
/// "periodic" or "none"; `earlier_recipes` where there are some. What else determines the electrons is in the recipe; so is
/// what a file has no column of.
package enum DatasetFile {
    static let format = "adiabat-dataset"
    private static let version = 1

    package static func write(_ dataset: Dataset, to path: String) throws {
        try AtomicFile.replace(path) { temporary in
            let columns = dataset.listedParameters
            let file = try HDF5File.create(temporary) { Units.unit(ofDataset: $0, parameters: columns) }
            try file.writeAttribute("format", of: "/", format)
            try file.writeAttribute("version", of: "/", version)
            try file.writeAttribute("recipe", of: "/", dataset.recipe)
            try file.writeAttribute("boundary", of: "/", BoundaryText.texts(dataset.supercell.periodic))
            let snapshots = dataset.trajectories.flatMap(\.snapshots)
            let kind = snapshots.first?.displacement.kind ?? .scalar
            try kind.record(in: file, of: "/")
            func write(_ fields: [SiteField], _ kind: SiteVariable.Kind, to name: String) throws {
                let shape = [fields.count] + SiteField.shape(on: dataset.supercell, kind: kind)
                try file.write(fields.flatMap(\.values), shape: shape, to: name)
            }
            try write(snapshots.map(\.displacement), kind, to: "displacement")
            try write(snapshots.map(\.density), .scalar, to: "density")
            try write(snapshots.map(\.electronicForce), kind, to: electronicForceKey)
            try write(snapshots.map(\.force), kind, to: "force")
            let count = [snapshots.count]
            try file.write(snapshots.map(\.potential), shape: count, to: "potential", nonFinite: .undefined)
            try file.write(snapshots.map(\.chemicalPotential), shape: count, to: "chemical_potential")
            try file.write(snapshots.map(\.time), shape: count, to: "time")
            try file.write(snapshots.map(\.step), shape: count, to: "step")
            let owners = dataset.trajectories.enumerated().flatMap { index, trajectory in
                [Int](repeating: index, count: trajectory.snapshots.count)
            }
            try file.write(owners, shape: count, to: "trajectory")
            let trajectories = [dataset.trajectories.count]
            try file.write(dataset.trajectories.map(\.kind.rawValue), shape: trajectories, to: "trajectories/kind")
            try file.write(dataset.trajectories.map(\.split.rawValue), shape: trajectories, to: "trajectories/split")
            try file.write(
                dataset.trajectories.map { Int(bitPattern: UInt($0.seed)) }, shape: trajectories, to: "trajectories/seed")
            for column in columns.map(\.key) {
                let values = dataset.trajectories.map { $0.electrons[column] ?? .nan }
                try file.write(values, shape: trajectories, to: "trajectories/\(column)", nonFinite: .undefined)
            }
            if !dataset.earlierRecipes.isEmpty {
                try file.writeAttribute(earlierKey, of: "/", dataset.earlierRecipes)
                try file.write(
                    dataset.trajectories.map { $0.earlierRecipe ?? -1 }, shape: trajectories, to: "trajectories/recipe")
            }
            try file.close()
        }
    }

    private static let earlierKey = "earlier_recipes"
    private static let electronicForceKey = "electronic_force"

    /// The recipe recorded in the file.
    static func recipe(of path: String) throws -> String {
        let file = try open(path)
        return try file.readStringAttribute("recipe", of: "/")
    }

    /// The digest of all numbers in the file: that of the digests of its arrays, which reading them holds against the numbers.
    static func digest(ofNumbers path: String) throws -> String {
        let file = try open(path)
        func digests(in group: String) throws -> [String] {
            try file.children(of: group).sorted().flatMap { name -> [String] in
                let place = (group == "/" ? "" : group) + "/" + name
                return try file.isGroup(place)
                    ? digests(in: place) : ["\(place) \(try file.readStringAttribute("sha256", of: place))"]
            }
        }
        return Digest.sha256(of: Data(try digests(in: "/").joined(separator: "\n").utf8))
    }

    /// - Throws: `StorageError` if the file is not a complete dataset of this supercell.
    package static func read(_ path: String, supercell: Supercell) throws -> Dataset {
        let file = try open(path)
        // Datasets from before there were open ends do not say that they have none.
        let isSilent = try !file.hasAttribute("boundary", of: "/")
        let periodic = try isSilent ? supercell.size.map { _ in true } : BoundaryText.read(from: file, of: "/")
        guard periodic == supercell.periodic else {
            throw StorageError(
                .malformed, path: path, problem: "has periodic = \(periodic); \(supercell.periodic) is needed")
        }
        // Files from before the electronic force was kept have densities that it follows from.
        let keepsForce = try file.children(of: "/").contains(electronicForceKey)
        let kind = try SiteVariable.Kind.recorded(in: file, of: "/", on: supercell.lattice)
        let names = ["displacement", "density", "force"] + (keepsForce ? [electronicForceKey] : [])
        let fields = try names.map { name -> [SiteField] in
            let kind = name == "density" ? .scalar : kind
            let (values, shape) = try file.readDoubles(name)
            let needed = SiteField.shape(on: supercell, kind: kind)
            guard Array(shape.dropFirst()) == needed else {
                throw StorageError(
                    .wrongShape, path: path,
                    problem: "'\(name)' has shape \(shape); a number of snapshots and \(needed) are needed")
            }
            guard values.allSatisfy(\.isFinite) else {
                throw StorageError(.malformed, path: path, problem: "'\(name)' holds numbers that are not finite")
            }
            return SiteField.fields(on: supercell, kind: kind, of: values)
        }
        let count = fields[0].count
        func column<Value>(_ name: String, _ values: [Value]) throws -> [Value] {
            guard values.count == count else {
                throw StorageError(
                    .wrongShape, path: path, problem: "'\(name)' has \(values.count) entries for \(count) snapshots")
            }
            return values
        }
        for (name, field) in zip(names, fields).dropFirst() { _ = try column(name, field) }
        let potential = try column("potential", file.readDoubles("potential").values)
        let chemicalPotential = try column("chemical_potential", file.readDoubles("chemical_potential").values)
        let time = try column("time", file.readDoubles("time").values)
        let step = try column("step", file.readIntegers("step").values)
        let owner = try column("trajectory", file.readIntegers("trajectory").values)
        let kinds = try file.readIntegers("trajectories/kind").values.map(Dataset.Kind.init)
        let splits = try file.readIntegers("trajectories/split").values.map(Dataset.Split.init)
        let seeds = try file.readIntegers("trajectories/seed").values
        guard kinds.count == splits.count, seeds.count == kinds.count, !kinds.contains(nil), !splits.contains(nil),
            owner.allSatisfy(kinds.indices.contains)
        else { throw StorageError(.malformed, path: path, problem: "the table of trajectories is inconsistent") }

        let recipe = try file.readStringAttribute("recipe", of: "/")
        let (earlier, makers) = try makers(in: file, count: kinds.count)
        let electrons = try electrons(
            in: file, recipes: makers.map { $0.map { earlier[$0] } ?? recipe }, on: supercell.lattice)
        guard electrons.allSatisfy({ $0.variable.kind == kind }) else {
            throw StorageError(.malformed, path: path, problem: "its site variable, a \(kind), is not that of its recipe")
        }
        var snapshots = kinds.map { _ in [Dataset.Snapshot]() }
        for k in 0..<count {
            let values = fields.map { $0[k] }
            snapshots[owner[k]].append(
                Dataset.Snapshot(
                    displacement: values[0], density: values[1],
                    electronicForce: keepsForce ? values[3] : electrons[owner[k]].electronicForce(from: values[1]),
                    force: values[2], potential: potential[k], chemicalPotential: chemicalPotential[k], step: step[k],
                    time: time[k]))
        }
        let trajectories = kinds.indices.map {
            Dataset.Trajectory(
                kind: kinds[$0]!, split: splits[$0]!, seed: UInt64(UInt(bitPattern: seeds[$0])), electrons: electrons[$0],
                snapshots: snapshots[$0], earlierRecipe: makers[$0])
        }
        return Dataset(supercell: supercell, trajectories: trajectories, recipe: recipe, earlierRecipes: earlier)
    }

    /// Earlier recipes, and for every trajectory which of them made it; nil for the recipe of the file.
    private static func makers(in file: HDF5File, count: Int) throws -> (earlier: [String], makers: [Int?]) {
        guard try file.hasAttribute(earlierKey, of: "/") else { return ([], [Int?](repeating: nil, count: count)) }
        let earlier = try file.readStringsAttribute(earlierKey, of: "/")
        let indices = try file.readIntegers("trajectories/recipe").values
        guard indices.count == count, indices.allSatisfy((-1..<earlier.count).contains) else {
            throw StorageError(.malformed, path: file.path, problem: "'trajectories/recipe' does not fit the recipes")
        }
        return (earlier, indices.map { $0 < 0 ? nil : $0 })
    }

    /// The electrons of every trajectory, each with its recipe.
    private static func electrons(in file: HDF5File, recipes: [String], on lattice: Lattice) throws -> [AdiabaticModel] {
        let (path, count) = (file.path, recipes.count)
        var known: [String: AdiabaticModel] = [:]
        let models: [AdiabaticModel]
        do {
            for recipe in recipes where known[recipe] == nil {
                known[recipe] = try ModelRecipe.model(recipe, file: path, on: lattice)
            }
            models = recipes.map { known[$0]! }
        } catch let error as RecipeError {
            throw StorageError(.malformed, path: path, problem: "its recipe cannot be read: \(error)")
        }
        let columns = try file.children(of: "/trajectories")
        return try (models.first?.listedParameters ?? []).map(\.key).filter(columns.contains).reduce(models) { models, column in
            let (values, shape) = try file.readDoubles("trajectories/\(column)")
            guard shape == [count] else {
                throw StorageError(
                    .wrongShape, path: path, problem: "'trajectories/\(column)' has shape \(shape) for \(count) trajectories")
            }
            do {
                // What is not given, as μ at fixed filling, has no number.
                return try zip(models, values).map { $0[column] == nil ? $0 : try $0.with(column, $1) }
            } catch let error as ModelError {
                throw StorageError(.malformed, path: path, problem: "the electrons of a trajectory: \(error)")
            }
        }
    }

    private static func open(_ path: String) throws -> HDF5File {
        let file = try HDF5File.open(path)
        guard try file.hasAttribute("format", of: "/"), try file.readStringAttribute("format", of: "/") == format else {
            throw StorageError(.malformed, path: path, problem: "is not a dataset of this program")
        }
        guard try file.readIntegerAttribute("version", of: "/") == version else {
            throw StorageError(
                .malformed, path: path, problem: "is a dataset of another version of this program; version \(version) is read")
        }
        return file
    }
}
