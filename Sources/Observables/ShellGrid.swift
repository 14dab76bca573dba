/// Shells of equal width about an origin: shell n holds the lengths in [(n − ½) w, (n + ½) w), the innermost the origin alone if
/// w is the spacing of the points.
struct ShellGrid: Sendable {
    /// Sums a shell: of the lengths, of the values, of the weights.
    static let sumCount = 3
    /// Longer lengths are left out.
    let cutoff: Double
    /// How many shells there are.
    let count: Int
    private let width: Double

    init(width: Double, cutoff: Double) {
        precondition(width > 0 && cutoff.isFinite, "a positive width and a finite cutoff")
        self.width = width
        // A length equal to the cutoff up to rounding belongs inside.
        self.cutoff = cutoff * (1 + 1e-12)
        count = Int((cutoff / width).rounded()) + 1
    }

    /// Adds `weight` points of the same length and value to the sums of their shell, unless they are too far out.
    @inline(__always)
    func add(length: Double, value: Double, weight: Double, to sums: UnsafeMutablePointer<Double>) {
        guard length <= cutoff else { return }
        let shell = Int(length / width + 0.5)
        guard shell < count else { return }
        let target = sums + shell * Self.sumCount
        target[0] += weight * length
        target[1] += weight * value
        target[2] += weight
    }
}
