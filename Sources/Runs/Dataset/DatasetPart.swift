import Lattices
import Storage

/// The snapshots of one trajectory on their way into a dataset: a checksummed safetensors file.
package struct DatasetPart {
    let snapshots: [Dataset.Snapshot]

    package init(_ snapshots: [Dataset.Snapshot]) {
        self.snapshots = snapshots
    }

    /// - Parameter waits: whether the part outlives a power cut when this returns; one that does not is made again.
    package func save(to path: String, metadata: [String: String] = [:], waits: Bool = true) throws {
        try Checkpoint(tensors: Self.tensors(of: snapshots), metadata: metadata).save(to: path, waits: waits)
    }

    /// - Parameter warn: told that the part was made with another arithmetic.
    /// - Throws: `StorageError` if the part is missing or damaged.
    package static func read(_ path: String, supercell: Supercell, kind: SiteVariable.Kind, warn: (String) -> Void) throws
        -> [Dataset
        .Snapshot]
    {
        guard let restored = try Checkpoint.load(path) else { throw StorageError(.missing, path: path, problem: "is not there") }
        if let warning = restored.warning { warn(warning) }
        return try snapshots(in: restored.checkpoint.contents, supercell: supercell, kind: kind)
    }

    package static func tensors(of snapshots: [Dataset.Snapshot]) -> [Safetensors.Tensor] {
        let count = snapshots.count
        func fields(_ name: String, _ fields: [SiteField]) -> Safetensors.Tensor {
            .init(name: name, shape: [count] + (fields.first?.shape ?? []), values: .float64(fields.flatMap(\.values)))
        }
        return [
            fields("displacement", snapshots.map(\.displacement)), fields("density", snapshots.map(\.density)),
            fields("electronic_force", snapshots.map(\.electronicForce)), fields("force", snapshots.map(\.force)),
            .init(name: "potential", shape: [count], values: .float64(snapshots.map(\.potential))),
            .init(name: "chemical_potential", shape: [count], values: .float64(snapshots.map(\.chemicalPotential))),
            .init(name: "time", shape: [count], values: .float64(snapshots.map(\.time))),
            .init(name: "step", shape: [count], values: .int64(snapshots.map { Int64($0.step) })),
        ]
    }

    package static func snapshots(in file: Safetensors, supercell: Supercell, kind: SiteVariable.Kind) throws -> [Dataset
        .Snapshot]
    {
        let step = try file.integers("step")
        let count = step.count
        guard count > 0 else { return [] }
        let fields = try ["displacement", "density", "electronic_force", "force"].map { name in
            let kind = name == "density" ? .scalar : kind
            let shape = [count] + SiteField.shape(on: supercell, kind: kind)
            return SiteField.fields(on: supercell, kind: kind, of: try file.fieldValues(name, shape: shape))
        }
        let potential = try file.doubles("potential", shape: [count])
        let chemicalPotential = try file.doubles("chemical_potential", shape: [count])
        let time = try file.doubles("time", shape: [count])
        return (0..<count).map { k in
            let values = fields.map { $0[k] }
            return Dataset.Snapshot(
                displacement: values[0], density: values[1], electronicForce: values[2], force: values[3],
                potential: potential[k],
                chemicalPotential: chemicalPotential[k], step: step[k], time: time[k])
        }
    }
}

extension Safetensors {
    /// Values of fields of a shape, or of as many sites along one axis, as earlier versions have left them.
    package func fieldValues(_ name: String, shape: [Int]) throws -> [Double] {
        let tensor = try tensor(name)
        let isFlat = tensor.shape.reduce(1, *) == shape.reduce(1, *) && tensor.shape.count < shape.count
        return try doubles(name, shape: isFlat ? tensor.shape : shape)
    }
}
