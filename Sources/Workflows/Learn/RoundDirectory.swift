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
