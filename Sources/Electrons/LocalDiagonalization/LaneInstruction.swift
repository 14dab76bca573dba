/// One step of an elimination, done for one pole and a strip of sites at once.
///
/// A slot holds one complex number per site of the strip. A plane holds a number for every cell of a tile, and a location is a plane
/// and a cell relative to the current one.
enum LaneInstruction: Sendable {
    typealias Location = LaneProgram.Location

    /// slot ← ε − iη, the diagonal of H − z at the location of ε.
    case diagonal(into: Int32, at: Location)
    /// slot ← complex plane
    case load(into: Int32, at: Location)
    /// slot ← c − complex plane
    case subtractLoaded(into: Int32, Int32, at: Location)
    /// slot ← 1/a
    case invert(into: Int32, Int32)
    /// slot ← a·b
    case multiply(into: Int32, Int32, Int32)
    /// slot ← 1 + a
    case addOne(into: Int32, Int32)
    /// slot ← c + a
    case add(into: Int32, Int32, Int32)
    /// slot ← c − a
    case subtract(into: Int32, Int32, Int32)
    /// slot ← c + a·b
    case addProduct(into: Int32, Int32, Int32, Int32)
    /// slot ← c − a·b
    case subtractProduct(into: Int32, Int32, Int32, Int32)
    /// slot ← k·a, k the coefficient of that number
    case scale(into: Int32, Int32, coefficient: Int32)
    /// slot ← c + k·a
    case addScaled(into: Int32, Int32, Int32, coefficient: Int32)
    /// slot ← c − k·a
    case subtractScaled(into: Int32, Int32, Int32, coefficient: Int32)
    /// slot ← c − k·(complex plane)
    case subtractScaledLoaded(into: Int32, Int32, at: Location, coefficient: Int32)
    /// slot ← |a|², or 1 for the pivot of a site that does not exist.
    case magnitude(into: Int32, Int32)
    /// complex plane ← a
    case store(Int32, at: Location)
    /// complex plane ← complex plane + a
    case accumulate(Int32, at: Location)
    /// real plane ← real plane + weight·Re a
    case accumulateReal(Int32, at: Location)
    /// real plane ← Re a
    case storeReal(Int32, at: Location)
}

extension LaneInstruction {
    /// The slot that is written.
    var result: Int32? {
        switch self {
        case .diagonal(let into, _), .load(let into, _), .subtractLoaded(let into, _, _), .invert(let into, _),
            .multiply(let into, _, _), .addOne(let into, _), .add(let into, _, _), .subtract(let into, _, _),
            .addProduct(let into, _, _, _), .subtractProduct(let into, _, _, _), .magnitude(let into, _),
            .scale(let into, _, _), .addScaled(let into, _, _, _), .subtractScaled(let into, _, _, _),
            .subtractScaledLoaded(let into, _, _, _):
            into
        case .store, .accumulate, .accumulateReal, .storeReal: nil
        }
    }

    /// The slots that are read.
    var operands: [Int32] {
        switch self {
        case .diagonal, .load: []
        case .subtractLoaded(_, let a, _), .invert(_, let a), .addOne(_, let a), .magnitude(_, let a), .store(let a, _),
            .accumulate(let a, _), .accumulateReal(let a, _), .storeReal(let a, _), .scale(_, let a, _),
            .subtractScaledLoaded(_, let a, _, _):
            [a]
        case .multiply(_, let a, let b), .add(_, let a, let b), .subtract(_, let a, let b), .addScaled(_, let a, let b, _),
            .subtractScaled(_, let a, let b, _):
            [a, b]
        case .addProduct(_, let c, let a, let b), .subtractProduct(_, let c, let a, let b): [c, a, b]
        }
    }

    /// The place in a plane that is read or written.
    var location: Location? {
        switch self {
        case .diagonal(_, let place), .load(_, let place), .subtractLoaded(_, _, let place), .store(_, let place),
            .accumulate(_, let place), .accumulateReal(_, let place), .storeReal(_, let place),
            .subtractScaledLoaded(_, _, let place, _):
            place
        case .invert, .multiply, .addOne, .add, .subtract, .addProduct, .subtractProduct, .magnitude, .scale, .addScaled,
            .subtractScaled:
            nil
        }
    }

    /// The number of the coefficient that is used.
    var coefficient: Int32? {
        switch self {
        case .scale(_, _, let k), .addScaled(_, _, _, let k), .subtractScaled(_, _, _, let k),
            .subtractScaledLoaded(_, _, _, let k):
            k
        default: nil
        }
    }

    /// Real additions, multiplications and divisions for one site.
    var operations: Int {
        switch self {
        case .diagonal, .load, .store, .storeReal: 0
        case .addOne: 1
        case .subtractLoaded, .add, .subtract, .accumulate, .accumulateReal, .scale: 2
        case .magnitude: 3
        case .addScaled, .subtractScaled, .subtractScaledLoaded: 4
        case .multiply, .invert: 6
        case .addProduct, .subtractProduct: 8
        }
    }

    /// The same instruction with other slots.
    func map(slot: (Int32) -> Int32) -> LaneInstruction {
        switch self {
        case .diagonal(let into, let place): .diagonal(into: slot(into), at: place)
        case .load(let into, let place): .load(into: slot(into), at: place)
        case .subtractLoaded(let into, let c, let place): .subtractLoaded(into: slot(into), slot(c), at: place)
        case .invert(let into, let a): .invert(into: slot(into), slot(a))
        case .multiply(let into, let a, let b): .multiply(into: slot(into), slot(a), slot(b))
        case .addOne(let into, let a): .addOne(into: slot(into), slot(a))
        case .add(let into, let c, let a): .add(into: slot(into), slot(c), slot(a))
        case .subtract(let into, let c, let a): .subtract(into: slot(into), slot(c), slot(a))
        case .addProduct(let into, let c, let a, let b): .addProduct(into: slot(into), slot(c), slot(a), slot(b))
        case .subtractProduct(let into, let c, let a, let b): .subtractProduct(into: slot(into), slot(c), slot(a), slot(b))
        case .magnitude(let into, let a): .magnitude(into: slot(into), slot(a))
        case .scale(let into, let a, let k): .scale(into: slot(into), slot(a), coefficient: k)
        case .addScaled(let into, let c, let a, let k): .addScaled(into: slot(into), slot(c), slot(a), coefficient: k)
        case .subtractScaled(let into, let c, let a, let k): .subtractScaled(into: slot(into), slot(c), slot(a), coefficient: k)
        case .subtractScaledLoaded(let into, let c, let place, let k):
            .subtractScaledLoaded(into: slot(into), slot(c), at: place, coefficient: k)
        case .store(let a, let place): .store(slot(a), at: place)
        case .accumulate(let a, let place): .accumulate(slot(a), at: place)
        case .accumulateReal(let a, let place): .accumulateReal(slot(a), at: place)
        case .storeReal(let a, let place): .storeReal(slot(a), at: place)
        }
    }
}
