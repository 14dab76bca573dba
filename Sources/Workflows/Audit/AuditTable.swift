import Storage

/// `audit.csv`: one line per configuration, under the names of the columns; `solver_error` is empty if nothing is known.
package enum AuditTable {
    static let columns =
        "step,time,sites,rmse,rmse_sampling_error,mae,percentile_50,percentile_90,percentile_99,percentile_99.9,maximum,maximum_site,net_force,"
        + "trivial,solver_error,inaccurate_sites"

    package static func write(_ lines: [AuditLine], to path: String) throws {
        try NumberTable.write(lines.map(row), columns: columns, to: path)
    }

    /// - Throws: `StorageError` `.unreadable`, or `.malformed` naming the line.
    package static func read(_ path: String) throws -> [AuditLine] {
        try NumberTable.read(path, columns: columns, record: line)
    }

    private static func row(_ line: AuditLine) -> String {
        let values = [line.rootMeanSquare, line.samplingError, line.meanAbsolute] + line.percentiles + [line.maximum]
        let others = [line.netForce, line.trivial, line.solverError]
        return
            (["\(line.step)", "\(line.time)", "\(line.sites)"] + values.map(NumberTable.field) + ["\(line.worstSite)"]
            + others.map(NumberTable.field) + ["\(line.inaccurateSites)"]).joined(separator: ",")
    }

    private static func line(_ fields: [Substring], _ numbers: [Double]) -> AuditLine? {
        guard let step = Int(fields[0]), let sites = Int(fields[2]),
            let worst = Int(fields[11]), let inaccurate = Int(fields[15])
        else { return nil }
        return AuditLine(
            step: step, time: numbers[1], sites: sites, rootMeanSquare: numbers[3], samplingError: numbers[4],
            meanAbsolute: numbers[5], percentiles: Array(numbers[6..<10]), maximum: numbers[10], worstSite: worst,
            netForce: numbers[12], trivial: numbers[13], solverError: numbers[14], inaccurateSites: inaccurate)
    }
}
