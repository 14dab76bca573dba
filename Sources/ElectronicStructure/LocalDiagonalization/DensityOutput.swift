/// Where densities are written, or added to what is there, and what of them: factor·(n_i − center).
struct DensityOutput: @unchecked Sendable {
    // Sendable: threads write different sites.

    /// One number for each site of a supercell.
    let values: UnsafeMutablePointer<Double>
    private(set) var factor: Double
    let center: Double
    private var isAdded = false

    /// The densities themselves.
    init(densities: UnsafeMutablePointer<Double>) {
        values = densities
        (factor, center) = (1, 0)
    }

    /// The electronic part of the forces, g (n_i − ½).
    init(forces: UnsafeMutablePointer<Double>, coupling: Double) {
        values = forces
        (factor, center) = (coupling, 0.5)
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
