/// A real variable on every site of a supercell.
///
/// `values[site·components + component]`; for a scalar on the square lattice this is the array [y][x], row-major.
public struct SiteField: Sendable, Equatable {
    /// Where the sites are.
    public let supercell: Supercell
    /// How the numbers of a site transform.
    public let kind: SiteVariable.Kind
    /// All numbers, [site][component].
    public var values: [Double]

    /// A field of given values, one for every site and component.
    public init(_ supercell: Supercell, kind: SiteVariable.Kind = .scalar, values: [Double]) {
        precondition(
            values.count == supercell.siteCount * kind.count(in: supercell.lattice), "one value a site and component")
        self.supercell = supercell
        self.kind = kind
        self.values = values
    }

    /// A field equal to `value` everywhere.
    public init(_ supercell: Supercell, kind: SiteVariable.Kind = .scalar, repeating value: Double = 0) {
        let count = supercell.siteCount * kind.count(in: supercell.lattice)
        self.init(supercell, kind: kind, values: [Double](repeating: value, count: count))
    }

    /// Fields whose values follow one another.
    public static func fields(on supercell: Supercell, kind: SiteVariable.Kind = .scalar, of values: [Double]) -> [SiteField] {
        let count = supercell.siteCount * kind.count(in: supercell.lattice)
        return stride(from: 0, to: values.count, by: count).map {
            SiteField(supercell, kind: kind, values: Array(values[$0..<$0 + count]))
        }
    }

    /// The values on some sites, one after the other.
    public func values(on sites: [Int]) -> [Double] {
        let count = componentCount
        return sites.flatMap { values[$0 * count..<($0 + 1) * count] }
    }

    /// One component of every site.
    public func component(_ index: Int) -> [Double] {
        stride(from: index, to: values.count, by: componentCount).map { values[$0] }
    }

    /// The value of a scalar field on a site.
    @inlinable
    public subscript(site: Int) -> Double {
        get { values[site] }
        set { values[site] = newValue }
    }

    /// The axes of ``values``, slowest first: those of ``Supercell/shape``, then components where a site has several.
    ///
    /// It alone defines the order of axes, in memory and in files.
    public var shape: [Int] { Self.shape(on: supercell, kind: kind) }

    /// The ``shape`` of the fields of a supercell.
    public static func shape(on supercell: Supercell, kind: SiteVariable.Kind = .scalar) -> [Int] {
        let count = kind.count(in: supercell.lattice)
        return supercell.shape + (count > 1 ? [count] : [])
    }

    /// The axes of ``shape`` as messages name them: Ly, Lx of a scalar on the square lattice, Ly, Lx, 2, 3 of a spin on honeycomb.
    public static func axes(of lattice: Lattice, kind: SiteVariable.Kind = .scalar) -> [String] {
        let count = kind.count(in: lattice)
        return Supercell.axes(of: lattice) + (count > 1 ? ["\(count)"] : [])
    }

    /// The supercell whose fields are arrays of a shape.
    ///
    /// - Throws: ``LatticeError`` for another number of axes, of sites of a cell or of components, and as that of a supercell does.
    public static func supercell(
        _ lattice: Lattice, kind: SiteVariable.Kind = .scalar, shape: [Int], periodic: [Bool]? = nil
    ) throws -> Supercell {
        let (count, axes) = (kind.count(in: lattice), axes(of: lattice, kind: kind))
        guard shape.count == axes.count, count == 1 || shape.last == count else {
            throw LatticeError(key: "shape", problem: "\(shape); (\(axes.joined(separator: ", "))) is needed")
        }
        return try Supercell(lattice, shape: count > 1 ? shape.dropLast() : shape, periodic: periodic)
    }

    /// Numbers a site.
    public var componentCount: Int { kind.count(in: supercell.lattice) }

    /// The first site whose value is NaN or infinite.
    public var firstNonFiniteSite: Int? {
        values.firstIndex { !$0.isFinite }.map { $0 / componentCount }
    }

    /// The field moved by whole cells: result(r + displacement) = self(r).
    public func translated(by displacement: [Int]) -> SiteField {
        moved { cell, basis in (zip(cell, displacement).map { $0 + $1 }, basis) }
    }

    /// The field after a symmetry operation about site 0: result(R r) = R·self(r).
    ///
    /// The supercell must be mapped onto itself: a quarter turn needs Lx = Ly.
    public func transformed(by operation: PointGroup.Operation) -> SiteField {
        var result = moved { cell, basis in operation.image(ofCell: cell, site: basis) }
        let count = componentCount
        guard !kind.isUnchanged else { return result }
        let matrix = kind.matrix(of: operation, on: supercell.lattice)
        for site in 0..<supercell.siteCount {
            let old = result.values[site * count..<(site + 1) * count]
            let rotated = matrix.map { row in zip(row, old).reduce(0) { $0 + $1.0 * $1.1 } }
            result.values.replaceSubrange(site * count..<(site + 1) * count, with: rotated)
        }
        return result
    }

    private func moved(_ image: ([Int], Int) -> ([Int], Int)) -> SiteField {
        var result = self
        let count = componentCount
        for site in 0..<supercell.siteCount {
            let (cell, basis) = image(supercell.cell(of: site), site % supercell.lattice.basis.count)
            let target = supercell.site(cell: cell, basis: basis)
            for k in 0..<count { result.values[target * count + k] = values[site * count + k] }
        }
        return result
    }
}
