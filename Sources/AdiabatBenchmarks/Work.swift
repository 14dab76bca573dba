/// What one repetition of a case does.
struct Work {
    /// Sites whose force, step or sample is computed.
    var sites: Int?
    /// Floating-point operations, additions and multiplications alike.
    var operations = 0.0
    /// The arithmetic of the operations; nil if they are not counted.
    var precision: Precision?
    /// Bytes read from and written to memory or a file.
    var bytes: Double?
}

/// The arithmetic of a calculation.
enum Precision: String, CaseIterable, Encodable {
    case float32, float64
}
