import CProcessor

/// Numbers below 2⁻¹⁰²², which the processor computes a hundred times more slowly than others.
public enum SubnormalNumbers {
    /// Calls `body` with subnormal numbers taken as zero on this thread, for arithmetic whose numbers decay towards zero.
    public static func flushed<Result>(_ body: () throws -> Result) rethrows -> Result {
        let previous = adiabat_flush_subnormals()
        defer { adiabat_restore_subnormals(previous) }
        return try body()
    }
}
