import ForceFields
import LatticeNumerics
import Lattices
import Models

/// What besides the configuration determines the electronic force: the parameters of the model and the reservoir of its electrons.
public typealias Conditions = AdiabaticModel

/// A family of force fields with parameters, bound to a lattice: what training fits and model files keep.
///
/// The value holds shapes and numbers that were found from the data before training; the parameters are passed as one flat
/// array laid out by ``layout``.
public protocol ForceModel: Sendable {
    /// What the model is made of: everything but numbers found from data.
    var architecture: any NetworkArchitecture { get }
    /// The lattice whose symmetry it has.
    var lattice: Lattice { get }
    /// How the site variable, and so the force, transforms.
    var kind: SiteVariable.Kind { get }
    /// Names, shapes and places of the parameters.
    var layout: ParameterLayout { get }
    /// Numbers found from data by ``normalize(_:)`` and saved beside the parameters, by name, such as `output.scale`.
    var constants: [String: [Double]] { get set }
    /// How far, in sites along any direction, the force on a site sees: a domain with such a halo has the bits of the whole.
    var receptiveField: Int { get }
    /// Multiply–adds of one force on one site.
    var multiplyAdds: Int { get }

    /// Where the parameters are that training may set to zero and so remove, part by part of the model; none if it may not.
    var removable: [Range<Int>] { get }

    /// The model without the removable parameters that are zero, at least half of them: the same forces, in less time, and a
    /// gradient that is zero there. Else the model itself.
    func removingZeros(of parameters: [Double]) -> any ForceModel

    /// Parameters before training.
    func initialParameters(seed: UInt64) -> [Double]

    /// Finds ``constants`` from the training data.
    mutating func normalize(_ samples: ForceSamples) throws

    /// The electronic force on any supercell of the lattice, the elastic part not in it; a `ConservativeForceField` if the
    /// model is one.
    ///
    /// - Parameters:
    ///   - parameters: as laid out by ``layout``.
    ///   - conditions: the electrons, for models that depend on them.
    ///   - singlePrecision: Float32 arithmetic inside.
    /// - Throws: ``NetworkError`` for another lattice than the model's, or open ends.
    func forceField(
        parameters: [Double], conditions: Conditions, supercell: Supercell, singlePrecision: Bool, pool: WorkerPool
    ) throws -> any ForceField

    /// The loss on samples and its gradient, for gradient descent.
    ///
    /// - Throws: ``NetworkError`` for a model that is not fitted by gradients.
    func lossGradient(_ samples: ForceSamples, singlePrecision: Bool, pool: WorkerPool) throws -> any LossGradient
}

extension ForceModel {
    public var removable: [Range<Int>] { [] }

    public func removingZeros(of parameters: [Double]) -> any ForceModel { self }

    /// - Throws: ``NetworkError`` unless the supercell is one of the model's lattice and periodic in every direction.
    public func validate(_ supercell: Supercell) throws {
        guard supercell.lattice == lattice else {
            throw NetworkError(
                key: "lattice", problem: "the model was trained on the \(lattice.name) lattice, not on \(supercell.lattice.name)")
        }
        guard supercell.isPeriodic else {
            throw NetworkError(
                key: "periodic", problem: "\(supercell.periodic); a learned force is for lattices periodic in every direction")
        }
    }
}
