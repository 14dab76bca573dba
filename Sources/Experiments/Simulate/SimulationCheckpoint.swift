import Communication
import Dynamics
import Lattices
import Runs
import Storage

/// `simulation.checkpoint`: the state of an unfinished `simulate`, in slabs: the file is the same for any number of processes, and
/// any number can go on with it.
///
/// Displacement and velocity are kept. The force follows from the displacement with the bits that it had.
struct SimulationCheckpoint {
    static let format = "adiabat-simulation-2"
    private static let fields = ["state.displacement", "state.velocity"]

    let path: String
    let lattice: SharedLattice
    /// Of the dynamics.
    let seed: UInt64
    /// Of the run: its recipe and its model.
    let metadata: [String: String]

    private var layout: SlabLayout { lattice.layout.repeated(lattice.kind.count(in: lattice.whole.lattice)) }

    /// Collective.
    ///
    /// - Throws: `StorageError`, the same on all ranks.
    func save(_ state: PhaseSpaceState) throws {
        try SlabCheckpoint.save(
            to: path,
            tensors: [
                .init(name: "state.step", shape: [], values: .int64([Int64(state.step)])),
                .init(name: "state.potential", shape: [], values: .float64([state.potential ?? .nan])),
            ],
            metadata: metadata.merging(["format": Self.format]) { $1 }, slabs: Self.fields, layout: layout,
            communicator: lattice.slabs.communicator
        ) { name in lattice.slabs.collect(name == Self.fields[0] ? state.displacement : state.velocity) }
    }

    /// The step of the newest state that is not damaged; nil if there is none. On one rank, for all its slabs are looked at.
    ///
    /// - Throws: `StorageError`
    func lastStep() throws -> Int? {
        try Self.hinting {
            try SlabCheckpoint.load(
                path, slabs: Self.fields,
                layout: SlabLayout(count: lattice.layout.count, unit: lattice.layout.unit).repeated(layout.components),
                communicator: SingleProcess(), receive: { _, _ in })
        }?.contents.integers("state.step", shape: [])[0]
    }

    /// The newest state that is not damaged; nil if there is none. Collective.
    ///
    /// - Parameters:
    ///   - warn: told of a newer state that is damaged.
    ///   - accept: looks at the metadata, on the first rank.
    /// - Throws: `StorageError`, and what `accept` and the force field throw.
    func restored(
        tracksPotential: Bool, warn: (String) -> Void, accept: (Safetensors) throws -> Void
    ) throws -> PhaseSpaceState? {
        var displacement = SiteField(lattice.domain.local, kind: lattice.kind)
        var velocity = displacement
        let restored = try load { name, values in
            if name == Self.fields[0] {
                lattice.slabs.distribute(values, into: &displacement)
            } else {
                lattice.slabs.distribute(values, into: &velocity)
            }
        }
        guard let restored else { return nil }
        if let warning = restored.warning { warn(warning) }
        try accept(restored.contents)
        return try PhaseSpaceState(
            displacement: displacement, velocity: velocity, forceField: lattice.total, domain: lattice.domain,
            step: try restored.contents.integers("state.step", shape: [])[0], seed: seed, tracksPotential: tracksPotential)
    }

    private func load(_ receive: (String, UnsafeBufferPointer<Double>) -> Void) throws -> SlabCheckpoint.Restored? {
        try Self.hinting {
            try SlabCheckpoint.load(
                path, slabs: Self.fields, layout: layout, communicator: lattice.slabs.communicator, receive: receive)
        }
    }

    private static func hinting<Value>(_ load: () throws -> Value) throws -> Value {
        do { return try load() } catch let error as StorageError where error.kind == .malformed {
            throw StorageError(.malformed, path: error.path, problem: error.problem + "; `--no-resume` discards it")
        }
    }
}
