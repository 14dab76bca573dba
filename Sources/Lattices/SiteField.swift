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

    /// The value of a scalar field on a site.
    @inlinable
    public subscript(site: Int) -> Double {
        get { values[site] }
        set { values[site] = newValue }
    }

    /// The axes of ``values``, slowest first: those of ``Supercell/shape``, then components where a site has several.
    ///
    /// It alone defines the order of axes, in memory and in files.
    public var shape: [Int] { supercell.shape + (componentCount > 1 ? [componentCount] : []) }

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
