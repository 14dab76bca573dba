import Lattices
import Storage

/// The snapshots of one trajectory on their way into a dataset: a checksummed safetensors file.
struct DatasetPart {
    let snapshots: [Dataset.Snapshot]

    init(_ snapshots: [Dataset.Snapshot]) {
        self.snapshots = snapshots
    }

    /// - Parameter waits: whether the part outlives a power cut when this returns; one that does not is made again.
    func save(to path: String, metadata: [String: String] = [:], waits: Bool = true) throws {
        try Checkpoint(tensors: Self.tensors(of: snapshots), metadata: metadata).save(to: path, waits: waits)
    }

    /// - Parameter warn: told that the part was made with another arithmetic.
    /// - Throws: `StorageError` if the part is missing or damaged.
    static func read(_ path: String, supercell: Supercell, warn: (String) -> Void) throws -> [Dataset.Snapshot] {
        guard let restored = try Checkpoint.load(path) else { throw StorageError(.missing, path: path, problem: "is not there") }
        if let warning = restored.warning { warn(warning) }
        return try snapshots(in: restored.checkpoint.contents, supercell: supercell)
    }

    static func tensors(of snapshots: [Dataset.Snapshot]) -> [Safetensors.Tensor] {
        let sites = snapshots.first?.displacement.values.count ?? 0
        let count = snapshots.count
        return [
            .init(name: "displacement", shape: [count, sites], values: .float64(snapshots.flatMap(\.displacement.values))),
            .init(name: "density", shape: [count, sites], values: .float64(snapshots.flatMap(\.density.values))),
            .init(
                name: "electronic_force", shape: [count, sites], values: .float64(snapshots.flatMap(\.electronicForce.values))),
            .init(name: "force", shape: [count, sites], values: .float64(snapshots.flatMap(\.force.values))),
            .init(name: "potential", shape: [count], values: .float64(snapshots.map(\.potential))),
            .init(name: "chemical_potential", shape: [count], values: .float64(snapshots.map(\.chemicalPotential))),
            .init(name: "time", shape: [count], values: .float64(snapshots.map(\.time))),
            .init(name: "step", shape: [count], values: .int64(snapshots.map { Int64($0.step) })),
        ]
    }

    static func snapshots(in file: Safetensors, supercell: Supercell) throws -> [Dataset.Snapshot] {
        let step = try file.integers("step")
        let count = step.count
        guard count > 0 else { return [] }
        let sites = supercell.siteCount
        let fields = try ["displacement", "density", "electronic_force", "force"].map {
            try file.doubles($0, shape: [count, sites])
        }
        let potential = try file.doubles("potential", shape: [count])
        let chemicalPotential = try file.doubles("chemical_potential", shape: [count])
        let time = try file.doubles("time", shape: [count])
        return (0..<count).map { k in
            let values = fields.map { SiteField(supercell, values: Array($0[k * sites..<(k + 1) * sites])) }
            return Dataset.Snapshot(
                displacement: values[0], density: values[1], electronicForce: values[2], force: values[3],
                potential: potential[k],
                chemicalPotential: chemicalPotential[k], step: step[k], time: time[k])
        }
    }
}
