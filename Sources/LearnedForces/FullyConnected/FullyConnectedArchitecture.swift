import Lattices

/// The published network: all pairwise Clebsch–Gordan products, mixed linearly within each irrep, and a gate.
public struct FullyConnectedArchitecture: NetworkArchitecture {
    public static let name = "equivariant-fully-connected"

    /// The largest squared distance of a neighbour that enters, in lattice constants squared.
    public var radiusSquared: Double
    /// Channels of each irrep in each hidden layer.
    public var widths: [Int]
    /// The nonlinearity between layers.
    public var activation: Activation
    /// Products of a channel with itself are included.
    public var squares: Bool
    /// F(−Q) = −F(Q) exactly: the output is [f(Q) − f(−Q)]/2. Twice the cost.
    public var particleHoleOdd: Bool
    /// Scales s of the inputs tanh(Q/s); empty: the inputs are the displacements themselves, as published.
    public var encodingScales: [Double]

    /// The published architecture with the smooth gate, unless told otherwise.
    public init(
        radiusSquared: Double = 13, widths: [Int] = [32, 8, 4], activation: Activation = .smooth, squares: Bool = false,
        particleHoleOdd: Bool = false, encodingScales: [Double] = []
    ) {
        self.radiusSquared = radiusSquared
        self.widths = widths
        self.activation = activation
        self.squares = squares
        self.particleHoleOdd = particleHoleOdd
        self.encodingScales = encodingScales
    }

    public init() { self.init(radiusSquared: 13) }

    public func model(on lattice: Lattice, kind: SiteVariable.Kind) throws -> any ForceModel {
        try FullyConnectedNetwork(self, lattice: lattice, kind: kind)
    }
}

/// The nonlinearity that acts on an irrep's channel y of norm |y| and bias b, h = y·s(|y|, b).
public enum Activation: String, Sendable, Codable, CaseIterable {
    /// y·σ(ρ + b)/ρ with ρ² = |y|² + 1: the published gate softened, smooth everywhere.
    case smooth
    /// y·σ(|y| + b)/|y|, as published: it jumps where y changes sign. At exactly zero it is zero.
    case published
}
