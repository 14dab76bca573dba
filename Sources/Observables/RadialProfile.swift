/// A function of a vector averaged over shells of its length: one entry a shell that holds any point, innermost first.
public struct RadialProfile: Sendable, Equatable {
    /// Mean length of the vectors in the shell.
    public private(set) var radii: [Double] = []
    /// Mean value over the shell.
    public private(set) var values: [Double] = []
    /// Points in the shell.
    public private(set) var counts: [Int] = []

    /// Averages of shells, shell n holding the lengths in [(n − ½) w, (n + ½) w).
    ///
    /// - Parameter sums: ``ShellGrid/sumCount`` numbers a shell, as ``ShellGrid/add(length:value:weight:to:)`` makes them.
    init(sums: [Double]) {
        for start in stride(from: 0, to: sums.count, by: ShellGrid.sumCount) where sums[start + 2] > 0 {
            radii.append(sums[start] / sums[start + 2])
            values.append(sums[start + 1] / sums[start + 2])
            counts.append(Int(sums[start + 2]))
        }
    }

    /// The first radius at which the value falls below half of the innermost one, interpolated linearly between shells; nil if it
    /// never does or the innermost is not positive.
    var halfHeightLength: Double? {
        guard let origin = values.first, origin > 0 else { return nil }
        let heights = values.map { $0 / origin }
        guard let k = heights.firstIndex(where: { $0 < 0.5 }) else { return nil }
        let fraction = (heights[k - 1] - 0.5) / (heights[k - 1] - heights[k])
        return radii[k - 1] + fraction * (radii[k] - radii[k - 1])
    }
}
