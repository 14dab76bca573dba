import Storage

extension Comparison {
    /// The comparison itself, if arrays that belong together are of one length.
    ///
    /// - Throws: `StorageError` `.malformed`.
    func checked(path: String) throws -> Comparison {
        func require(_ condition: Bool, _ key: String) throws {
            guard condition else { throw StorageError(.malformed, path: path, problem: "\(key): arrays of different lengths") }
        }
        try require(forces.exact.count == forces.learned.count, "forces.learned")
        try require(forces.errorBins.count == forces.errorDensity.count, "forces.error_density")
        for (k, twin) in twins.enumerated() {
            let name = "twins[\(k)]"
            try require(
                twin.divergence.count == twin.times.count && twin.amplitude.count == twin.times.count, "\(name).divergence")
            for run in [twin.exact, twin.learned] {
                for series in [run.orderParameter, run.domainLength, run.kineticTemperature] {
                    try require(series.count == twin.times.count, "\(name).times")
                }
                try require(
                    run.correlations.count == twin.times.count && run.structureFactors.count == twin.times.count, "\(name).times")
                try require(run.correlations.allSatisfy { $0.count == twin.radii.count }, "\(name).radii")
                try require(run.structureFactors.allSatisfy { $0.count == twin.waveNumbers.count }, "\(name).wave_numbers")
            }
            try require(twin.exact.displacement.count == twin.learned.displacement.count, "\(name).displacement")
        }
        return self
    }
}

extension Analysis {
    /// The analysis itself, if arrays that belong together are of one length.
    ///
    /// - Throws: `StorageError` `.malformed`.
    func checked(path: String) throws -> Analysis {
        let isConsistent =
            series.allSatisfy { $0.values.count == times.count }
            && (frames ?? []).allSatisfy {
                $0.correlation.count == radii?.count && $0.structureFactor.count == waveNumbers?.count
            }
        guard isConsistent else { throw StorageError(.malformed, path: path, problem: "holds arrays of different lengths") }
        return self
    }

    /// The values of the series of that name.
    func values(_ name: String) -> [Double]? { series.first { $0.name == name }?.values }
}

extension Coarsening {
    /// The ensemble itself, if arrays that belong together are of one length.
    ///
    /// - Throws: `StorageError` `.malformed`.
    func checked(path: String) throws -> Coarsening {
        let isConsistent =
            fitWindow.count == 2
            && ensembles.allSatisfy { ensemble in
                ensemble.growth.allSatisfy { growth in
                    growth.values.count == ensemble.times.count && growth.errors.count == ensemble.times.count
                }
                    && ensemble.moments.allSatisfy { moment in
                        [moment.correlation, moment.correlationErrors].allSatisfy { $0.count == ensemble.radii.count }
                            && [moment.structureFactor, moment.structureFactorErrors]
                                .allSatisfy { $0.count == ensemble.waveNumbers.count }
                    }
            }
            && finiteSize.allSatisfy { check in
                [check.ratios, check.errors].allSatisfy { $0.count == ensembles.first?.times.count }
            }
        guard isConsistent else { throw StorageError(.malformed, path: path, problem: "holds arrays of different lengths") }
        return self
    }
}
