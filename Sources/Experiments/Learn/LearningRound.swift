import Runs
import Storage

/// What one round of active learning has found, as written to `round.json` and, one line per round, to `learning.csv`.
///
/// Errors are those of the electronic force, in units of the hopping per displacement, over all sites of the configurations.
public struct LearningRound: Sendable, Equatable, Codable {
    /// Counted from 1.
    public var round: Int
    /// Configurations that the committee of the round was trained on.
    public var configurations: Int
    /// Sites of these configurations.
    public var sites: Int
    /// Root mean square error on the validation trajectories of `dataset.h5`.
    public var validationError: Double
    /// Configurations of its learned dynamics that were looked at.
    public var frames: Int
    /// Trajectories that left all bounds and were stopped.
    public var stoppedTrajectories: Int
    /// Root mean square disagreement over all frames.
    public var disagreement: Double
    /// The largest disagreement on any site.
    public var largestDisagreement: Double
    /// Root mean square error in the configurations that were picked for their disagreement.
    public var pickedError: Double
    /// Root mean square error in the audit, whose configurations are spread evenly: that of the learned dynamics.
    public var auditError: Double
    /// Its standard error from the scatter between the configurations of the audit; NaN if there is but one.
    public var auditUncertainty: Double
    /// The error that 99 % of the sites of the audit stay below.
    public var auditPercentile99: Double
    /// The largest error in the audit.
    public var auditMaximum: Double
}

/// `learning.csv`: one line per round, under the names of the columns; `audit_rmse_error` is empty with one configuration.
package enum LearningTable {
    static let columns =
        "round,configurations,sites,validation_rmse,frames,stopped_trajectories,disagreement_rms,disagreement_maximum,"
        + "picked_rmse,audit_rmse,audit_rmse_error,audit_percentile_99,audit_maximum"

    static func write(_ rounds: [LearningRound], to path: String) throws {
        try NumberTable.write(rounds.map(row), columns: columns, to: path)
    }

    /// - Throws: `StorageError` `.unreadable`, or `.malformed` naming the line.
    package static func read(_ path: String) throws -> [LearningRound] {
        try NumberTable.read(path, columns: columns, record: round)
    }

    private static func row(_ round: LearningRound) -> String {
        let counts = [round.round, round.configurations, round.sites].map(String.init)
        let dynamics = ["\(round.validationError)", "\(round.frames)", "\(round.stoppedTrajectories)"]
        let errors = [
            round.disagreement, round.largestDisagreement, round.pickedError, round.auditError, round.auditUncertainty,
            round.auditPercentile99, round.auditMaximum,
        ]
        return (counts + dynamics + errors.map(NumberTable.field)).joined(separator: ",")
    }

    private static func round(_ fields: [Substring], _ numbers: [Double]) -> LearningRound? {
        let counts = [0, 1, 2, 4, 5].compactMap { Int(fields[$0]) }
        guard counts.count == 5 else { return nil }
        return LearningRound(
            round: counts[0], configurations: counts[1], sites: counts[2], validationError: numbers[3], frames: counts[3],
            stoppedTrajectories: counts[4], disagreement: numbers[6], largestDisagreement: numbers[7], pickedError: numbers[8],
            auditError: numbers[9], auditUncertainty: numbers[10], auditPercentile99: numbers[11], auditMaximum: numbers[12])
    }
}

/// The folder of one round of active learning and the names of what lies in it.
struct RoundDirectory {
    let path: String

    /// `rounds/01`, `rounds/02`, ….
    init(_ round: Int, in rounds: String) {
        path = rounds + "/" + (round < 10 ? "0" : "") + "\(round)"
    }

    /// The recipe of the round until it is over: it ends as it began.
    var recipe: String { path + "/recipe.toml" }
    /// The committee trained in this round.
    var model: String { path + "/model.safetensors" }
    /// Its learning curve.
    var trainingCurve: String { path + "/training.csv" }
    /// States of the training, until the model is there.
    var trainingCheckpoint: String { path + "/training.checkpoint" }
    var trainingParts: String { path + "/training.parts" }
    /// Configurations of the learned dynamics, until the round is over.
    var trajectories: String { path + "/trajectories" }
    /// Disagreement in each of them, and which were chosen.
    var selection: String { path + "/selection.json" }
    /// Exact solutions of single configurations, until all are there.
    var labels: String { path + "/labels" }
    /// The chosen configurations with their exact forces.
    var dataset: String { path + "/dataset.h5" }
    /// What the round has found; it is written last.
    var record: String { path + "/round.json" }
}
