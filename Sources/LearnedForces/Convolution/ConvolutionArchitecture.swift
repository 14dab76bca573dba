import Lattices

/// The family of convolutional networks: unless told otherwise every member commutes with the point group of the lattice, with
/// translations and with particle–hole, because its weights couple equal irreps only, its activations are odd and it has no biases.
///
///     h⁰ = inputs,    y = convolutionˡ(hˡ⁻¹),    hˡ = φ(y) (+ hˡ⁻¹),    F = output scale · head(hᴸ)
///
/// The three kinds of fields are the group convolution (T. Cohen & M. Welling, *Group equivariant convolutional networks*,
/// arXiv:1602.07576), steerable convolution (the same, *Steerable CNNs*, arXiv:1612.08498) and message passing with weights
/// that depend on the shell of a neighbour alone (arXiv:2603.02039).
public struct ConvolutionArchitecture: NetworkArchitecture {
    public static let name = "convolution"

    /// How the channels of a hidden layer transform.
    public enum Fields: String, Sendable, Codable, CaseIterable {
        /// A number for each operation of the group; φ = tanh on each.
        case regular
        /// So many channels of every irrep; φ(y) = y/√(1 + |y|²), |y| the norm over an irrep's components.
        case irreps
        /// Invariant numbers, which makes kernels constant on shells; φ = tanh.
        case scalar
    }

    /// What becomes of the last features.
    public enum Head: String, Sendable, Codable, CaseIterable {
        /// The force is a sum of the invariant channels.
        case direct
        /// The energy is a sum of squared channels of all irreps and sites; the force is its derivative.
        case conservative
    }

    /// A parameter of the electrons that the network is told, by the key under which the model states it. Weights are scaled by a
    /// linear function of it, channel by channel; but μ is an input channel, with which F(−Q, −μ) = −F(Q, μ).
    public struct Condition: RawRepresentable, Sendable, Codable, Hashable {
        public let rawValue: String

        /// Recipes and files of earlier versions spell μ `chemical-potential`.
        public init(rawValue: String) { self.rawValue = rawValue == "chemical-potential" ? "chemical_potential" : rawValue }

        public static let temperature = Condition(rawValue: "temperature")
        public static let chemicalPotential = Condition(rawValue: "chemical_potential")
    }

    /// The part of the lattice's point group that the network commutes with, to see what symmetry is worth.
    public enum Symmetry: String, Sendable, Codable, CaseIterable {
        /// All of it.
        case full
        /// The operations that map every Cartesian axis onto itself: on the square lattice two mirrors and their product.
        case mirrors
        /// The identity alone.
        case none

        /// The subgroup of a point group.
        func subgroup(of group: PointGroup) -> PointGroup { group.subgroup(contains) }

        /// Whether it holds an operation.
        package func contains(_ operation: PointGroup.Operation) -> Bool {
            operation.matrix.enumerated().allSatisfy { row, entries in
                entries.enumerated().allSatisfy { column, entry in
                    switch self {
                    case .full: true
                    case .mirrors: column == row || abs(entry) < 1e-9
                    case .none: abs(entry - (column == row ? 1 : 0)) < 1e-9
                    }
                }
            }
        }
    }

    /// How a force gets the operations that ``symmetry`` leaves out.
    public enum Symmetrization: String, Sendable, Codable, CaseIterable {
        /// The force is the mean of the network's images under them, F̄(Q) = (1/n) Σ_g g F(g⁻¹Q), with an operation g of each of
        /// the n cosets of the network's symmetry in the point group: exactly equivariant, for n times the cost. Training fits
        /// the network itself; the epoch that is kept is the one whose mean has the lowest validation error.
        case mean
    }

    /// The part of the point group that the network commutes with.
    public var symmetry = Symmetry.full
    /// How the force gets the operations that ``symmetry`` leaves out; nil: it lacks them.
    public var symmetrize: Symmetrization?
    /// F(−Q, −μ) = −F(Q, μ); false adds an input that is 1 everywhere, and so biases.
    public var particleHole = true
    /// How the channels of hidden layers transform.
    public var fields = Fields.regular
    /// Channels of each hidden layer: regular fields, or channels of each irrep.
    public var channels = [8, 8, 8]
    /// The largest squared distance of a neighbour in the kernels after the first layer, in lattice constants squared.
    public var radiusSquared = 2.0
    /// The same in the first layer.
    public var inputRadiusSquared = 2.0
    /// A layer's input is added to its output where they have as many channels. Weights of such layers beyond the second begin smaller
    /// by √(layers − 1).
    public var residual = true
    /// s of the inputs tanh(Q_i/s); empty: the displacement itself.
    public var encodingScales = [0.1, 0.4, 1.6, 6.4]
    /// s of the inputs tanh(g(Q_i − Q_j)/(t·s)) on the bonds of a site.
    public var pairScales = [1.0, 4.0]
    /// Whether the logarithms of all these scales are parameters.
    public var learnedScales = false
    /// What becomes of the last features.
    public var head = Head.direct
    /// A local solver whose force the network corrects, and whose results are inputs.
    public var baseline: LocalBaseline?
    /// Parameters of the electrons that the network is told.
    public var conditions: [Condition] = []

    /// A group convolution of 3 layers of 8 channels.
    public init() {}

    public func model(on lattice: Lattice, kind: SiteVariable.Kind) throws -> any ForceModel {
        try ConvolutionModel(self, lattice: lattice, kind: kind)
    }

    /// Conditions by which weights are scaled, the temperature first.
    var scalingConditions: [Condition] {
        conditions.filter { $0 == .temperature } + conditions.filter { $0 != .temperature && $0 != .chemicalPotential }
    }

    /// Whether an input is the same on all sites: μ, or 1 where particle–hole symmetry is not wanted.
    var hasUniformInput: Bool { hasChemicalPotential || !particleHole }

    /// Whether μ is an input.
    var hasChemicalPotential: Bool { conditions.contains(.chemicalPotential) }

    /// - Throws: ``NetworkError`` naming the first value that is out of range.
    public func validate() throws {
        func require(_ valid: Bool, _ key: String, _ problem: @autoclosure () -> String) throws {
            guard valid else { throw NetworkError(key: "network.\(key)", problem: problem()) }
        }
        try require(
            (1...16).contains(channels.count) && channels.allSatisfy((1...256).contains), "channels",
            "\(channels); one to sixteen numbers from 1 to 256 are allowed")
        try require((0...64).contains(radiusSquared), "radius_squared", "\(radiusSquared); 0 to 64 is allowed")
        try require((0...64).contains(inputRadiusSquared), "input_radius_squared", "\(inputRadiusSquared); 0 to 64 is allowed")
        for (key, scales) in [("encoding_scales", encodingScales), ("pair_scales", pairScales)] {
            try require(
                scales.count <= 16 && scales.allSatisfy { $0 > 0 && $0.isFinite }, key,
                "\(scales); up to sixteen positive numbers are allowed")
        }
        try require(
            Set(conditions).count == conditions.count, "conditions", "\(conditions.map(\.rawValue)); each may be named once")
        try require(
            symmetrize == nil || symmetry != .full, "symmetrize",
            "\"mean\" beside symmetry = \"full\", which has every operation already; allowed with \"mirrors\" and \"none\""
        )
        try require(
            symmetrize == nil || (baseline?.core ?? 1) == 1, "symmetrize",
            "\"mean\" beside baseline_core = \(baseline?.core ?? 1), whose blocks break the point group; allowed with baseline_core = 1"
        )
        try require(
            particleHole || !hasChemicalPotential, "particle_hole",
            "false; with the condition chemical_potential only true is allowed")
        try baseline?.validate()
        try require(
            baseline == nil || head == .direct, "baseline",
            "the force of a local solver is not that of an energy; allowed with head = \"direct\" only")
    }
}
