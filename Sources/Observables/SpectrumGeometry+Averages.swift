import LatticeNumerics

// Averages over wave vectors; all ranks call them.
extension SpectrumGeometry {
    /// Σ′ S(q) and Σ′ |q − Q₀| S(q) over |q − Q₀| ≤ cutoff.
    func moments(of power: PowerSlab, cutoff: Double, _ sums: UnitSums) -> (weight: Double, moment: Double) {
        precondition(sums.count == 2, "two sums")
        nonisolated(unsafe) let power = power
        let cutoff = cutoff * (1 + 1e-12)
        let total = sums.total(pool) { unit, partial in
            var (weight, moment) = (0.0, 0.0)
            forEachWaveVector(ofUnit: unit, of: power, within: cutoff) { length, value, count in
                guard length <= cutoff else { return }
                weight += count * value
                moment += count * length * value
            }
            (partial[0], partial[1]) = (weight, moment)
        }
        return (total[0], total[1])
    }

    /// The domain length of moments of S; nil where it is not defined: ``StructureFactor/domainLength(cutoff:)``.
    func domainLength(_ moments: (weight: Double, moment: Double)) -> Double? {
        // What rounding leaves beside the peak of a perfect order is no domain.
        moments.moment > 1e-20 * moments.weight ? 2 * .pi * moments.weight / moments.moment : nil
    }

    /// S averaged over shells of |q − Q₀|.
    func radialAverage(of power: PowerSlab, _ shells: ShellGrid) -> RadialProfile {
        nonisolated(unsafe) let power = power
        let sums = UnitSums(layout.columns, communicator: communicator, count: shells.count * ShellGrid.sumCount)
        return RadialProfile(
            sums: sums.total(pool) { unit, partial in
                forEachWaveVector(ofUnit: unit, of: power, within: shells.cutoff) { length, value, weight in
                    shells.add(length: length, value: value, weight: weight, to: partial)
                }
            })
    }

    /// S(Q₀), on all ranks.
    func orderingValue(of power: PowerSlab) -> Double? {
        guard let ordering else { return nil }
        let cell = ordering.count == 1 ? [0] + ordering : ordering
        let column = (cell.count > 2 ? cell[1] : 0) * layout.lineLength + cell[0]
        let own = layout.columns.items(of: communicator.rank)
        let value =
            own.contains(column)
            ? power.value(row: cell.last!, column: column - own.lowerBound) * normalization : 0
        let sums = UnitSums(layout.columns, communicator: communicator, count: 1)
        return sums.total(pool) { unit, partial in
            partial[0] = layout.columns.items(ofUnit: unit).contains(column) ? value : 0
        }[0]
    }
}
