/// The options that were found for a wanted accuracy, and how accurate they are.
public struct AccuracyChoice: Sendable, Equatable, Codable {
    /// The name of the solver.
    public let solver: String
    /// The root mean square error of the force that was asked for.
    public let accuracy: Double
    /// What was chosen, such as `radius = 1, levels = 2`.
    public let options: String
    /// Additions, multiplications and divisions per site.
    public let operations: Double
    /// √⟨(F − F_exact)²⟩ over the sites of the probe, in units of the hopping per displacement.
    public let rootMeanSquare: Double
    /// |F − F_exact| that 99 % of the sites stay below.
    public let percentile99: Double
    /// Sites that were compared.
    public let sites: Int

    /// One line for people.
    public var text: String {
        let errors =
            "rms \(TerminalNumber.text(rootMeanSquare, digits: 2)), 99 % below \(TerminalNumber.text(percentile99, digits: 2))"
        return "\(solver): \(options) for accuracy = \(TerminalNumber.text(accuracy, digits: 6)) (force error on \(sites) sites: "
            + "\(errors); \(TerminalNumber.text(operations, digits: 2)) operations per site)"
    }
}
