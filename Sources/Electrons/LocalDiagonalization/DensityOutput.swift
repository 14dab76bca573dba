import Models

/// Where densities are written, or added to what is there, and what of them: factor·(n_i − center).
struct DensityOutput: @unchecked Sendable {
    // Sendable: threads write different sites.

    /// One number for each site of a supercell.
    let values: UnsafeMutablePointer<Double>
    private(set) var factor: Double
    let center: Double
    private var isAdded = false

    /// The densities themselves, or forces that follow from them.
    init(_ values: UnsafeMutablePointer<Double>, _ force: OnsiteForce? = nil) {
        self.values = values
        (factor, center) = force.map { ($0.factor, $0.center) } ?? (1, 0)
    }

    /// The output of one term of an average: the first term overwrites the numbers, the others add to them.
    func term(_ index: Int, ofAverageOf count: Int) -> DensityOutput {
        var output = self
        output.factor /= Double(count)
        output.isAdded = index > 0
        return output
    }

    @inline(__always)
    func write(_ density: Double, at site: Int) {
        let value = factor * (density - center)
        values[site] = isAdded ? values[site] + value : value
    }
}
