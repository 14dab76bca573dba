import EquivariantNetworks

extension FullyConnectedArchitecture: NetworkFamily {
    var isOddInDisplacement: Bool { particleHoleOdd }

    static var keys: [RecipeKey<FullyConnectedArchitecture>] {
        [
            .number("radius_squared", \.radiusSquared, .from(0...64)),
            .integers("widths", \.widths, 1...256),
            .choice("activation", \.activation),
            .boolean("squares", \.squares),
            .boolean("particle_hole_odd", \.particleHoleOdd),
            .numbers("encoding_scales", \.encodingScales, .positive),
        ]
    }
}
