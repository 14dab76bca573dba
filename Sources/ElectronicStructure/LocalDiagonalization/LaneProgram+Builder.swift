extension LaneProgram {
    /// Collects instructions; every result is a new value.
    struct Builder {
        private var instructions: [LaneInstruction<Location>] = []
        private var values: Int32 = 0

        /// What has been collected.
        var program: LaneProgram { LaneProgram(instructions) }

        private mutating func value(_ instruction: (Int32) -> LaneInstruction<Location>) -> Int32 {
            instructions.append(instruction(values))
            values += 1
            return values - 1
        }

        /// ε − iη of a site.
        mutating func diagonal(of site: PatchSite) -> Int32 {
            value { .diagonal(into: $0, at: Location(plane: .energy(basis: site.basis), cell: site.cell)) }
        }

        mutating func load(_ plane: Plane, of cell: [Int]) -> Int32 {
            value { .load(into: $0, at: Location(plane: plane, cell: cell)) }
        }

        /// c less what the plane holds.
        mutating func difference(_ c: Int32, _ plane: Plane, of cell: [Int]) -> Int32 {
            value { .subtractLoaded(into: $0, c, at: Location(plane: plane, cell: cell)) }
        }

        mutating func inverse(of a: Int32) -> Int32 { value { .invert(into: $0, a) } }
        mutating func product(_ a: Int32, _ b: Int32) -> Int32 { value { .multiply(into: $0, a, b) } }
        mutating func onePlus(_ a: Int32) -> Int32 { value { .addOne(into: $0, a) } }
        mutating func sum(_ c: Int32, _ a: Int32) -> Int32 { value { .add(into: $0, c, a) } }
        mutating func difference(_ c: Int32, _ a: Int32) -> Int32 { value { .subtract(into: $0, c, a) } }
        mutating func sum(_ c: Int32, product a: Int32, _ b: Int32) -> Int32 { value { .addProduct(into: $0, c, a, b) } }
        mutating func difference(_ c: Int32, product a: Int32, _ b: Int32) -> Int32 {
            value { .subtractProduct(into: $0, c, a, b) }
        }
        mutating func magnitude(of a: Int32) -> Int32 { value { .magnitude(into: $0, a) } }

        mutating func store(_ a: Int32, in plane: Plane, of cell: [Int]) {
            instructions.append(.store(a, at: Location(plane: plane, cell: cell)))
        }

        /// Adds a to a complex plane.
        mutating func accumulate(_ a: Int32, in plane: Plane, of cell: [Int]) {
            instructions.append(.accumulate(a, at: Location(plane: plane, cell: cell)))
        }

        /// Adds weight·Re a to the result of a site.
        mutating func accumulateResult(_ a: Int32, of site: PatchSite) {
            instructions.append(.accumulateReal(a, at: Location(plane: .result(basis: site.basis), cell: site.cell)))
        }

        mutating func storeReal(_ a: Int32, in plane: Plane, of cell: [Int]) {
            instructions.append(.storeReal(a, at: Location(plane: plane, cell: cell)))
        }
    }
}
