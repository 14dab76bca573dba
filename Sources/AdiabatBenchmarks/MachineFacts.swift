import Foundation
import LatticeNumerics

/// What the results depend on beside the program.
struct MachineFacts: Encodable {
    let processor: String
    let cores: Int
    let memoryGibibytes: Double
    let system: String
    /// The build of OpenBLAS and its kernels.
    let linearAlgebra: String
    /// Programs that ran or waited for a core in the last minute, on average: above 0 the times are too long.
    let loadAverage: Double
    /// ISO 8601, UTC.
    let date: String

    init() {
        let information = ProcessInfo.processInfo
        let description = FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let model = description.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        processor = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        cores = information.processorCount
        memoryGibibytes = (Double(information.physicalMemory) / 0x1p30).rounded()
        system = information.operatingSystemVersionString
        linearAlgebra = BLAS.configuration
        var load = 0.0
        loadAverage = getloadavg(&load, 1) == 1 ? load : 0
        date = Date.now.formatted(.iso8601)
    }

    var text: String {
        """
        \(processor), \(cores) cores, \(Int(memoryGibibytes)) GiB, \(system)
        \(linearAlgebra)
        \(date), load average \(String(format: "%.2f", loadAverage)) at the start
        """
    }
}
