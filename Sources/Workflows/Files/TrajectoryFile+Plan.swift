import Lattices
import Observables
import Storage

extension TrajectoryFile {
    /// What a trajectory file is made for.
    package struct Plan {
        package let supercell: Supercell
        package let timeStep: Double
        package let steps: Int
        package let frameInterval: Int
        package let fields: [TrajectoryField]
        package let observableInterval: Int
        package let observables: [ScalarObservable]
        package let recipe: String
        package let forceField: String
        package let modelDigest: String
        package let seed: UInt64

        package init(
            supercell: Supercell, timeStep: Double, steps: Int, frameInterval: Int, fields: [TrajectoryField],
            observableInterval: Int, observables: [ScalarObservable], recipe: String, forceField: String, modelDigest: String,
            seed: UInt64
        ) {
            (self.supercell, self.timeStep, self.steps) = (supercell, timeStep, steps)
            (self.frameInterval, self.fields) = (frameInterval, TrajectoryField.allCases.filter(fields.contains))
            (self.observableInterval, self.observables) = (observableInterval, observables)
            (self.recipe, self.forceField, self.modelDigest, self.seed) = (recipe, forceField, modelDigest, seed)
        }

        var frameSteps: [Int] { Array(stride(from: 0, through: steps, by: frameInterval)) }
        var sampleSteps: [Int] { Array(stride(from: 0, through: steps, by: observableInterval)) }
    }

    /// Makes the file of a simulation that has yet to begin, with space for all samples; `prepare` may fill some of it.
    ///
    /// - Throws: `StorageError` `.outOfSpace` or `.unwritable`.
    static func create(_ path: String, _ plan: Plan, prepare: (HDF5File) throws -> Void = { _ in }) throws {
        precondition(plan.fields.contains(.displacement), "frames hold the displacement at least")
        let frames = TrajectoryFrames(of: path)
        try AtomicFile.replace(path) { temporary in
            let file = try HDF5File.create(temporary)
            try file.createGroup("h5md/author")
            try file.createGroup("h5md/creator")
            try file.writeAttribute("version", of: "h5md", [1, 1])
            try file.writeAttribute("name", of: "h5md/author", "Adiabat")
            try file.writeAttribute("name", of: "h5md/creator", "Adiabat")
            try file.writeAttribute("version", of: "h5md/creator", AdiabatVersion.current)
            try file.createGroup("adiabat")
            try file.writeAttribute("format", of: "adiabat", format)
            try file.writeAttribute("recipe", of: "adiabat", plan.recipe)
            try file.writeAttribute("size", of: "adiabat", plan.supercell.size)
            try file.writeAttribute("force_field", of: "adiabat", plan.forceField)
            try file.writeAttribute("model_sha256", of: "adiabat", plan.modelDigest)
            try file.writeAttribute("seed", of: "adiabat", "\(plan.seed)")
            try file.writeAttribute(apartKey, of: "adiabat", 1)

            let lattice = plan.supercell.lattice
            try file.createGroup("particles/sites/box")
            try file.writeAttribute("dimension", of: "particles/sites/box", lattice.dimension)
            try file.writeAttribute(
                "boundary", of: "particles/sites/box", BoundaryText.texts(plan.supercell.periodic))
            let edges = zip(lattice.primitiveVectors, plan.supercell.size).flatMap { vector, side in
                vector.map { $0 * Double(side) }
            }
            try file.write(edges, shape: [lattice.dimension, lattice.dimension], to: "particles/sites/box/edges")

            func write(_ steps: [Int], to group: String) throws {
                try file.write(steps, shape: [steps.count], to: group + "/step")
                try file.write(steps.map { Double($0) * plan.timeStep }, shape: [steps.count], to: group + "/time")
            }
            try write(plan.frameSteps, to: "particles/sites/displacement")
            for field in plan.fields {
                try file.linkExternally(
                    file: frames.name + "/" + TrajectoryFrames.listName, field.rawValue, to: "particles/sites/\(field)/value")
            }
            try linkTimes(of: plan.fields, in: file)
            let first = plan.observables[0].name
            try write(plan.sampleSteps, to: "observables/\(first)")
            for observable in plan.observables {
                try file.createReserved("observables/\(observable.name)/value", shape: [plan.sampleSteps.count], type: .float64)
                guard observable.name != first else { continue }
                for name in ["step", "time"] {
                    try file.link(from: "observables/\(first)/\(name)", to: "observables/\(observable.name)/\(name)")
                }
            }
            try file.createReserved("adiabat/progress", shape: [2], type: .int64)
            try file.writeAttribute("observables", of: "adiabat", plan.observables.map(\.name))
            try prepare(file)
            try file.close()
        }
    }

    /// Steps and times are those of the displacement for all fields.
    static func linkTimes(of fields: [TrajectoryField], in file: HDF5File) throws {
        for field in fields where field != .displacement {
            for name in ["step", "time"] {
                try file.link(from: "particles/sites/displacement/\(name)", to: "particles/sites/\(field)/\(name)")
            }
        }
    }
}
