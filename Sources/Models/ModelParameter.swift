import Lattices

/// What is known of a parameter of a model or of a reservoir. It is the single source of the recipe key, of the values that the key
/// allows, of the list in `[generate]`, of the column in datasets, of what a force field may be told, and of the words in tables,
/// messages and reports.
public struct Parameter: Sendable, Hashable, CustomStringConvertible {
    /// As recipes spell it: `neighbor_stiffness`.
    public let key: String
    /// As equations and reports write it: κ.
    public let symbol: String
    /// What one is one of.
    public let unit: ParameterUnit
    /// What it is: the end of a sentence that begins with the symbol, "κ is …".
    public let meaning: String
    /// Whether the electronic force depends on it.
    public let isElectronic: Bool
    /// The values that it may have.
    public let allowed: ParameterValues
    /// What it is where a recipe does not say it; empty for one that then is not given, as the filling.
    public let standard: [Double]
    private let isVaried: Bool

    /// Such as `g, energy per displacement: how much …`.
    public var description: String { symbol + (unit == .number ? "" : ", \(unit.rawValue)") + ": \(meaning)" }

    /// The key of its list in `[generate]`, the plural of its own: `couplings`. Nil if all data have the same value: those of
    /// parameters that change no electronic force, that are no single real number, or that say themselves that they are not varied.
    public var listKey: String? {
        guard isVaried, isElectronic, allowed.isOneNumber else { return nil }
        if key.hasSuffix("y") { return key.dropLast() + "ies" }
        return key + (["s", "x", "ch", "sh"].contains(where: key.hasSuffix) ? "es" : "s")
    }

    fileprivate init(
        key: String, symbol: String, unit: ParameterUnit, meaning: String, isElectronic: Bool, allowed: ParameterValues,
        standard: [Double], isVaried: Bool
    ) {
        (self.key, self.symbol, self.unit, self.meaning) = (key, symbol, unit, meaning)
        (self.isElectronic, self.allowed, self.standard, self.isVaried) = (isElectronic, allowed, standard, isVaried)
    }
}

/// The unit of a parameter. Energies are in units of the hopping where it is 1.
public enum ParameterUnit: String, Sendable {
    /// Of a pure number.
    case number = ""
    case energy
    case energyPerDisplacement = "energy per displacement"
    case energyPerSquaredDisplacement = "energy per displacement²"
}

/// The values that a parameter of a model may have.
public enum ParameterValues: Sendable, Hashable, CustomStringConvertible {
    /// Any finite number.
    case finite
    /// A finite number that is not below another.
    case from(Double)
    /// A number between two others, which are excluded.
    case between(Double, Double)
    /// A whole number of a range.
    case wholeNumber(ClosedRange<Int>)
    /// A finite number for every shell of bonds, at least one; a single one may stand without brackets.
    case byShell

    /// Completes "… is allowed".
    public var description: String {
        switch self {
        case .finite: "a finite number"
        case .from(let lowest): "a finite number from \(Int(exactly: lowest).map(String.init) ?? "\(lowest)")"
        case .between(let low, let high): "a number between \(low) and \(high), both excluded"
        case .wholeNumber(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .byShell: "a finite number, or one for each shell of bonds"
        }
    }

    /// Whether it is one real number.
    public var isOneNumber: Bool {
        switch self {
        case .finite, .from, .between: true
        case .wholeNumber, .byShell: false
        }
    }

    /// Whether a number may be the value, or one of them.
    public func contains(_ value: Double) -> Bool {
        switch self {
        case .finite, .byShell: value.isFinite
        case .from(let lowest): value.isFinite && value >= lowest
        case .between(let low, let high): low < value && value < high
        case .wholeNumber(let range):
            value == value.rounded() && (Double(range.lowerBound)...Double(range.upperBound)).contains(value)
        }
    }

    /// - Throws: ``ModelError`` naming the key of a value that is not allowed.
    func require(_ key: String, _ values: [Double]) throws {
        if let value = values.first(where: { !contains($0) }) {
            throw ModelError(key: key, problem: "\(value); \(value.isFinite ? description : "a finite number") is needed")
        }
        guard self == .byShell else {
            guard values.count == 1 else { throw ModelError(key: key, problem: "\(values); one number is needed") }
            return
        }
        guard Lattice.shells.contains(values.count) else {
            throw ModelError(
                key: key, problem: "\(values); a number for each of 1 to \(Lattice.shells.upperBound) shells is needed")
        }
    }
}

/// Something with parameters: a model, or the reservoir of its electrons.
public protocol Parametrized: Sendable {
    /// In the order in which recipes and reports list them. A `static let` is looked up fastest.
    static var parameters: [ModelParameter<Self>] { get }

    /// All parameters at their defaults.
    init()
}

/// A parameter with the property that holds its value. The default is that of `Owner()`.
public struct ModelParameter<Owner: Parametrized>: Sendable {
    /// What is known of it.
    public let statement: Parameter
    /// Reads it; nothing if it is not given.
    let get: @Sendable (Owner) -> [Double]
    /// Writes a value that ``ParameterValues/require(_:_:)`` has allowed.
    let set: @Sendable (inout Owner, [Double]) -> Void

    /// A parameter of any kind.
    ///
    /// - Parameters:
    ///   - key: as recipes spell it.
    ///   - symbol: as equations write it.
    ///   - unit: what one is one of.
    ///   - meaning: the end of a sentence that begins with the symbol, "κ is …".
    ///   - isElectronic: whether the electronic force depends on it.
    ///   - allowed: the values that it may have.
    ///   - isVaried: whether data may have several values, if it is electronic and one real number.
    ///   - get: reads it; nothing if it is not given.
    ///   - set: writes an allowed value.
    init(
        _ key: String, _ symbol: String, _ unit: ParameterUnit, _ meaning: String, isElectronic: Bool, allowed: ParameterValues,
        isVaried: Bool = true, get: @escaping @Sendable (Owner) -> [Double],
        set: @escaping @Sendable (inout Owner, [Double]) -> Void
    ) {
        statement = Parameter(
            key: key, symbol: symbol, unit: unit, meaning: meaning, isElectronic: isElectronic, allowed: allowed,
            standard: get(Owner()), isVaried: isVaried)
        (self.get, self.set) = (get, set)
    }

    /// A parameter that is one real number.
    public init(
        _ key: String, _ symbol: String, _ unit: ParameterUnit, _ meaning: String, isElectronic: Bool,
        allowed: ParameterValues = .finite, isVaried: Bool = true, _ path: WritableKeyPath<Owner, Double> & Sendable
    ) {
        self.init(
            key, symbol, unit, meaning, isElectronic: isElectronic, allowed: allowed, isVaried: isVaried,
            get: { [$0[keyPath: path]] }, set: { $0[keyPath: path] = $1[0] })
    }

    /// A parameter that is a whole number.
    public init(
        _ key: String, _ symbol: String, _ meaning: String, isElectronic: Bool, allowed: ClosedRange<Int>,
        _ path: WritableKeyPath<Owner, Int> & Sendable
    ) {
        self.init(
            key, symbol, .number, meaning, isElectronic: isElectronic, allowed: .wholeNumber(allowed),
            get: { [Double($0[keyPath: path])] }, set: { $0[keyPath: path] = Int($1[0]) })
    }

    /// A parameter that has a number for every shell of bonds.
    public init(
        byShell key: String, _ symbol: String, _ unit: ParameterUnit, _ meaning: String, isElectronic: Bool,
        _ path: WritableKeyPath<Owner, [Double]> & Sendable
    ) {
        self.init(
            key, symbol, unit, meaning, isElectronic: isElectronic, allowed: .byShell, get: { $0[keyPath: path] },
            set: { $0[keyPath: path] = $1 })
    }
}
