import ArgumentParser

struct Coarsen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run an ensemble of quenches and measure how their domains grow.",
        discussion: """
            Runs independent quenches on lattices of several sizes and measures L(t) with error bars, the effective exponent \
            d ln L/d ln t beside the ½ of Allen and Cahn, whether C(r/L) and S(qL) scale, and the time after which the smaller \
            lattices are too small.

            Needs a recipe with the table [coarsening], and model.safetensors unless simulate.force_field is a solver. Takes the \
            place of `simulate` and `analyze` in `adiabat run`. Writes coarsening.json, coarsening.csv and a folder for every \
            quench below coarsening/. A finished quench is not repeated.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.coarsen)
    }
}
