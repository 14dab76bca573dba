/// Up to four linear combinations of rows of sites, channel by channel:
///
///     out[j][c] = initial[j][c] + Σ_k coefficients[k][j] · in[k][c]
///
/// The elementary step of a frozen layer's symmetry-adapted combinations and Fourier transforms: what is read is read once for
/// four results, and nothing in between goes through memory.
struct LinearMap: Sendable {
    /// Rows that follow one another, one a channel.
    enum Place: Sendable, Equatable {
        /// Rows of the layer's input, displaced by a relative cell.
        case input(row: Int, cell: [Int])
        /// Rows of the layer's output.
        case output(row: Int)
        /// Rows of a worker's scratch memory.
        case scratch(row: Int)
    }

    let inputs: [Place]
    /// [input][output], as many outputs as `outputs`.
    let coefficients: [[Double]]
    /// One, two or four.
    let outputs: [Place]
    /// What the sums begin with; nil for zero.
    let initial: [Place]?
    let channels: Int

    /// The maps that compute sparse linear forms of the same variables.
    ///
    /// Forms whose variables are among those of another are computed with it.
    ///
    /// - Parameters:
    ///   - forms: for each form the coefficients of the variables that are in it.
    ///   - variables: the rows of each variable, all in the layer's input or all in scratch memory.
    ///   - results: where each form goes.
    ///   - initial: what is added to each form, in the layer's input; nil for nothing.
    static func maps(
        forms: [[Int: Double]], of variables: [Place], into results: [Place], adding initial: [Place?]? = nil, channels: Int
    ) -> [LinearMap] {
        let initial = initial ?? forms.map { _ in nil }
        let supports = forms.map { Set($0.keys) }
        // The widest first; equal ones in their order.
        var waiting = forms.indices.sorted { (-supports[$0].count, $0) < (-supports[$1].count, $1) }
        var maps: [LinearMap] = []
        while let widest = waiting.first {
            var group = waiting.filter {
                supports[$0].isSubset(of: supports[widest]) && (initial[$0] == nil) == (initial[widest] == nil)
            }
            group = Array(group.prefix(group.count >= 4 ? 4 : group.count >= 2 ? 2 : 1))
            waiting.removeAll { group.contains($0) }
            let used = supports[widest].sorted()
            maps.append(
                LinearMap(
                    inputs: used.map { variables[$0] }, coefficients: used.map { v in group.map { forms[$0][v] ?? 0 } },
                    outputs: group.map { results[$0] },
                    initial: initial[widest] == nil ? nil : group.compactMap { initial[$0] }, channels: channels))
        }
        return maps
    }

    /// A form without the coefficients that are zero.
    static func form(_ coefficients: [Double]) -> [Int: Double] {
        Dictionary(uniqueKeysWithValues: coefficients.enumerated().filter { $0.element != 0 }.map { ($0.offset, $0.element) })
    }
}
