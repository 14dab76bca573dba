/// Where the quenches of an ensemble are: `coarsening/256x256/quench-01`, …, each a run directory of its own that shares the
/// model of the run above it.
enum QuenchDirectory {
    static func directory(ofQuench quench: Int, size: [Int], in run: RunDirectory) -> RunDirectory {
        let digits = quench < 10 ? "0\(quench)" : "\(quench)"
        return RunDirectory(
            "\(run.quenches)/\(size.map(String.init).joined(separator: "x"))/quench-\(digits)", modelOf: run)
    }
}
