import Lattices

/// What a model is made of: everything but its parameters and the numbers found from data. Saved in a model file's metadata.
///
/// A family of models is one conforming type and its ``ForceModel``.
public protocol NetworkArchitecture: Sendable, Equatable, Codable {
    /// The family, such as `equivariant-fully-connected`.
    static var name: String { get }

    /// The family's default.
    init()

    /// The model on a lattice.
    ///
    /// - Throws: ``NetworkError`` if the architecture cannot be built, `LatticeError` for an unsupported lattice.
    func model(on lattice: Lattice, kind: SiteVariable.Kind) throws -> any ForceModel
}

/// A model that cannot be built or used.
public struct NetworkError: Error, CustomStringConvertible, Sendable {
    /// The recipe's key.
    public let key: String
    /// What is wrong, and what is allowed.
    public let problem: String
    public var description: String { "\(key): \(problem)" }

    /// A problem with the value of `key`.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }
}

extension NetworkError {
    /// - Throws: ``NetworkError`` for a lattice without bonds: there the force follows from the displacement of the site alone.
    static func requireBonds(_ lattice: Lattice) throws {
        guard lattice.bonds.isEmpty else { return }
        throw NetworkError(
            key: "lattice.file",
            problem: "the \(lattice.name) lattice has no bonds, which this network needs; a solver is allowed")
    }
}
