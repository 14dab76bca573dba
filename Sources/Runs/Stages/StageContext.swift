import Communication
import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Recipes
import Storage

/// Everything a stage needs to know: what to do, where, with how many threads, and whom to tell.
public struct StageContext: Sendable {
    /// What to do.
    public private(set) var recipe: Recipe
    /// Where inputs are and outputs go.
    public let directory: RunDirectory
    /// The threads; results do not depend on their number.
    public let pool: WorkerPool
    /// What to do about unfinished work.
    public private(set) var resume: ResumePolicy
    /// Whom to tell how far the stage has come.
    public let progress: any ProgressReporter
    /// What may ask the stage to stop.
    public let interruption: Interruption
    /// The processes that work on the stage together.
    public internal(set) var communicator: any Communicator
    /// Ranks along each direction of a lattice that is spread over them, [Px, Py]; chosen by the program if nil.
    public let grid: [Int]?
    /// Whether unfinished work of another recipe is gone on with; the manifest then names the keys that differ.
    public let forcesResume: Bool
    /// How the command line names the run, for messages: the recipe and where its files are.
    public let arguments: String
    /// The stage whose ensemble this run is a quench of; nil for a run of its own.
    var quenchOf: StageName?
    /// Whether the run is one of an ensemble, whose recipe cannot change in one of them alone.
    var isOneOfMany: Bool { quenchOf != nil }
    /// The right to write in the directory.
    package let lock: RunLock

    /// - Parameters:
    ///   - recipe: what to do.
    ///   - directory: where; it is made when a stage first writes.
    ///   - threads: how many work at the same time, at least 1.
    ///   - resume: what to do about unfinished work.
    ///   - progress: whom to tell.
    ///   - interruption: what may ask to stop.
    ///   - communicator: the processes that work on the stage together, each with so many threads.
    ///   - grid: ranks along each direction of the lattice; chosen by the program if nil.
    ///   - forcesResume: whether unfinished work of another recipe is gone on with.
    ///   - arguments: how the command line names the run.
    public init(
        recipe: Recipe, directory: RunDirectory, threads: Int, resume: ResumePolicy = .automatic,
        progress: any ProgressReporter = SilentProgress(), interruption: Interruption = Interruption(),
        communicator: any Communicator = SingleProcess(), grid: [Int]? = nil, forcesResume: Bool = false,
        arguments: String = "RECIPE"
    ) {
        self.recipe = recipe
        self.directory = directory
        pool = WorkerPool(threads: threads)
        self.resume = resume
        self.progress = progress
        self.interruption = interruption
        self.communicator = communicator
        self.grid = grid
        self.forcesResume = forcesResume
        self.arguments = arguments
        lock = RunLock(directory)
    }

    /// The same with a recipe that leaves no options of the solvers open.
    ///
    /// - Throws: what ``Recipe/resolvingAccuracy(pool:)`` throws.
    package func resolved() throws -> StageContext {
        let resolved = try recipe.resolvingAccuracy(pool: pool)
        guard resolved != recipe else { return self }
        for choice in resolved.accuracyChoices { progress.message(choice.text) }
        var context = self
        context.recipe = resolved
        return context
    }

    /// The same with another recipe.
    package func following(_ recipe: Recipe) -> StageContext {
        var context = self
        context.recipe = recipe
        return context
    }

    /// The same with another policy.
    package func resuming(_ policy: ResumePolicy) -> StageContext {
        var context = self
        context.resume = policy
        return context
    }
}

/// What to do about work that an earlier run left unfinished.
public enum ResumePolicy: Sendable {
    /// Go on with it if there is any.
    case automatic
    /// Go on with it; it is an error if there is none.
    case required
    /// Discard it and begin again. Finished files are never discarded.
    case fresh
}

/// What a stage did.
public struct StageSummary: Sendable, Codable {
    /// The name of the stage, as in `adiabat generate`.
    public let stage: String
    /// False if the outputs were already complete.
    public let ran: Bool
    /// Files written or found complete.
    public let outputs: [String]
    /// Files that these were made from.
    public let inputs: [String]
    /// Numbers worth telling, in order.
    public let facts: [Fact]

    /// A result for people, under the name it is shown with.
    public struct Fact: Sendable, Codable {
        /// What it is, such as `best epoch`.
        public let name: String
        /// The number or numbers, formatted.
        public let value: String

        /// A fact shown as `name` and `value`.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// - Parameters:
    ///   - stage: its name.
    ///   - ran: false if the outputs were already complete.
    ///   - outputs: paths of the files written or found complete.
    ///   - inputs: paths of the files that these were made from.
    ///   - facts: numbers worth telling, in order.
    public init(stage: String, ran: Bool, outputs: [String], inputs: [String] = [], facts: [Fact]) {
        self.stage = stage
        self.ran = ran
        self.outputs = outputs
        self.inputs = inputs
        self.facts = facts
    }
}

/// A stage that cannot begin or go on because of what is, or is not, in the run directory.
public enum StageError: Error, CustomStringConvertible, Sendable {
    /// An input of the stage is not there; `stage` makes it.
    case missingInput(path: String, stage: String)
    /// A file in the run directory was made by another recipe; `isUnfinished` if force can go on with it. `remedy`
    /// says which command helps, if one does.
    case recipeChanged(path: String, differences: [String], isUnfinished: Bool, remedy: String?)
    /// A file in the run directory was not made from the present inputs; `remedy` says which command helps.
    case outdated(path: String, problem: String, remedy: String)
    /// Unfinished work of another recipe that cannot go on, not even by force; `reasons` are the keys that differ, and why.
    case notCarriedOver(path: String, reasons: [String])
    /// Another process is writing in the run directory.
    case directoryInUse(path: String, holder: String)
    /// `--resume` found nothing to go on with.
    case nothingToResume(stage: String, directory: String)
    /// A file holds something that does not belong to this recipe.
    case mismatch(path: String, problem: String)
    /// An external program failed.
    case program(name: String, problem: String)
    /// Forces that need the whole lattice at once cannot be spread over processes.
    case notDistributable(forceField: String, processes: Int)
    /// The arrays are larger than the memory of this machine; `key` decides their size.
    case memory(key: String, needed: Double, available: Double)
    /// The stage is not defined on a lattice with open ends.
    case openEnds(stage: String, periodic: [Bool])

    public var description: String {
        switch self {
        case .missingInput(let path, let stage): "\(path): is not there; `adiabat \(stage)` makes it"
        case .recipeChanged(let path, let differences, let isUnfinished, let remedy):
            "\(path): was made by another recipe (" + differences.joined(separator: "; ")
                + "); choose another --output or undo the change"
                + (isUnfinished ? ", or go on with `--force-resume`, which the manifest then records" : "")
                + (remedy.map { "; " + $0 } ?? "")
        case .outdated(let path, let problem, let remedy): "\(path): \(problem); \(remedy)"
        case .notCarriedOver(let path, let reasons):
            "\(path): `--force-resume` cannot go on with it (" + reasons.joined(separator: "; ")
                + "); undo the change, choose another --output, or discard the unfinished work with `--no-resume`"
        case .directoryInUse(let path, let holder):
            "\(path): \(holder) is writing in this folder; wait for it, or choose another --output"
        case .nothingToResume(let stage, let directory): "\(directory): holds no unfinished \(stage) to resume"
        case .mismatch(let path, let problem): "\(path): \(problem)"
        case .program(let name, let problem): "\(name): \(problem)"
        case .notDistributable(let forceField, let processes):
            "simulate.force_field = \"\(forceField)\" with \(processes) processes is not allowed: these forces need the whole lattice "
                + "at once; allowed are one process, or forces that depend on the surroundings of a site alone: "
                + "\"local-diagonalization\" and learned forces with a direct head, at a fixed chemical potential"
        case .memory(let key, let needed, let available):
            "\(key): needs \(Self.gigabytes(needed)) of memory, and this machine has \(Self.gigabytes(available)); a smaller size, fewer "
                + "records, more machines (MPI) or a solver that needs less memory may help"
        case .openEnds(let stage, let periodic):
            "\(stage): lattice.periodic = \(periodic) is not allowed: networks and structure factors need lattices periodic in "
                + "every direction; `generate`, `simulate` with a solver, `analyze`, `report`, and `audit` and `forces` with a solver are allowed"
        }
    }
}

extension StageError {
    private static func gigabytes(_ bytes: Double) -> String { TerminalNumber.text(bytes / 1e9, digits: 3) + " GB" }

    /// What is wrong with a file of another recipe or of other inputs; nil for other errors.
    package var reason: String? {
        switch self {
        case .recipeChanged(_, let differences, _, _): "was made by another recipe (" + differences.joined(separator: "; ") + ")"
        case .outdated(_, let problem, _): problem
        default: nil
        }
    }
}

extension StageContext {
    /// The context of a run that is a part of this one, in a directory of its own.
    ///
    /// To go on with the whole is to go on with the parts that have begun, and to begin the others.
    package func part(_ recipe: Recipe, in directory: RunDirectory, progress: any ProgressReporter) -> StageContext {
        var context = StageContext(
            recipe: recipe, directory: directory, threads: pool.threads, resume: resume == .required ? .automatic : resume,
            progress: progress, interruption: interruption, communicator: communicator, grid: grid, forcesResume: forcesResume,
            arguments: arguments)
        context.quenchOf = .coarsen
        return context
    }
}

extension StageContext {
    /// Whether this process owns the files, and tells the user.
    public var isFirstRank: Bool { communicator.rank == 0 }

    /// Does something on the first rank alone, while the others wait for its result.
    ///
    /// What decides how a stage goes on, such as which files are there, is found in this way, so that all ranks go the same way.
    ///
    /// - Throws: what `body` throws on the first rank, and on the others ``WorkflowInterrupted`` if that was it, else
    ///   `OtherRankFailed`.
    package func onFirstRank<Value: Codable>(_ body: () throws -> Value) throws -> Value {
        guard communicator.size > 1 else { return try body() }
        guard isFirstRank else {
            let reply = try JSONDecoder.exact.decode(Reply<Value>.self, from: Data(communicator.broadcast([], from: 0)))
            switch reply {
            case .value(let value): return value
            case .interrupted(let isTimeLimit): throw WorkflowInterrupted(isTimeLimit ? .timeLimit : .request)
            case .failed(let reason): throw OtherRankFailed(rank: 0, reason: reason)
            }
        }
        func tell(_ reply: Reply<Value>) throws {
            _ = communicator.broadcast(Array(try JSONEncoder.exact.encode(reply)), from: 0)
        }
        let value: Value
        do { value = try body() } catch {
            let interrupted = error as? WorkflowInterrupted
            try tell(interrupted.map { .interrupted(isTimeLimit: $0.reason == .timeLimit) } ?? .failed("\(error)"))
            throw error
        }
        try tell(.value(value))
        return value
    }

    /// Does something on the first rank alone, while the others wait until it is done.
    package func doOnFirstRank(_ body: () throws -> Void) throws {
        _ = try onFirstRank { () -> Bool in
            try body()
            return true
        }
    }

    /// The same for the first rank alone.
    var alone: StageContext {
        var context = self
        context.communicator = SingleProcess()
        return context
    }

    /// Resolves the recipe, runs a stage that is not spread over ranks and enters it in the manifest, all on the first rank, while
    /// the others wait.
    ///
    /// - Parameter stage: gets a context without other ranks and with the resolved recipe.
    package func recordedOnFirstRank(_ stage: (StageContext) throws -> StageSummary) throws -> StageSummary {
        try onFirstRank {
            let context = try alone.resolved()
            return try context.recorded { try stage(context) }
        }
    }

    /// Does on every rank what is that rank's part, and goes on when all have done theirs. What fails or is interrupted on one
    /// rank fails or is interrupted on all, so that none waits for the others.
    ///
    /// - Throws: what `body` throws on this rank; `OtherRankFailed` or ``WorkflowInterrupted`` if it was another.
    package func onEveryRank<Value>(_ body: () throws -> Value) throws -> Value {
        let value = try communicator.together { () -> Value? in
            do { return try body() } catch is WorkflowInterrupted { return nil }
        }
        if communicator.any(value == nil) { throw WorkflowInterrupted(interruption.reason) }
        return value!
    }
}

/// What the first rank tells the others.
private enum Reply<Value: Codable>: Codable {
    case value(Value)
    case interrupted(isTimeLimit: Bool)
    case failed(String)
}

extension JSONEncoder {
    /// Numbers that are not finite become texts.
    fileprivate static var exact: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }
}

extension JSONDecoder {
    fileprivate static var exact: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }
}

extension StageName {
    /// The file that is there when the stage is complete.
    public func output(in directory: RunDirectory) -> String {
        switch self {
        case .generate: directory.dataset
        case .train, .learn: directory.model
        case .simulate: directory.trajectory
        case .coarsen: directory.coarsening
        case .compare: directory.comparison
        case .analyze: directory.analysis
        case .audit: directory.audit
        case .report: directory.report
        }
    }

    /// Whether files exist that the stage alone leaves beside its output. Then the stage made the output, although a kill came before
    /// its entry in the manifest.
    func hasLeftTraces(in directory: RunDirectory) -> Bool {
        switch self {
        case .generate: directory.exists(directory.datasetParts)
        case .train: directory.hasCheckpoint(directory.trainingCheckpoint) && (try? TrainingCurve.isThere(in: directory)) == true
        case .learn: directory.exists(directory.rounds)
        case .simulate: directory.hasCheckpoint(directory.simulationCheckpoint)
        case .coarsen, .compare, .analyze, .audit, .report: false
        }
    }
}

extension BlockTiling {
    /// The blocks that forces outside of dynamics have, for the summary of a stage; nothing without blocks.
    func facts(side: Int, on lattice: Lattice) -> [StageSummary.Fact] {
        guard side > 1 else { return [] }
        let size = Array(repeating: "\(side)", count: lattice.dimension).joined(separator: " × ") + " cells"
        let count = (0..<lattice.dimension).reduce(1) { count, _ in count * side }
        let value =
            switch self {
            case .fixed: "\(size), from cell 0 on"
            case .mean: "\(size), average over \(count) offsets"
            case .sampled: "\(size), average over \(count) offsets, of which each step of dynamics takes one"
            }
        return [.init("blocks", value)]
    }
}

extension ForceField {
    /// ``BlockTiling/facts(side:on:)`` of its blocks, if it has any.
    package func tilingFacts(on lattice: Lattice) -> [StageSummary.Fact] {
        guard let tiled = self as? any TiledForceField else { return [] }
        return tiled.tiling.facts(side: tiled.blockSide, on: lattice)
    }
}
