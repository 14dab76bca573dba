import Foundation

/// What a step costs when a square lattice is cut into square blocks of n² sites, one a rank:
///
///     T(n) = (c + s) n² + 4 p n + 8 λ + (4 h n + 4 h²) b + 3 λ log₂ P
///
/// with the force c and everything else s of a site, what a cut costs p for a site of the edge (the frame is done apart from the
/// interior), 8 messages of latency λ and h sites of halo on each side at b seconds per number, and λ log₂ P for each of the three
/// agreements per step: on whether to go on, on the extent of the field, and on whether all ranks have their forces. Nothing is taken
/// off for messages that are under way during the interior's work, and p, as it is measured, has some of them in it: T is an upper
/// bound.
struct ScalingModel: Encodable {
    /// c
    let forceSeconds: Double
    /// s
    let otherSeconds: Double
    /// p
    let frameSeconds: Double
    /// λ
    let latency: Double
    /// b
    let numberSeconds: Double
    /// h
    let halo: Int

    /// T(n) on P ranks.
    func stepSeconds(side n: Int, ranks: Int) -> Double {
        let (n, h) = (Double(n), Double(halo))
        let work = (forceSeconds + otherSeconds) * n * n + 4 * frameSeconds * n
        return work + 8 * latency + (4 * h * n + 4 * h * h) * numberSeconds + 3 * latency * log2(Double(ranks))
    }

    /// (c + s) n² / T(n): the part of the time that one rank would need as well.
    func efficiency(side n: Int, ranks: Int) -> Double {
        (forceSeconds + otherSeconds) * Double(n) * Double(n) / stepSeconds(side: n, ranks: ranks)
    }

    /// The smallest block on which efficiency is at least `share`, and not smaller than its halo.
    func smallestSide(efficiency share: Double, ranks: Int) -> Int {
        var (low, high) = (halo, 1 << 20)
        while low < high {
            let middle = (low + high) / 2
            if efficiency(side: middle, ranks: ranks) >= share { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The constants, and efficiency against the size of a block.
    func markdown(ranks: Int) -> String {
        func text(_ seconds: Double) -> String { String(format: "%.3g", seconds * 1e9) }
        let constants = [
            ("force of a site, c", forceSeconds), ("the rest of a step of a site, s", otherSeconds),
            ("more for a site of the edge, p", frameSeconds), ("latency of a message, λ", latency),
            ("a number of a long message, b", numberSeconds),
        ]
        var lines = ["| constant | ns |", "|---|---|"] + constants.map { "| \($0.0) | \(text($0.1)) |" }
        lines += ["", "| block | halo, % of the block | step, ms | efficiency on \(ranks) ranks, % |", "|---|---|---|---|"]
        for side in [16, 32, 64, 128, 256, 512, 1024, 2048] where side >= halo {
            let share = 100 * Double(4 * halo * side + 4 * halo * halo) / Double(side * side)
            let (time, efficiency) = (stepSeconds(side: side, ranks: ranks), efficiency(side: side, ranks: ranks))
            lines.append(String(format: "| %d² | %.1f | %.3g | %.1f |", side, share, time * 1e3, efficiency * 100))
        }
        for share in [0.8, 0.95] {
            let side = smallestSide(efficiency: share, ranks: ranks)
            lines.append(String(format: "\nEfficiency falls below %.0f %% on blocks smaller than %d².", share * 100, side))
        }
        return lines.joined(separator: "\n")
    }
}
