import Electrons
import Foundation
import LatticeNumerics
import Lattices
import Recipes
import Runs
import Storage
import Synchronization

/// One run of the stage.
package struct AuditStage {
    let context: StageContext
    let request: AuditRequest
    let trajectory: TrajectoryFile
    let setup: AuditSetup
    /// Frames of the trajectory, in ascending order.
    let indices: [Int]
    /// Forces that reach around the lattice of the trajectory.
    package let wrappedForces: [Surroundings]
    /// How blocks of the audited force are laid.
    package let tilingFacts: [StageSummary.Fact]
    private let audit: ForceAudit
    private let force: @Sendable (SiteField) throws -> SiteField
    /// The model that is audited if it tells its error on this lattice, and the error that it tells.
    private var model: TrainedModel?
    private var expectedError: ((SiteField) throws -> SiteField)?

    package init(_ context: StageContext, _ request: AuditRequest) throws {
        self.context = context
        self.request = request
        var solvers = [request.solver]
        if case .solver(let name) = request.force { solvers.append(name) }
        let recipe = try context.recipe.resolvingAccuracy(of: solvers, pool: context.pool)
        trajectory = try TrajectoryFile.open(request.trajectory, lattice: recipe.lattice.geometry)
        try trajectory.requireSamePhysics(as: recipe, path: request.trajectory)
        try recipe.model.onsiteEnergies?.validate(on: trajectory.supercell.size, of: request.trajectory)
        indices = try request.indices(frameCount: trajectory.frameCount)
        let supercell = trajectory.supercell
        let (name, digest, precision): (String, String, String)
        func options(_ solver: SolverName) -> String {
            recipe.solvers.entries(of: solver).map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
        }
        switch request.force {
        case .model(let path):
            guard FileManager.default.fileExists(atPath: path) else {
                let names = SolverName.allCases.map(\.rawValue).joined(separator: ", ")
                throw StorageError(.missing, path: path, problem: "is neither a model file nor one of the solvers \(names)")
            }
            let model = try ModelFile.read(path)
            try model.requireElectrons(recipe.model, path: path)
            let field = try model.forceField(
                on: supercell, conditions: recipe.model, singlePrecision: recipe.simulate.precision == .float32,
                tiling: recipe.simulate.tiling, pool: context.pool)
            force = { try field.forces(at: $0) }
            let blocks = field.tilingFacts(on: supercell.lattice)
            // Sampled blocks are averaged over, too.
            let average = blocks.isEmpty || recipe.simulate.tiling == .fixed ? "" : ", average over the offsets of blocks"
            name = path
            digest = try Digest.sha256(ofFile: path)
            precision = recipe.simulate.precision.rawValue + average
            tilingFacts = blocks
            if (try? model.requireUncertainty(on: supercell)) != nil {
                let forces = UncertainForces(
                    model, on: supercell, singlePrecision: recipe.simulate.precision == .float32, tiling: recipe.simulate.tiling,
                    pool: context.pool)
                self.model = forces.model
                expectedError = { try forces.uncertainty(at: $0, for: recipe.model) }
            }
            wrappedForces = [Surroundings(of: path, reach: model.model.receptiveField, on: supercell)].compactMap(\.self)
        case .solver(let audited):
            let list = options(audited)
            (name, digest, precision) = (audited.rawValue + (list.isEmpty ? "" : " (\(list))"), "", "")
            let solver = recipe.solver(audited, pool: context.pool)
            tilingFacts = solver.tilingFacts(on: supercell.lattice)
            force = { try solver.forces(at: $0) }
            wrappedForces = [
                Surroundings(
                    of: audited.rawValue, reach: solver.surroundings(on: supercell.lattice), on: supercell)
            ].compactMap(\.self)
        }
        audit = try ForceAudit(
            recipe.model, on: supercell, solver: request.solver, settings: recipe.solvers, sites: request.sites,
            accuracy: request.accuracy, seed: recipe.seed(of: .audit), pool: context.pool)
        setup = AuditSetup(
            supercell: supercell, audited: name, auditedDigest: digest, precision: precision,
            trajectoryDigest: try trajectory.identity(context),
            isOwnTrajectory: digest.isEmpty
                ? trajectory.forceField == request.force.name : trajectory.modelDigest == digest,
            solver: request.solver,
            options: options(request.solver), isWhole: audit.extent == .whole, sites: audit.siteCount, accuracy: request.accuracy)
    }

    package var plan: String {
        let sites = setup.isWhole ? "all \(setup.sites) sites" : "\(setup.sites) of \(setup.supercell.siteCount) sites"
        return "\(indices.count) of \(trajectory.frameCount) frames, \(sites) each, with \(setup.solver.rawValue)"
    }

    /// - Parameter draw: draws the figures, before the parts are removed.
    /// - Returns: false if every frame was audited before.
    package func run(drawing draw: (AuditReport, [AuditedFrame]) throws -> Void) throws -> Bool {
        let directory = context.directory
        var frames = try finishedFrames()
        let hasParts = directory.exists(directory.auditParts)
        if indices.allSatisfy({ frames[$0] != nil }), !hasParts,
            try Provenance(context).belongs(directory.audit, to: .audit)
        {
            return false
        }
        try context.settleUnfinished(stage: "audit", exists: hasParts) { try directory.remove(directory.auditParts) }
        try directory.create(directory.auditParts)
        try frames.merge(finishedParts()) { known, _ in known }
        if !setup.isOwnTrajectory {
            context.progress.message(
                "\(request.trajectory) was run with another force (\(trajectory.forceField)); "
                    + "\(setup.audited) is audited on its configurations")
        }

        let missing = indices.filter { frames[$0] == nil }
        context.progress.begin(stage: "audit", total: missing.count * audit.siteCount)
        for (position, index) in missing.enumerated() {
            let frame = try audited(index, after: position)
            try AuditFile.write([frame], setup: setup, recipe: context.recipe.resolvedTOML, to: part(index))
            frames[index] = frame
        }

        let all = frames.values.sorted { $0.index < $1.index }
        let report = AuditReport(setup, of: model, title: context.recipe.title, frames: all)
        try AuditFile.write(all, setup: setup, recipe: context.recipe.resolvedTOML, to: directory.auditFrames)
        try AuditTable.write(all.map(\.line), to: directory.auditFrameTable)
        try JSONFile.write(report, to: directory.audit)
        try draw(report, all)
        try directory.remove(directory.auditParts)
        context.progress.end(
            summary: "force RMSE \(TerminalNumber.text(report.overall.rootMeanSquare)) in \(all.count) frames")
        return true
    }

    /// - Parameter finished: frames that this run has done before.
    private func audited(_ index: Int, after finished: Int) throws -> AuditedFrame {
        let solved = Atomic<Int>(0)
        let displacement = try trajectory.displacement(frame: index)
        let (step, time) = (trajectory.frameSteps[index], trajectory.frameTimes[index])
        let forces = try audit.audit(
            try force(displacement), at: displacement, step: step, interruption: context.interruption
        ) { [progress = context.progress, sitesOfFrame = audit.siteCount] sites in
            let now = solved.wrappingAdd(sites, ordering: .relaxed).newValue
            progress.update(done: finished * sitesOfFrame + now, detail: "frame \(index)")
        }
        let expected = try expectedError?(displacement)
        return AuditedFrame(
            index: index, step: step, time: time, displacement: displacement, forces: forces,
            expected: expected?.values(on: forces.sites))
    }

    /// Frames of an earlier audit; none if there is none.
    ///
    /// - Throws: ``StageError/mismatch(path:problem:)`` if that was an audit of something else.
    private func finishedFrames() throws -> [Int: AuditedFrame] {
        let path = context.directory.auditFrames
        guard context.directory.exists(path) else { return [:] }
        try requireSameAudit(path, advice: "choose another --output, or discard it with --redo")
        let frames = try AuditFile.read(path, supercell: setup.supercell)
        return Dictionary(frames.map { ($0.index, $0) }) { $1 }
    }

    /// Frames that an interrupted audit has finished.
    private func finishedParts() throws -> [Int: AuditedFrame] {
        var frames: [Int: AuditedFrame] = [:]
        for index in indices where context.directory.exists(part(index)) {
            do {
                try requireSameAudit(part(index), advice: "`--no-resume` discards it")
                frames[index] = try AuditFile.read(part(index), supercell: setup.supercell).first
            } catch let error as StorageError where error.kind == .malformed {
                context.progress.warning("\(error); making it again")
            }
        }
        return frames
    }

    private func requireSameAudit(_ path: String, advice: String) throws {
        let identity = setup.identity
        let recorded = try AuditFile.identity(of: path, names: identity.map(\.name))
        let differences = zip(recorded, identity).filter { $0 != $1.value }.map { "\($1.name): \($0) → \($1.value)" }
        guard differences.isEmpty else {
            throw StageError.mismatch(
                path: path, problem: "is another audit (" + differences.joined(separator: "; ") + "); \(advice)")
        }
    }

    private func part(_ index: Int) -> String { context.directory.auditParts + "/frame-\(index).h5" }
}

extension TrajectoryFile {
    /// - Throws: ``AuditError/otherTrajectory(path:differences:)`` unless lattice and electrons are those of the recipe.
    fileprivate func requireSamePhysics(as recipe: Recipe, path: String) throws {
        func read(_ text: String) throws -> Recipe {
            do { return try Recipe(recorded: text, file: path) } catch {
                throw StageError.mismatch(path: path, problem: "holds a recipe that cannot be read: \(error)")
            }
        }
        let own = try read(self.recipe)
        var differences = own.model.electronicDifferences(from: recipe.model)
        for piece in pastPieces {
            differences += try read(piece.recipe).model.electronicDifferences(from: recipe.model).map {
                "up to step \(piece.lastStep) \($0)"
            }
        }
        if own.model.onsiteEnergies != recipe.model.onsiteEnergies, own.seed != recipe.seed {
            differences.append("energies of sites of seed = \(own.seed), the recipe's seed = \(recipe.seed)")
        }
        if own.lattice.geometry != recipe.lattice.geometry {
            differences.append("the \(own.lattice.geometry.name) lattice, the recipe's \(recipe.lattice.geometry.name)")
        }
        if supercell.periodic != recipe.lattice.periodic {
            differences.append("periodic = \(supercell.periodic), the recipe's \(recipe.lattice.periodic)")
        }
        guard differences.isEmpty else { throw AuditError.otherTrajectory(path: path, differences: differences) }
    }
}
