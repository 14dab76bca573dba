import Foundation

/// Memory of this program, as Linux counts it.
enum ProcessMemory {
    /// Bytes of it that lie in memory now.
    static var resident: Double { status("VmRSS") }

    /// The most that lay in memory at any time since the start, or since ``resetPeak()``.
    static var peak: Double { status("VmHWM") }

    /// Forgets the ``peak``; without permission to do so it stays that of the whole run.
    static func resetPeak() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        try? file.write(contentsOf: Data("5".utf8))
        try? file.close()
    }

    /// Bytes of all pages touched for the first time since the start: large blocks that are allocated anew count every time.
    static var touched: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return Double(usage.ru_minflt) * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// A line of /proc/self/status, which is in KiB; NaN where there is none.
    private static func status(_ key: String) -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        return line.flatMap { Double($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? .nan
    }
}
