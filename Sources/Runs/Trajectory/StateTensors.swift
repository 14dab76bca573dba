import Dynamics
import Lattices
import Storage

/// A point of a trajectory as tensors of a checkpoint.
package enum StateTensors {
    package static func tensors(of state: PhaseSpaceState) -> [Safetensors.Tensor] {
        func tensor(_ name: String, _ field: SiteField) -> Safetensors.Tensor {
            .init(name: name, shape: field.shape, values: .float64(field.values))
        }
        return [
            tensor("state.displacement", state.displacement), tensor("state.velocity", state.velocity),
            tensor("state.force", state.force),
            .init(name: "state.step", shape: [], values: .int64([Int64(state.step)])),
            .init(name: "state.potential", shape: [], values: .float64([state.potential ?? .nan])),
        ]
    }

    /// - Throws: `StorageError` if a tensor is missing, has another shape, or is not finite.
    package static func state(
        from file: Safetensors, on supercell: Supercell, kind: SiteVariable.Kind, seed: UInt64, tracksPotential: Bool
    ) throws -> PhaseSpaceState {
        func field(_ name: String) throws -> SiteField {
            let shape = SiteField.shape(on: supercell, kind: kind)
            let field = SiteField(supercell, kind: kind, values: try file.fieldValues(name, shape: shape))
            guard field.firstNonFiniteSite == nil else {
                throw StorageError(.malformed, path: file.path, problem: "'\(name)' holds numbers that are not finite")
            }
            return field
        }
        let potential = try file.doubles("state.potential", shape: [])[0]
        return PhaseSpaceState(
            displacement: try field("state.displacement"), velocity: try field("state.velocity"), force: try field("state.force"),
            step: try file.integers("state.step", shape: [])[0], seed: seed, potential: potential.isNaN ? nil : potential,
            tracksPotential: tracksPotential)
    }
}
