import Communication
import Foundation
import LatticeNumerics
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
    let lock: RunLock

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
    func resolved() throws -> StageContext {
        let resolved = try recipe.resolvingAccuracy(pool: pool)
        guard resolved != recipe else { return self }
        for choice in resolved.accuracyChoices { progress.message(choice.text) }
        var context = self
        context.recipe = resolved
        return context
    }

    /// The same with another recipe.
    func following(_ recipe: Recipe) -> StageContext {
        var context = self
        context.recipe = recipe
        return context
    }

    /// The same with another policy.
    func resuming(_ policy: ResumePolicy) -> StageContext {
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
    var reason: String? {
        switch self {
        case .recipeChanged(_, let differences, _, _): "was made by another recipe (" + differences.joined(separator: "; ") + ")"
        case .outdated(_, let problem, _): problem
        default: nil
        }
    }
}

/// The stages of a run, in their order.
public enum Stages {
    /// Runs every stage that is not yet complete, see ``StageName/all(of:)``, if the requirements of all of them are met.
    ///
    /// ``ResumePolicy/required`` asks for a run that was begun; which of its stages go on and which begin is then no matter.
    ///
    /// - Throws: what the stages throw: ``StageError``, ``WorkflowInterrupted``, `StorageError`, and errors of the numerics.
    public static func run(_ context: StageContext) throws -> [StageSummary] { try run(context, redo: nil) }

    /// The same after a stage and all that follows it have been discarded, see ``discarded(by:through:_:)``; nothing is if `redo` is nil.
    public static func run(_ context: StageContext, redo: StageName?) throws -> [StageSummary] {
        let stages = StageName.all(of: context.recipe)
        try context.require(stages)
        let directory = context.directory
        if context.resume == .required, ![directory.datasetParts, directory.dataset].contains(where: directory.exists) {
            throw StageError.nothingToResume(stage: "run", directory: directory.path)
        }
        let context = try (context.resume == .required ? context.resuming(.automatic) : context).resolved()
        if let redo { try discard(redo, through: .report, context) }
        return try stages.map { try $0.run(context) }
    }
}

extension Recipe {
    /// Which part of a run a seed is for.
    enum SeededPart: Int {
        case generate = 1
        case training = 2
        case simulate = 3
        case twins = 4
        case audit = 5
        case probe = 6
        case learn = 7
        case nonConservative = 8
    }

    /// The seed of piece `index` of a part of the run: different for every piece, the same in every run.
    func seed(of part: SeededPart, _ index: Int = 0) -> UInt64 {
        RandomStream(seed: seed, purpose: .splitting).substream(part.rawValue * 100_000_000 + index).seed
    }
}
