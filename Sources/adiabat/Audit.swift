import ArgumentParser
import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage

struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Solve frames of a trajectory again and measure the error of a force, over time and space.",
        discussion: """
            The electronic part of a learned force, or of a solver's force, is compared with that of a reference solver on \
            frames of a trajectory. Frames that are too large for the reference solver are compared at sampled sites: the \
            electrons of a patch around each site are solved, and the patch grows until the force on the site and its \
            neighbours changes by no more than the accuracy.

            Writes audit.json, audit-frames.csv (a line for each frame), audit.h5 (the forces and their errors) and figures. \
            Audits of earlier frames are kept, and more frames can be added.
            """)

    @Argument(
        help: ArgumentHelp(
            "A learned force (model.safetensors), or a solver: \(SolverName.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "model"),
        completion: .file(extensions: ["safetensors"]))
    var model: String

    @Argument(help: "A trajectory.h5, finished or not.", completion: .file(extensions: ["h5"]))
    var trajectory: String

    @Option(
        help: ArgumentHelp("The recipe of the trajectory (default: the one it records).", valueName: "recipe"),
        completion: .file(extensions: ["toml"]))
    var recipe: String?

    @Option(
        help: ArgumentHelp(
            "The reference solver: \(SolverName.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
    var solver = SolverName.auditor

    @Option(help: ArgumentHelp("Frames, counted from 0: 0,5,10-20.", valueName: "list"))
    var frames: FrameList?

    @Option(help: ArgumentHelp("Audit every count-th frame, from the first (default: 1, all frames).", valueName: "count"))
    var every: Int?

    @Option(
        help: ArgumentHelp(
            "Sites compared in each frame (default: all if the reference solver can afford it, else 256).",
            valueName: "count"))
    var sites: Int?

    @Option(
        help: ArgumentHelp(
            "The largest change of a sampled force with the radius of its patch (default: 1e-4), in units of the hopping.",
            valueName: "number"))
    var accuracy: Double?

    @Option(
        help: ArgumentHelp("Where the results go (default: the folder of the trajectory).", valueName: "folder"),
        completion: .directory)
    var output: String?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Go on with an unfinished audit (the default), or discard it."))
    var resume: Bool?

    @Flag(help: "Discard the earlier audit in the folder.")
    var redo = false

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if redo, resume == true { throw ValidationError("--redo excludes --resume: it does not go on, it begins again.") }
        if frames != nil, every != nil { throw ValidationError("--frames and --every exclude each other.") }
        if let every, every < 1 { throw ValidationError("--every \(every) is not allowed; 1 or more is") }
        if let sites, sites < 1 { throw ValidationError("--sites \(sites) is not allowed; 1 or more is") }
        if let accuracy, !(accuracy > 0 && accuracy.isFinite) {
            throw ValidationError("--accuracy \(accuracy) is not allowed; a number above 0 is")
        }
    }

    func run() throws {
        try Failure.reporting {
            let folder = URL(fileURLWithPath: trajectory).deletingLastPathComponent().relativePath
            let directory = RunDirectory(output ?? folder)
            try AtomicFile.requireSeparate(
                outputs: directory.auditOutputs.map { ("--output", $0) },
                inputs: [("the model", model), ("the trajectory", trajectory)] + (recipe.map { [("--recipe", $0)] } ?? []))
            try compute.reserveMemory()
            let recipe = try recipe.map { try Recipe(contentsOf: $0) } ?? AuditRequest.recipe(ofTrajectory: trajectory)
            let progress = Terminal.progress()
            defer { progress.leaveLine() }
            let context = StageContext(
                recipe: recipe, directory: directory, threads: compute.threadCount,
                resume: resume.map { $0 ? .required : .fresh } ?? .automatic, progress: progress,
                interruption: compute.interruption())
            if compute.dryRun {
                let plan = try Stages.auditPlan(context, request)
                return compute.json ? try Terminal.printJSON(["plan": plan]) : try Terminal.printResult("audit: \(plan)")
            }
            let summary = try Stages.audit(context, request)
            if compute.json { try Terminal.printJSON([summary]) } else { try Terminal.printResult(summary.text) }
        }
    }

    private var request: AuditRequest {
        var request = AuditRequest(AuditRequest.Force(model), trajectory: trajectory)
        if let every { request.frames = .every(every) }
        if let frames { request.frames = .listed(frames.indices) }
        request.solver = solver
        request.redo = redo
        if let sites { request.sites = sites }
        if let accuracy { request.accuracy = accuracy }
        return request
    }
}

/// Indices as a user lists them: `0,5,10-20`.
struct FrameList: ExpressibleByArgument {
    let indices: [Int]

    init?(argument: String) {
        var indices: [Int] = []
        for piece in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = piece.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last, last - first < 1_000_000
            else { return nil }
            indices += first...last
        }
        self.indices = indices
    }
}
