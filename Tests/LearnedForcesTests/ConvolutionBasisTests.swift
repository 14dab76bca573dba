import Lattices
import LearnedForces
import Testing

/// The bases that go with a model's parameters into a file.
@Suite struct ConvolutionBasisTests {
    @Test func copiesOfAnIrrepAreOrthonormal() throws {
        let (model, _) = try ConvolutionSamples.model(
            ConvolutionMember("plain") { $0.channels = [3, 2] }, ConvolutionSamples.square)
        let tensors = Dictionary(uniqueKeysWithValues: model.basisTensors.map { ($0.name, $0) })
        for layer in 1...2 {
            for irrep in model.irrepNames {
                let basis = try #require(tensors["layer\(layer).basis.\(irrep)"])
                let inputs = try #require(tensors["layer\(layer).input.\(irrep)"]).values
                let columns = try #require(model.layout["layer\(layer).\(irrep).weight"]).shape[1]
                #expect(columns > 0 && basis.shape[0] == inputs.count)
                let size = basis.shape[2] * basis.shape[3]
                let rows = stride(from: 0, to: basis.values.count, by: size).map { Array(basis.values[$0..<$0 + size]) }
                let components = basis.shape[1]
                for (a, first) in rows.enumerated() {
                    for (b, second) in rows.enumerated() where inputs[a / components] == inputs[b / components] {
                        let overlap = zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
                        #expect(abs(overlap - (a == b ? 1 : 0)) < 1e-12)
                    }
                }
            }
        }
        let fourier = try #require(tensors["group.fourier"])
        #expect(fourier.shape == [8, 8])
    }
}
