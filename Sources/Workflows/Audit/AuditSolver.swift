/// The solvers as auditors.
extension SolverName {
    /// The auditor of choice: exact, and the fastest of those.
    public static let auditor = SolverName.selectedInversion

    /// The most sites that are solved at once without being asked to: more would take minutes.
    var affordableSites: Int { self == .exactDiagonalization ? 2_500 : 65_536 }
}
