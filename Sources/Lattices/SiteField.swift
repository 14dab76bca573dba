/// How the components of a site variable transform under the point group.
public enum SiteComponents: String, Sendable, Equatable, CaseIterable {
    /// One number a site, unchanged by every operation.
    case scalar
    /// A Cartesian vector a site.
    case vector

    /// Numbers a site: 1, or the dimension of the lattice.
    public func count(in lattice: Lattice) -> Int {
        switch self {
        case .scalar: 1
        case .vector: lattice.dimension
        }
    }
}

/// A real variable on every site of a supercell.
///
/// `values[site·components + component]`; for a scalar on the square lattice this is the array [y][x], row-major.
public struct SiteField: Sendable, Equatable {
    /// Where the sites are.
    public let supercell: Supercell
    /// Whether a site has a number or a vector.
    public let components: SiteComponents
    /// All numbers, [site][component].
    public var values: [Double]

    /// A field of given values, one for every site and component.
    public init(_ supercell: Supercell, components: SiteComponents = .scalar, values: [Double]) {
        precondition(
            values.count == supercell.siteCount * components.count(in: supercell.lattice), "one value a site and component")
        self.supercell = supercell
        self.components = components
        self.values = values
    }

    /// A field equal to `value` everywhere.
    public init(_ supercell: Supercell, components: SiteComponents = .scalar, repeating value: Double = 0) {
        let count = supercell.siteCount * components.count(in: supercell.lattice)
        self.init(supercell, components: components, values: [Double](repeating: value, count: count))
    }

    /// The value of a scalar field on a site.
    @inlinable
    public subscript(site: Int) -> Double {
        get { values[site] }
        set { values[site] = newValue }
    }

    /// The axes of ``values``, slowest first: those of ``Supercell/shape``, then the components of a vector.
    public var shape: [Int] { supercell.shape + (components == .vector ? [componentCount] : []) }

    /// Numbers a site.
    public var componentCount: Int { components.count(in: supercell.lattice) }

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
        guard components == .vector else { return result }
        for site in 0..<supercell.siteCount {
            let old = result.values[site * count..<(site + 1) * count]
            let rotated = operation.matrix.map { row in zip(row, old).reduce(0) { $0 + $1.0 * $1.1 } }
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
