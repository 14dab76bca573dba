import ElectronicStructure
import EquivariantNetworks
import LatticeNumerics
import Training

/// Configurations for training, in pieces that are independent of one another, and those for validation.
struct TrainingData {
    /// Independent pieces, sorted by how they were made: hot configurations, quenches, and what `learn` has added.
    private(set) var training: [[ForceSamples]]
    let validation: ForceSamples

    init(_ dataset: Dataset) {
        training = Dataset.Kind.allCases.map { kind in
            dataset.trajectories(.training).filter { $0.kind == kind }.map(ForceSamples.init)
        }
        validation = Self.joined(dataset.trajectories(.validation).map(ForceSamples.init))
    }

    /// Adds a kind of pieces.
    mutating func append(_ pieces: [ForceSamples]) { training.append(pieces) }

    /// All there is.
    var whole: TrainingSet { TrainingSet(training: Self.joined(training.flatMap(\.self)), validation: validation) }

    /// As many pieces of each kind, drawn with repetition.
    ///
    /// B. Efron, Ann. Stat. 7, 1 (1979), doi:10.1214/aos/1176344552.
    func resampled(seed: UInt64) -> TrainingSet {
        let stream = RandomStream(seed: seed, purpose: .splitting)
        let drawn = training.enumerated().flatMap { kind, pieces in
            pieces.indices.map { pieces[Int(stream.uniform(step: kind, index: $0) * Double(pieces.count))] }
        }
        return TrainingSet(training: Self.joined(drawn), validation: validation)
    }

    private static func joined(_ pieces: [ForceSamples]) -> ForceSamples {
        ForceSamples(
            displacements: pieces.flatMap(\.displacements), forces: pieces.flatMap(\.forces),
            conditions: pieces.flatMap(\.conditions))
    }
}

extension ForceSamples {
    /// The electronic forces on the snapshots of a trajectory.
    init(_ trajectory: Dataset.Trajectory) {
        self.init(
            displacements: trajectory.snapshots.map(\.displacement),
            forces: trajectory.snapshots.map(\.electronicForce),
            conditions: trajectory.snapshots.map { _ in trajectory.electrons })
    }
}
