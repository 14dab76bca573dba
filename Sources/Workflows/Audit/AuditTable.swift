import Foundation
import Storage

/// `audit.csv`: a line a configuration, under the names of the columns.
package enum AuditTable {
    static let columns =
        "step,time,sites,rmse,rmse_sampling_error,mae,percentile_50,percentile_90,percentile_99,percentile_99.9,maximum,maximum_site,net_force,"
        + "trivial,solver_error,inaccurate_sites"

    package static func write(_ lines: [AuditLine], to path: String) throws {
        try AtomicFile.write(([columns] + lines.map(row)).joined(separator: "\n") + "\n", to: path)
    }

    /// - Throws: `StorageError` `.unreadable`, or `.malformed` naming the line.
    package static func read(_ path: String) throws -> [AuditLine] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StorageError(.unreadable, path: path, problem: "cannot be read")
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first.map(String.init) == columns else {
            throw StorageError(.malformed, path: path, problem: "line 1: the columns \(columns) are needed")
        }
        return try lines.enumerated().dropFirst().filter { !$0.element.isEmpty }.map { number, text in
            guard let line = line(text) else {
                let count = columns.split(separator: ",").count
                throw StorageError(.malformed, path: path, problem: "line \(number + 1): \(count) numbers are needed")
            }
            return line
        }
    }

    private static func row(_ line: AuditLine) -> String {
        let values = [line.rootMeanSquare, line.samplingError, line.meanAbsolute] + line.percentiles + [line.maximum]
        let others = [line.netForce, line.trivial, line.solverError]
        return
            (["\(line.step)", "\(line.time)", "\(line.sites)"] + values.map { "\($0)" } + ["\(line.worstSite)"]
            + others.map { "\($0)" } + ["\(line.inaccurateSites)"]).joined(separator: ",")
    }

    private static func line(_ text: Substring) -> AuditLine? {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = fields.compactMap { Double($0) }
        guard fields.count == 16, numbers.count == 16, let step = Int(fields[0]), let sites = Int(fields[2]),
            let worst = Int(fields[11]), let inaccurate = Int(fields[15])
        else { return nil }
        return AuditLine(
            step: step, time: numbers[1], sites: sites, rootMeanSquare: numbers[3], samplingError: numbers[4],
            meanAbsolute: numbers[5], percentiles: Array(numbers[6..<10]), maximum: numbers[10], worstSite: worst,
            netForce: numbers[12], trivial: numbers[13], solverError: numbers[14], inaccurateSites: inaccurate)
    }
}
