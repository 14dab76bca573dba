import EquivariantNetworks

extension FullyConnectedArchitecture: NetworkFamily {
    var isOddInDisplacement: Bool { particleHoleOdd }

    static var keys: [RecipeKey<FullyConnectedArchitecture>] {
        [
            .number("radius_squared", \.radiusSquared, .from(0...64)).deciding(.architecture),
            .integers("widths", \.widths, 1...256).deciding(.architecture),
            .choice("activation", \.activation).deciding(.architecture),
            .boolean("squares", \.squares).deciding(.architecture),
            .boolean("particle_hole_odd", \.particleHoleOdd).deciding(.architecture),
            .numbers("encoding_scales", \.encodingScales, .positive).deciding(.architecture),
        ]
    }
}
