import ArgumentParser

struct Learn: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a force field where it needs data: round by round, with its own dynamics.",
        discussion: """
            Each round trains a committee on the data so far, runs the learned dynamics from new hot starts on a larger lattice, \
            solves the configurations exactly on which the members disagree most, adds them to the data, and goes on until the \
            error in configurations chosen evenly is below learn.accuracy.

            Needs dataset.h5 and a recipe with the table [learn], and takes the place of `train`; writes rounds/, learning.csv \
            and model.safetensors, the model of the last round.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.learn)
    }
}
