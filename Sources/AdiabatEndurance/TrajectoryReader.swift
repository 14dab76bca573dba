import Foundation

/// Another program that reads a trajectory again and again while it is written, and holds it open meanwhile: h5py with its defaults,
/// whose library takes locks.
package final class TrajectoryReader {
    /// A Python with h5py, as users have it; the package of Debian belongs to the system's own Python. nil if there is none.
    package static let python: String? = ["python3", "/usr/bin/python3"].first { python in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", "import h5py"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private let process = Process()
    private let output = Pipe()

    /// Reads until ``finish()``. A file that is replaced while it is open may lack the frames it led to; any other must have all that it
    /// counts.
    private static let script = """
        import h5py, os, sys, time, numpy
        path, parent, reads, held = sys.argv[1], os.getppid(), 0, None
        while os.getppid() == parent and not os.path.exists(path + ".enough"):
            try:
                number = os.stat(path).st_ino
                file = h5py.File(path, "r")
            except FileNotFoundError:
                time.sleep(0.01)
                continue
            frames, samples = file["adiabat/progress"][...]
            try:
                fields = [field for field in file["particles/sites"].values() if isinstance(field, h5py.Group) and "step" in field]
                # HDF5 2.0 cannot read none.
                missing = frames > 0 and any(numpy.isnan(field["value"][:frames]).all(axis=1).any() for field in fields)
                for series in file["observables"].values():
                    series["value"][:samples]
            except (KeyError, OSError) as error:
                missing = error
            time.sleep(0.01)
            if missing:
                if os.path.exists(path) and os.stat(path).st_ino == number:
                    sys.exit(f"a frame of {frames} is missing after {reads} reads: {missing}")
            held, reads = file, reads + 1
        print(reads)
        """

    /// - Throws: ``EnduranceError`` if Python cannot be started.
    init(_ trajectory: String, python: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", Self.script, trajectory]
        process.environment = Campaign.environment
        process.standardOutput = output
        process.standardError = output
        do { try process.run() } catch { throw EnduranceError(description: "\(python): \(error)") }
        end = trajectory + ".enough"
    }

    private let end: String

    /// - Returns: how often the trajectory was read.
    /// - Throws: ``EnduranceError`` if it could not be, once.
    func finish() throws -> Int {
        _ = FileManager.default.createFile(atPath: end, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: end) }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let reads = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw EnduranceError(description: "a reader with h5py: \(text)")
        }
        return reads
    }
}
