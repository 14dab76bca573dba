import Foundation
import Reports
import Runs

/// What the results depend on beside the program.
struct MachineFacts: Encodable {
    let host = HostFacts()
    /// Programs that ran or waited for a core in the last minute, on average: above 0 the times are too long.
    let loadAverage: Double
    /// ISO 8601, UTC.
    let date: String

    init() {
        var load = 0.0
        loadAverage = getloadavg(&load, 1) == 1 ? load : 0
        date = Date.now.formatted(.iso8601)
    }

    var text: String {
        """
        \(host.processor), \(host.cores) cores, \(Int(host.memory ?? 0)) GiB, \(host.system)
        \(host.linearAlgebra)
        \(date), load average \(String(format: "%.2f", loadAverage)) at the start
        """
    }
}
