import LatticeNumerics
import Lattices
import Synchronization

/// Energies v_i of sites that no configuration changes: those of an array, and random ones.
///
/// Random energies are uniform in [−W/2, W/2). That of a site follows from the seed, the coordinates [x, y, z] of its cell in the whole
/// lattice, and its place in the basis, and from nothing else: a site has the same energy in every domain, in every patch that was cut
/// out, and on a larger lattice, whose first cells have the energies of the smaller one. It is W(u − ½) with u the uniform number of
/// `RandomStream` for the purpose `onsiteEnergy`, at the step x + 2²⁰y + 2⁴⁰z and the index of the site in the basis.
public struct OnsiteEnergies: Sendable, Hashable {
    /// The keys of a file of energies in recipes, and of its SHA-256.
    public static let keys = ["onsite", "onsite_sha256"]

    /// W.
    public var width = 0.0 { didSet { known = Known() } }
    /// Of the random energies.
    public var seed: UInt64 = 0 { didSet { known = Known() } }
    /// Energies that were given; nil without.
    public var given: Given? { didSet { known = Known() } }
    private var known = Known()

    /// Energies of all sites of a lattice of one size.
    public struct Given: Sendable, Hashable {
        /// The file they are from, as a recipe elsewhere finds it; empty if from none.
        public let path: String
        /// SHA-256 of the file.
        public let digest: String
        /// The energies, or why they cannot be had: the file may have gone or changed since a recipe was recorded.
        public let field: Field
        /// The smallest and the largest of them.
        fileprivate let extent: FieldExtent

        /// Files are the same by their contents, wherever they lie and whether or not they can be had.
        public static func == (a: Self, b: Self) -> Bool {
            a.digest == b.digest && (!a.digest.isEmpty || a.field == b.field)
        }

        public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

        /// A scalar field, or what is wrong with its file.
        public enum Field: Sendable, Hashable {
            case values([Double], size: [Int])
            case missing(problem: String)
        }

        /// Energies of a file.
        public init(path: String, digest: String, field: Field) {
            (self.path, self.digest, self.field) = (path, digest, field)
            if case .values(let values, _) = field {
                extent = FieldExtent(lowest: values.min() ?? 0, highest: values.max() ?? 0)
            } else {
                extent = FieldExtent(lowest: 0, highest: 0)
            }
        }
    }

    /// No energies.
    public init() {}

    public static func == (a: Self, b: Self) -> Bool {
        a.width == b.width && a.given == b.given && (a.width == 0 || a.seed == b.seed)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(width)
        hasher.combine(given?.digest)
    }

    /// Whether every v_i is zero.
    public var isZero: Bool { width == 0 && given == nil }

    /// An interval that holds every v_i.
    var extent: FieldExtent {
        FieldExtent(lowest: (given?.extent.lowest ?? 0) - width / 2, highest: (given?.extent.highest ?? 0) + width / 2)
    }

    /// Checks that energies that were given are there and belong to a lattice of this size.
    ///
    /// - Parameter name: of what has the size, for the message.
    /// - Throws: ``ModelError``
    public func validate(on size: [Int]? = nil, of name: String = "the lattice") throws {
        guard let given else { return }
        switch given.field {
        case .missing(let problem): throw ModelError(key: "onsite", problem: problem)
        case .values(_, let own):
            guard let size, size != own else { return }
            throw ModelError(
                key: "onsite",
                problem:
                    "\"\(given.path)\" has the energies of \(own) cells, and \(name) has \(size); the same size is allowed, and "
                    + "onsite_disorder, which goes with any")
        }
    }

    /// v_i of every site; energies that were given begin again beyond their last cell.
    func values(on supercell: Supercell) -> [Double] {
        known.values(on: supercell) {
            let basis = supercell.lattice.basis.count
            let stream = RandomStream(seed: seed, purpose: .onsiteEnergy)
            var values: [Double] = []
            values.reserveCapacity(supercell.siteCount)
            for cell in supercell.cellsOfWhole() {
                let step = cell.reversed().reduce(0) { $0 << 20 | $1 }
                for site in 0..<basis {
                    var value = width == 0 ? 0 : width * (stream.uniform(step: step, index: site) - 0.5)
                    if case .values(let given, let size)? = given?.field {
                        let first = zip(cell, size).reversed().reduce(0) { $0 * $1.1 + $1.0 % $1.1 }
                        value += given[first * basis + site]
                    }
                    values.append(value)
                }
            }
            return values
        }
    }

    /// The energies of the supercells asked for last.
    private final class Known: Sendable {
        private typealias Entry = (supercell: Supercell, values: [Double])
        private let entries = Mutex<[Entry]>([])
        private static let most = 4

        func values(on supercell: Supercell, make: () -> [Double]) -> [Double] {
            func find(_ entries: inout [Entry]) -> [Double]? {
                let found = entries.firstIndex { $0.supercell == supercell && $0.supercell.place == supercell.place }
                guard let found else { return nil }
                // The last asked for stands last.
                entries.append(entries.remove(at: found))
                return entries.last?.values
            }
            if let values = entries.withLock({ find(&$0) }) { return values }
            let values = make()
            entries.withLock { entries in
                guard find(&entries) == nil else { return }
                if entries.count == Self.most { entries.removeFirst() }
                entries.append((supercell, values))
            }
            return values
        }
    }
}

extension AdiabaticModel {
    /// v_i; nil of a model that cannot have them.
    public var onsiteEnergies: OnsiteEnergies? { hamiltonian.onsiteEnergies }

    /// Whether some v_i are not zero: sites of one kind are not alike then, and only operations that move v_i too are symmetries.
    public var hasOnsiteEnergies: Bool { onsiteEnergies?.isZero == false }

    /// The same model with other v_i. The model can have them.
    public func with(_ energies: OnsiteEnergies) -> AdiabaticModel {
        var hamiltonian = hamiltonian
        precondition(hamiltonian.onsiteEnergies != nil, "a model with energies of sites")
        hamiltonian.onsiteEnergies = energies
        return AdiabaticModel(checked: hamiltonian, reservoir)
    }

    /// The model as an operation on configurations leaves it: its v_i on a supercell are moved like a scalar field.
    public func moved(on supercell: Supercell, by operation: (SiteField) -> SiteField) -> AdiabaticModel {
        guard let energies = onsiteEnergies, !energies.isZero else { return self }
        let field = operation(SiteField(supercell, values: energies.values(on: supercell)))
        var moved = OnsiteEnergies()
        moved.given = .init(path: "", digest: "", field: .values(field.values, size: supercell.place?.whole ?? supercell.size))
        return with(moved)
    }
}
