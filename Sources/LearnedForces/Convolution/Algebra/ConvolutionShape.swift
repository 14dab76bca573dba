import Lattices

/// The structure of an equivariant convolution between fields sorted by irrep: everything but its weights,
///
///     out[ρ, component, c](r) = Σ_copies Σ_c' W_ρ[c, (copy, c')] Σ_terms coefficient · in[input, term.component, c'](r + offset)
///
/// By Schur's lemma a linear map that commutes with the point group couples equal irreps only, with the same weights for each
/// of an irrep's components. So the features of the neighbourhood are first combined into symmetry-adapted copies of each
/// irrep ρ (a few additions), then one matrix W_ρ mixes the channels of all copies. Between regular fields of C4v this takes
/// 12/64 of the products of the plain group convolution and has the same weights.
/// Source: Cohen & Welling, *Steerable CNNs*, arXiv:1612.08498, §3.
package struct ConvolutionShape: Sendable, Equatable {
    /// Channels of the field that is read.
    let inputs: IrrepChannels
    /// Channels of the field that is written.
    let outputs: IrrepChannels
    /// Relative cells, the own site first, whole shells.
    package internal(set) var offsets: [[Int]]
    /// Ranges of offsets at equal distance.
    package let shells: [Range<Int>]
    /// An orthonormal basis of the functions on each shell, sorted by irrep: [shell][function][offset].
    package let shellFunctions: [[[Double]]]
    /// Symmetry-adapted copies of each output irrep, by input irrep, nearest shells first.
    package let copies: [[Copy]]

    /// One symmetry-adapted copy of an output irrep in the neighbourhood's features of one input irrep.
    package struct Copy: Sendable, Equatable {
        /// The input irrep.
        package let input: Int
        /// The terms of each component of the output irrep.
        package let rows: [[Term]]
        /// The shell that the copy is confined to.
        package let shell: Int
        /// The same terms from the functions on the shell: far fewer, each for all channels that a function is formed of once.
        package let products: [[Product]]
    }

    /// One feature of the neighbourhood in a combination.
    package struct Term: Sendable, Equatable {
        /// Index in ``ConvolutionShape/offsets``.
        package let offset: Int
        /// Component of the input irrep.
        package let component: Int
        package let coefficient: Double
    }

    /// A function on a shell times a component of the input irrep in a combination.
    package struct Product: Sendable, Equatable {
        /// Index in ``ConvolutionShape/shellFunctions``.
        package let function: Int
        /// Component of the input irrep.
        package let component: Int
        package let coefficient: Double
    }

    /// The most general equivariant convolution over a neighbourhood.
    init(_ neighborhood: Neighborhood, irreps: [Irrep], inputs: IrrepChannels, outputs: IrrepChannels) {
        self.inputs = inputs
        self.outputs = outputs
        offsets = neighborhood.offsets
        shells = neighborhood.shells
        let points = PermutedIrrep(permutations: neighborhood.permutations, irrep: irreps.first { $0.isTrivial }!)
        let shellFunctions = neighborhood.shells.map { shell -> [[Double]] in
            let units = shell.map { point in neighborhood.offsets.indices.map { $0 == point ? 1.0 : 0 } }
            return irreps.flatMap { points.copies(of: $0, functions: units).joined() }
        }
        self.shellFunctions = shellFunctions
        copies = irreps.indices.map { output in
            guard outputs.multiplicities[output] > 0 else { return [] }
            return irreps.indices.flatMap { input -> [Copy] in
                guard inputs.multiplicities[input] > 0 else { return [] }
                let features = PermutedIrrep(permutations: neighborhood.permutations, irrep: irreps[input])
                return shellFunctions.enumerated().flatMap { shell, functions in
                    features.copies(of: irreps[output], functions: functions).map { combinations in
                        Copy(
                            input: input, rows: combinations.map { Self.terms($0, dimension: irreps[input].dimension) },
                            shell: shell,
                            products: combinations.map { Self.products(features.coordinates(of: $0, in: functions)) })
                    }
                }
            }
        }
    }

    private static func terms(_ combination: [Double], dimension: Int) -> [Term] {
        combination.indices.filter { combination[$0] != 0 }.map {
            Term(offset: $0 / dimension, component: $0 % dimension, coefficient: combination[$0])
        }
    }

    private static func products(_ coordinates: [[Double]]) -> [Product] {
        coordinates.enumerated().flatMap { function, row in
            row.indices.filter { row[$0] != 0 }.map { Product(function: function, component: $0, coefficient: row[$0]) }
        }
    }

    /// The same from the channels of each irrep.
    package init(_ neighborhood: Neighborhood, irreps: [Irrep], inputs: [Int], outputs: [Int]) {
        let dimensions = irreps.map(\.dimension)
        self.init(
            neighborhood, irreps: irreps, inputs: IrrepChannels(multiplicities: inputs, dimensions: dimensions),
            outputs: IrrepChannels(multiplicities: outputs, dimensions: dimensions))
    }

    /// Columns of the weight matrix of an output irrep: copy after copy, the channels of its input irrep in each. Its rows are
    /// the output channels.
    package func weightColumns(_ output: Int) -> Int { copies[output].reduce(0) { $0 + inputs.multiplicities[$1.input] } }

    /// Weights of all irreps.
    package var weightCount: Int { copies.indices.reduce(0) { $0 + outputs.multiplicities[$1] * weightColumns($1) } }

    /// Multiply–adds for one site: the combinations and the matrix products.
    var multiplyAdds: Int {
        copies.indices.reduce(0) { sum, output in
            let combinations = copies[output].reduce(0) { sum, copy in
                sum + copy.rows.reduce(0) { $0 + $1.count } * inputs.multiplicities[copy.input]
            }
            return sum + combinations + outputs.dimensions[output] * outputs.multiplicities[output] * weightColumns(output)
        }
    }

    /// How far the convolution reaches along each cell direction.
    var reach: Int { offsets.joined().map(abs).max() ?? 0 }

    /// The same map as a plain convolution, [output row][input row][offset], rows as in ``IrrepChannels``.
    ///
    /// - Parameter weights: the matrix of each output irrep, row-major.
    func kernel(weights: [[Double]]) -> [[[Double]]] {
        var kernel = [[[Double]]](
            repeating: [[Double]](repeating: [Double](repeating: 0, count: offsets.count), count: inputs.rowCount),
            count: outputs.rowCount)
        for (output, list) in copies.enumerated() {
            let columns = weightColumns(output)
            var firstColumn = 0
            for copy in list {
                let channels = inputs.multiplicities[copy.input]
                for (component, terms) in copy.rows.enumerated() {
                    for term in terms {
                        for c in 0..<outputs.multiplicities[output] {
                            for source in 0..<channels {
                                kernel[outputs.row(output, component) + c][inputs.row(copy.input, term.component) + source][
                                    term.offset] += term.coefficient * weights[output][c * columns + firstColumn + source]
                            }
                        }
                    }
                }
                firstColumn += channels
            }
        }
        return kernel
    }
}
