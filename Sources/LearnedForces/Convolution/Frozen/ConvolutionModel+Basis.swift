/// A named array of a model's bases, as ``ConvolutionModel/basisTensors`` gives them.
public struct BasisTensor: Sendable {
    /// Such as `layer1.basis.E`.
    public let name: String
    /// Length of each axis, row-major.
    public let shape: [Int]
    /// All elements.
    public let values: [Double]
}

extension ConvolutionModel {
    /// Names of the irreps in the order of features: A1, A2, B1, B2, E for the square lattice.
    public var irrepNames: [String] { network.irreps.map(\.name) }

    /// What another program needs to read the parameters, beyond their names: the bases in which weights are given.
    ///
    /// - `group.dimensions` [irrep]; `group.fourier` [operation][row of one regular channel], for regular fields.
    /// - `input.bonds` [bond][direction], `input.basis.{irrep}` [copy][component][bond]: combinations of the pair encodings.
    /// - For layer l from 1: `layer{l}.offsets` [offset][direction]; for each irrep of its result
    ///   `layer{l}.basis.{irrep}` [copy][component][offset][component of the input], with zeros where the input irrep has fewer
    ///   components, and `layer{l}.input.{irrep}` [copy], the index of the input irrep.
    public var basisTensors: [BasisTensor] {
        var tensors = [
            BasisTensor(
                name: "group.dimensions", shape: [network.irreps.count], values: network.irreps.map { Double($0.dimension) })
        ]
        if let regular = network.regular {
            tensors.append(
                BasisTensor(name: "group.fourier", shape: [regular.order, regular.order], values: regular.matrix))
        }
        let inputs = network.inputs
        tensors.append(Self.cells("input.bonds", inputs.bonds))
        for (irrep, copies) in inputs.pairBasis.enumerated() where !copies.isEmpty {
            tensors.append(
                BasisTensor(
                    name: "input.basis.\(irrepNames[irrep])", shape: [copies.count, copies[0].count, inputs.bonds.count],
                    values: copies.joined().flatMap(\.self)))
        }
        for (l, layer) in network.layers.enumerated() {
            tensors.append(Self.cells("layer\(l + 1).offsets", layer.shape.offsets))
            for (irrep, copies) in layer.shape.copies.enumerated() where !copies.isEmpty {
                tensors += basis(of: copies, offsets: layer.shape.offsets.count, named: irrepNames[irrep], layer: l + 1)
            }
        }
        return tensors
    }

    private func basis(
        of copies: [ConvolutionShape.Copy], offsets: Int, named name: String, layer: Int
    ) -> [BasisTensor] {
        let width = network.irreps.map(\.dimension).max()!
        let components = copies[0].rows.count
        var values = [Double](repeating: 0, count: copies.count * components * offsets * width)
        for (row, terms) in copies.flatMap(\.rows).enumerated() {
            for term in terms { values[(row * offsets + term.offset) * width + term.component] = term.coefficient }
        }
        return [
            BasisTensor(name: "layer\(layer).basis.\(name)", shape: [copies.count, components, offsets, width], values: values),
            BasisTensor(name: "layer\(layer).input.\(name)", shape: [copies.count], values: copies.map { Double($0.input) }),
        ]
    }

    private static func cells(_ name: String, _ cells: [[Int]]) -> BasisTensor {
        BasisTensor(name: name, shape: [cells.count, cells[0].count], values: cells.joined().map(Double.init))
    }
}
