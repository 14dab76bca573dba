import ArgumentParser

struct Learn: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a force field actively: round by round, with more data from its own dynamics.",
        discussion: """
            Each round trains a committee on the data so far, runs the learned dynamics from new hot starts on a larger lattice, \
            solves exactly the configurations on which the members disagree most, and adds these configurations to the data. \
            Rounds end when the error in configurations at even intervals is at most learn.accuracy.

            Needs dataset.h5 and a recipe with the table [learn]. Takes the place of `train`. Writes rounds/, learning.csv \
            and model.safetensors, the learned force of the last round.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.learn)
    }
}
