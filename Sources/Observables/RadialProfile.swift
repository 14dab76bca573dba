/// A function of a vector averaged over shells of its length: one entry a shell that holds any point, innermost first.
public struct RadialProfile: Sendable, Equatable {
    /// Mean length of the vectors in the shell.
    public private(set) var radii: [Double] = []
    /// Mean value over the shell.
    public private(set) var values: [Double] = []
    /// Points in the shell.
    public private(set) var counts: [Int] = []

    /// Shell n holds the lengths in [(n − ½) w, (n + ½) w): the innermost holds the origin alone if w is the grid spacing.
    ///
    /// - Parameters:
    ///   - distances: length of the vector of each point.
    ///   - values: value at each point.
    ///   - width: w.
    ///   - cutoff: points farther out are left out.
    package init(distances: [Double], values: [Double], width: Double, cutoff: Double) {
        precondition(distances.count == values.count && width > 0 && cutoff.isFinite, "a value a point, a positive width")
        let shells = Int((cutoff / width).rounded()) + 1
        var lengthSums = [Double](repeating: 0, count: shells)
        var valueSums = lengthSums
        var members = [Int](repeating: 0, count: shells)
        // A distance equal to the cutoff up to rounding belongs inside.
        for (distance, value) in zip(distances, values) where distance <= cutoff * (1 + 1e-12) {
            let shell = Int((distance / width).rounded(.toNearestOrAwayFromZero))
            guard shell < shells else { continue }
            lengthSums[shell] += distance
            valueSums[shell] += value
            members[shell] += 1
        }
        for shell in 0..<shells where members[shell] > 0 {
            radii.append(lengthSums[shell] / Double(members[shell]))
            self.values.append(valueSums[shell] / Double(members[shell]))
            counts.append(members[shell])
        }
    }
}
