import ForceFields
import Lattices

/// A frozen network without a baseline, on parts of a lattice.
struct LocalConvolutionForceField: LocalForceField {
    private let network: FrozenConvolution
    let receptiveField: Int
    var alignment: Int { 1 }

    init(_ network: FrozenConvolution, receptiveField: Int) {
        (self.network, self.receptiveField) = (network, receptiveField)
    }

    func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        try network.computeForces(at: displacement, in: box, extent: extent, into: &forces)
    }

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        try network.computeForces(at: displacement, into: &forces)
    }
}
