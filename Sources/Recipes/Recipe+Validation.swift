import ForceFields
import Foundation
import Lattices
import LearnedForces
import Models
import Observables

extension Recipe {
    /// Checks that keys with allowed values agree with one another, whichever stages are run. Further needs of a stage are its
    /// requirements (``StageRequirement``).
    ///
    /// - Throws: ``RecipeError`` naming both keys.
    func validate(_ document: TOMLDocument) throws {
        func require(_ condition: Bool, _ section: Section, _ key: String, _ problem: @autoclosure () -> String) throws {
            guard condition else { throw document.error(table: section.rawValue, key: key, problem()) }
        }
        func requireSize(_ size: [Int], _ section: Section, _ key: String) throws {
            do {
                _ = try Supercell(lattice.geometry, size: size, periodic: lattice.periodic)
            } catch let error as LatticeError {
                throw document.error(table: section.rawValue, key: key, error.problem)
            }
        }
        try requireSize(lattice.size, .lattice, "size")
        try requireSize(simulate.size, .simulate, "size")
        try requireSize(compare.twinSize, .compare, "twin_size")
        if simulate.auditInterval > 0 {
            try require(
                simulate.auditInterval <= simulate.steps, .simulate, "audit_interval",
                "\(simulate.auditInterval) is not allowed; 0 to steps = \(simulate.steps) is")
        }

        try validateElasticity(document)
        try require(
            dynamics.integrator != .overdamped || dynamics.damping > 0, .dynamics, "damping",
            "\(dynamics.damping) is not allowed with integrator = \"overdamped\"; a number above 0 is")

        let heldOut = generate.validationTrajectories + generate.testTrajectories
        try require(
            heldOut < generate.trajectories, .generate, "trajectories",
            "\(generate.trajectories) leave none for training beside "
                + "validation_trajectories = \(generate.validationTrajectories) and "
                + "test_trajectories = \(generate.testTrajectories); at least \(heldOut + 1) are needed")
        try require(
            generate.snapshotInterval <= generate.steps, .generate, "snapshot_interval",
            "\(generate.snapshotInterval) is not allowed; 1 to steps = \(generate.steps) is")
        try validateElectrons(document)

        do {
            try network.family.validate()
        } catch let error as NetworkError {
            let key = error.key.split(separator: ".").last.map(String.init)
            throw document.error(table: Section.network.rawValue, key: key, error.problem)
        }
        try require(
            training.minimumLearningRate <= training.learningRate, .training, "minimum_learning_rate",
            "\(training.minimumLearningRate) is not allowed; 0 to learning_rate = \(training.learningRate) is")
        try require(
            (training.uncertainty == .committee) == (training.committee > 1), .training, "uncertainty",
            "\"\(training.uncertainty.rawValue)\" is not allowed with committee = \(training.committee); "
                + (training.committee > 1 ? "\"committee\" is" : "a committee of 2 or more is, or another estimate"))
        try require(
            training.uncertainty != .laplace || training.optimizer == .levenbergMarquardt, .training, "uncertainty",
            "\"laplace\" is not allowed with optimizer = \"\(training.optimizer.rawValue)\"; \"levenberg-marquardt\" tells the "
                + "curvature that it needs")
        try require(
            training.uncertainty != .tiling || network.hasBlocks, .training, "uncertainty",
            "\"tiling\" is not allowed: the force of a network without blocks does not depend on where they begin, so that σ would be "
                + "zero everywhere; a \"greens-function\" with network.core from 2 on is allowed")
        try require(
            training.uncertainty != .largerPatches || network.hasPatches, .training, "uncertainty",
            "\"larger-patches\" is not allowed: only a \"greens-function\" solves patches")
        try require(
            training.uncertainty != .group || network.lacksOperation(on: supercell), .training, "uncertainty",
            "\"group\" is not allowed: this network has every operation of the point group that maps \(lattice.size) cells onto "
                + "themselves, so that σ would be zero everywhere; a \"convolution\" with symmetry = \"none\" that is not symmetrized is "
                + "allowed")

        if training.removesParameters {
            try require(
                (0.5...0.99).contains(training.sparsity), .training, "sparsity",
                "\(training.sparsity) is not allowed; 0 and 0.5 to 0.99 are")
            try require(
                training.sparsityEpoch <= training.epochs, .training, "sparsity_epoch",
                "\(training.sparsityEpoch) is not allowed; 1 to epochs = \(training.epochs) is")
        }

        if let learn {
            try requireSize(learn.size, .learn, "size")
            try require(
                learn.disagreement != .uncertainty || training.uncertainty != .group
                    || network.lacksOperation(on: supercell(learn.size)), .learn, "size",
                "\(learn.size) is not allowed with training.uncertainty = \"group\": this network has every operation of the point "
                    + "group that maps these cells onto themselves; equal sides are")
            try require(
                learn.disagreement != .uncertainty || training.uncertainty != .none, .learn, "disagreement",
                "\"\(learn.disagreement.rawValue)\" is not allowed with training.uncertainty = \"none\"; a solver is, or another "
                    + "training.uncertainty, such as a training.committee of 2 or more")
            try require(
                learn.interval <= learn.steps, .learn, "interval",
                "\(learn.interval) is not allowed; 1 to steps = \(learn.steps) is")
            try require(
                learn.configurations + learn.audits <= learn.frames, .learn, "configurations",
                "\(learn.configurations) beside audits = \(learn.audits) are more than the \(learn.frames) configurations of a round"
            )
        }

        let fields = simulate.frameFields
        try require(
            fields.contains(.displacement) && Set(fields).count == fields.count, .simulate, "frame_fields",
            "\(fields.map(\.rawValue)) is not allowed; the displacement and any of the others, each once, are")
        try require(
            !fields.contains(.density) || tellsDensity, .simulate, "frame_fields",
            "\(fields.map(\.rawValue)) is not allowed with model.coupling = \(model["coupling"] ?? 0): the force of this network does not "
                + "determine the density; without \"density\" it is allowed, and so are a solver or a \"greens-function\"")
        let intervals = [("observable_interval", simulate.observableInterval), ("frame_interval", simulate.frameInterval)]
        for (key, interval) in intervals {
            try require(
                interval <= simulate.steps, .simulate, key, "\(interval) is not allowed; 1 to steps = \(simulate.steps) is")
        }
        try validateCoarsening(document)
        try require(
            compare.twinSampleInterval <= compare.twinSteps, .compare, "twin_sample_interval",
            "\(compare.twinSampleInterval) is not allowed; 1 to twin_steps = \(compare.twinSteps) is")
    }

    /// Whether densities are known in a simulation: they follow from the force, or the electrons are solved.
    var tellsDensity: Bool {
        simulate.forceField != .model || network.family is GreensFunctionArchitecture
            || model.forceTellsDensity(on: lattice.geometry)
    }

    /// The classical energy must bind every displacement, on the infinite lattice, because the stages have lattices of different sizes.
    private func validateElasticity(_ document: TOMLDocument) throws {
        do { try model.hamiltonian.validateStability(on: lattice.geometry) } catch let error as ModelError {
            throw document.error(table: Section.model.rawValue, key: error.key, error.problem)
        }
    }
}
