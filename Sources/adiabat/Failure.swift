import ArgumentParser
import Communication
import Dynamics
import Electrons
import Experiments
import Lattices
import LearnedForces
import Models
import Recipes
import Runs
import Storage
import Training

/// The one place where errors become messages and exit codes.
enum Failure {
    /// The recipe, an array or another file is not what it must be.
    static let badInput = ExitCode(65)
    /// The input was fine, but the run was not.
    static let runFailed = ExitCode(70)
    /// Stopped by a signal after saving.
    static let interrupted = ExitCode(75)
    /// Stopped at the limit of `--max-hours` after saving: the code that batch systems use for "made a checkpoint, start me again".
    static let timeIsOver = ExitCode(85)

    /// Runs `body`; an error is printed and becomes the exit code of its kind.
    static func reporting(_ body: () throws -> Void) throws {
        try reporting(joining: { try LaunchedRanks.alone() }) { _ in try body() }
    }

    /// Runs `body` with the processes that were started together, and takes leave of them; an error is printed once, by the first
    /// of them, and becomes the exit code of its kind.
    static func reporting(
        joining join: () throws -> any Communicator, _ body: (any Communicator) throws -> Void
    ) throws {
        var communicator: any Communicator = SingleProcess()
        do {
            communicator = try join()
            try body(communicator)
        } catch let error as ValidationError {
            throw error
        } catch {
            let rank = communicator.rank
            if rank == 0 { Terminal.printError("adiabat: \(message(for: error))") }
            let code = exitCode(for: error)
            // What has failed on all ranks has been told by the first.
            communicator.leave(exitCode: code.rawValue) {
                if rank > 0 { Terminal.printError("adiabat: rank \(rank): \(message(for: error))") }
            }
            // The launcher hands on a code that is not 0; only the rank that has failed may give one.
            throw error is OtherRankFailed ? ExitCode.success : code
        }
        communicator.leave(exitCode: 0) {}
    }

    private static func message(for error: any Error) -> String {
        error is WorkflowInterrupted ? "\(error)" : "error: \(error)"
    }

    static func exitCode(for error: any Error) -> ExitCode {
        switch error {
        case is OutputConflict: .validationFailure
        case let error as WorkflowInterrupted: error.reason == .timeLimit ? timeIsOver : interrupted
        case is CommunicationError, is RecipeError, is LatticeError, is ModelError, is NetworkError, is ForceEvaluationError,
            is VerificationFailed:
            badInput
        case let error as StorageError: exitCode(for: error.kind)
        case let error as StageError: exitCode(for: error)
        case let error as AuditError: error.isFailedRun ? runFailed : badInput
        case ElectronicStructureError.tooManySites, ElectronicStructureError.impossibleFilling,
            ElectronicStructureError.zeroTemperature, ElectronicStructureError.toleranceNotMet,
            ElectronicStructureError.temperatureTooLow, ElectronicStructureError.energiesOutOfRange,
            ElectronicStructureError.fillingNotMet, is PoleExpansionError,
            is LocalDiagonalizationError:
            badInput
        case DynamicsError.invalid, TrainingError.empty: badInput
        default: runFailed
        }
    }

    private static func exitCode(for kind: StorageError.Kind) -> ExitCode {
        switch kind {
        case .missing, .unreadable, .malformed, .wrongType, .wrongShape: badInput
        case .outOfSpace, .unwritable, .notFinite: runFailed
        }
    }

    private static func exitCode(for error: StageError) -> ExitCode {
        switch error {
        case .missingInput, .recipeChanged, .outdated, .notCarriedOver, .nothingToResume, .mismatch, .openEnds, .notDistributable:
            badInput
        case .program, .directoryInUse, .memory: runFailed
        }
    }
}
