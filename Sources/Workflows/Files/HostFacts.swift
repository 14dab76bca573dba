import Foundation
import LatticeNumerics

/// The machine a result was made on, as far as its speed depends on it.
public struct HostFacts: Sendable, Codable {
    /// Model name of the processor.
    public let processor: String
    /// Processor cores.
    public let cores: Int
    /// Memory in GiB, rounded; nil in a manifest of an earlier version.
    public let memory: Double?
    /// The operating system and its version.
    public let system: String
    /// The build of OpenBLAS and the kernels it runs.
    public let linearAlgebra: String
    /// The processors that the program was built for and the kernels: where they are the same, so are the bits of results. nil in
    /// manifests of earlier versions.
    public let arithmetic: String?

    /// This machine.
    public init() {
        let information = ProcessInfo.processInfo
        let description = FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let model = description.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1)
            .last
        processor = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        cores = information.processorCount
        memory = (Double(information.physicalMemory) / 0x1p30).rounded()
        system = information.operatingSystemVersionString
        linearAlgebra = BLAS.configuration
        arithmetic = BLAS.arithmetic
    }
}
