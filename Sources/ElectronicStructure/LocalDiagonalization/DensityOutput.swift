/// Where densities are written, and what of them: factor·(n_i − center).
struct DensityOutput: @unchecked Sendable {
    // Sendable: threads write different sites.

    /// One number for each site of a supercell.
    let values: UnsafeMutablePointer<Double>
    let factor: Double
    let center: Double

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

    @inline(__always)
    func write(_ density: Double, at site: Int) { values[site] = factor * (density - center) }
}
