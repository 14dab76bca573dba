extension LaneProgram {
    /// Collects instructions; every result is a new value.
    struct Builder {
        /// The cells the program works on; locations are those of single cells.
        let group: CellGroup
        private var instructions: [LaneInstruction] = []
        private var values: Int32 = 0

        init(_ group: CellGroup) {
            self.group = group
        }

        /// What has been collected.
        var program: LaneProgram { LaneProgram(instructions) }

        private mutating func value(_ instruction: (Int32) -> LaneInstruction) -> Int32 {
            instructions.append(instruction(values))
            values += 1
            return values - 1
        }

        private func location(_ plane: Plane, of cell: [Int]) -> Location {
            let (group, number) = group.member(cell)
            return Location(plane: MemberPlane(plane: plane, member: number), group: group)
        }

        /// ε − iη of a site.
        mutating func diagonal(of site: PatchSite) -> Int32 {
            let place = location(.energy(basis: site.basis), of: site.cell)
            return value { .diagonal(into: $0, at: place) }
        }

        mutating func load(_ plane: Plane, of cell: [Int]) -> Int32 {
            let place = location(plane, of: cell)
            return value { .load(into: $0, at: place) }
        }

        /// c less what the plane holds.
        mutating func difference(_ c: Int32, _ plane: Plane, of cell: [Int]) -> Int32 {
            let place = location(plane, of: cell)
            return value { .subtractLoaded(into: $0, c, at: place) }
        }

        /// c less a coefficient times what the plane holds.
        mutating func difference(_ c: Int32, coefficient: Int, times plane: Plane, of cell: [Int]) -> Int32 {
            let place = location(plane, of: cell)
            return value { .subtractScaledLoaded(into: $0, c, at: place, coefficient: Int32(coefficient)) }
        }

        mutating func scaled(_ a: Int32, by coefficient: Int) -> Int32 {
            value { .scale(into: $0, a, coefficient: Int32(coefficient)) }
        }
        mutating func sum(_ c: Int32, coefficient: Int, times a: Int32) -> Int32 {
            value { .addScaled(into: $0, c, a, coefficient: Int32(coefficient)) }
        }
        mutating func difference(_ c: Int32, coefficient: Int, times a: Int32) -> Int32 {
            value { .subtractScaled(into: $0, c, a, coefficient: Int32(coefficient)) }
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
            instructions.append(.store(a, at: location(plane, of: cell)))
        }

        /// Adds a to a complex plane.
        mutating func accumulate(_ a: Int32, in plane: Plane, of cell: [Int]) {
            instructions.append(.accumulate(a, at: location(plane, of: cell)))
        }

        /// Adds weight·Re a to the result of a site.
        mutating func accumulateResult(_ a: Int32, of site: PatchSite) {
            instructions.append(.accumulateReal(a, at: location(.result(basis: site.basis), of: site.cell)))
        }

        mutating func storeReal(_ a: Int32, in plane: Plane, of cell: [Int]) {
            instructions.append(.storeReal(a, at: location(plane, of: cell)))
        }
    }
}
