/// Shows the quenches of an ensemble as one piece of work: a step is worth as many pieces as its lattice has sites, in units of the
/// smallest lattice.
struct EnsembleProgress: ProgressReporter {
    let whole: any ProgressReporter
    /// Pieces before this quench began.
    let finished: Int
    /// What a step is worth.
    let weight: Double
    let name: String

    func begin(stage: String, total: Int) {}

    func update(done: Int, detail: String) {
        whole.update(done: finished + Int(Double(done) * weight), detail: detail.isEmpty ? name : "\(name): \(detail)")
    }

    func end(summary: String) {}

    func message(_ text: String) { whole.message(text) }

    func warning(_ text: String) { whole.warning("\(name): \(text)") }
}
