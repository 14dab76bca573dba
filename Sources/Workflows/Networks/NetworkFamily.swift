import EquivariantNetworks
import Training

/// A family of models as recipes know it: its name, the keys of its table, and how it is trained where the recipe is silent.
///
/// A conforming type in a file of its own and a line in ``NetworkSettings`` add a family to the program.
protocol NetworkFamily: NetworkArchitecture, RecipeTable {
    /// Changes the defaults of `[training]` for the family.
    static func setDefaults(_ options: inout TrainingOptions)

    /// The parameters of the electrons that the force depends on, because the network is told them or calculates with them. Of
    /// the others it knows the value in its training data alone.
    var electronParameters: Set<ElectronParameter> { get }

    /// Whether the force is odd, F(−Q) = −F(Q), which holds for as many electrons as holes alone.
    var isOddInDisplacement: Bool { get }

    /// Whether it takes k_BT > 0 alone, because it calculates with the poles of the occupations.
    var needsTemperature: Bool { get }

    /// - Throws: `NetworkError` naming the first value that is not allowed.
    func validate() throws
}

extension NetworkFamily {
    static func setDefaults(_: inout TrainingOptions) {}

    var electronParameters: Set<ElectronParameter> { [] }

    var needsTemperature: Bool { false }
}
