import ArgumentParser
import Dynamics
import ElectronicStructure
import EquivariantNetworks
import Lattices
import Storage
import Training
import Workflows

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
        do {
            try body()
        } catch let error as ValidationError {
            throw error
        } catch let error as WorkflowInterrupted {
            Terminal.printError("adiabat: \(error)")
            throw error.reason == .timeLimit ? timeIsOver : interrupted
        } catch {
            Terminal.printError("adiabat: error: \(error)")
            throw exitCode(for: error)
        }
    }

    static func exitCode(for error: any Error) -> ExitCode {
        switch error {
        case is RecipeError, is LatticeError, is ModelError, is NetworkError, is ForceEvaluationError,
            is VerificationFailed:
            badInput
        case let error as StorageError: exitCode(for: error.kind)
        case let error as StageError: exitCode(for: error)
        case let error as AuditError: error.isFailedRun ? runFailed : badInput
        case ElectronicStructureError.tooManySites, ElectronicStructureError.impossibleFilling,
            ElectronicStructureError.zeroTemperature, ElectronicStructureError.toleranceNotMet, is PoleExpansionError,
            is LocalDiagonalizationError:
            badInput
        case DynamicsError.invalid, TrainingError.empty: badInput
        default: runFailed
        }
    }

    private static func exitCode(for kind: StorageError.Kind) -> ExitCode {
        switch kind {
        case .missing, .unreadable, .malformed, .wrongType, .wrongShape: badInput
        case .outOfSpace, .unwritable: runFailed
        }
    }

    private static func exitCode(for error: StageError) -> ExitCode {
        switch error {
        case .missingInput, .recipeChanged, .nothingToResume, .mismatch, .openEnds, .notDistributable: badInput
        case .program, .directoryInUse: runFailed
        }
    }
}
