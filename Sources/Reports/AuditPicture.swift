import Experiments
import Foundation
import Lattices
import Recipes
import Runs
import Storage

/// What the figures of an audit show.
package struct AuditPicture {
    let report: AuditReport
    /// The frame whose errors are mapped: the last, where domains are largest.
    let frame: AuditedFrame?

    package init(report: AuditReport, frame: AuditedFrame?) {
        self.report = report
        self.frame = frame
    }

    /// - Parameters:
    ///   - path: of an `audit.json`.
    ///   - frames: of its `audit.h5`; without that file there is no map.
    /// - Throws: `StorageError`
    init(contentsOf path: String, frames: String, lattice: LatticeSettings) throws {
        report = try JSONFile.read(AuditReport.self, from: path).checked(path: path)
        guard FileManager.default.fileExists(atPath: frames) else {
            frame = nil
            return
        }
        do {
            let supercell = try Supercell(lattice.geometry, size: report.size, periodic: lattice.periodic)
            frame = try AuditFile.read(frames, supercell: supercell).last
        } catch let error as LatticeError { throw StorageError(.malformed, path: path, problem: "\(error)") }
    }
}

extension AuditReport {
    /// The report itself, if arrays that belong together are of one length.
    ///
    /// - Throws: `StorageError` `.malformed`.
    fileprivate func checked(path: String) throws -> AuditReport {
        guard tail.errors.count == tail.fractions.count, !frames.isEmpty,
            (frames.map(\.errors.percentiles) + [overall.percentiles]).allSatisfy({ $0.count == percentileRanks.count })
        else { throw StorageError(.malformed, path: path, problem: "holds arrays of different lengths") }
        return self
    }
}
