import Lattices

/// Where a length taken from a configuration is that of its domains: between two lattice constants and a quarter of the shortest
/// periodic side.
///
/// Below two lattice constants neighbours are not ordered alike and there are no domains; beyond a quarter of the side they feel
/// their own periodic images. Both estimates give numbers outside as well. The first moment of S(q) gives one even for a field
/// without any correlation: S is flat then, and L = 2π/⟨|q − Q₀|⟩ = 6 on the square lattice, 8 on a chain. So that length needs
/// domains besides, which the half height of C(r) tells.
public struct DomainLengthRange: Sendable, Equatable {
    /// Two lattice constants.
    public static let shortest = 2.0
    /// The shortest distance from a site to its own periodic image; infinite with open ends alone.
    public let side: Double
    /// A quarter of ``side``.
    public var longest: Double { side / 4 }

    /// The range on a supercell.
    public init(_ supercell: Supercell) {
        side = supercell.shortestPeriod
    }

    /// The observables that are lengths of domains.
    public static let names = [ScalarObservable.domainLength.name, ScalarObservable.correlationLength.name]

    /// An observable of ``names`` where it is the length of domains; NaN elsewhere.
    public func stated(_ name: String, _ value: Double, halfHeight: Double) -> Double {
        name == ScalarObservable.domainLength.name ? domainLength(value, halfHeight: halfHeight) : correlationLength(value)
    }

    /// The half height of C(r) where it is the length of domains; NaN elsewhere.
    public func correlationLength(_ halfHeight: Double) -> Double {
        halfHeight >= Self.shortest && halfHeight <= longest ? halfHeight : .nan
    }

    /// The length from the first moment of S(q) where there are domains, and it is theirs; NaN elsewhere.
    ///
    /// - Parameter halfHeight: the half height of C(r) of the same configuration.
    public func domainLength(_ moment: Double, halfHeight: Double) -> Double {
        halfHeight >= Self.shortest && moment >= Self.shortest && moment <= longest ? moment : .nan
    }
}
