import ArgumentParser
import Communication
import Foundation
import Reports

/// `scaling`: what a step costs on more ranks than there are here.
struct ScalingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling",
        abstract: "Measure what a step costs on a rank, and say how it scales.",
        discussion: """
            Started by mpirun or srun on at least two ranks, and built with MPI. Times forces, the rest of a step and messages \
            between ranks, and prints the efficiency of larger machines by the model in the documentation of Experiments \
            (ManyProcesses). A network other than that between the ranks is given by --latency and --bandwidth. With --rounds \
            whole steps are timed as well, on one rank and on all.
            """)

    @Option(help: ArgumentHelp("The recipe whose network is timed.", valueName: "file"))
    var recipe = "runs/quickstart.toml"

    @Option(help: ArgumentHelp("The side of the block of each rank.", valueName: "sites"))
    var side = 512

    @Option(help: ArgumentHelp("Threads of a rank.", valueName: "count"))
    var threads = 1

    @Option(help: ArgumentHelp("Ranks of the machine that is spoken of.", valueName: "count"))
    var ranks = 1024

    @Option(help: ArgumentHelp("Latency of a message, in place of the measured one.", valueName: "microseconds"))
    var latency: Double?

    @Option(help: ArgumentHelp("Bandwidth of a rank, in place of the measured one.", valueName: "GB/s"))
    var bandwidth: Double?

    @Option(help: ArgumentHelp("How often whole steps on one rank and on all are compared.", valueName: "count"))
    var rounds = 0

    func validate() throws {
        guard (16...1 << 14).contains(side), (1...1024).contains(threads), ranks >= 1, rounds >= 0 else {
            throw ValidationError("--side from 16 to 16384, --threads from 1 to 1024 and --ranks from 1 on are allowed.")
        }
        guard [latency, bandwidth].allSatisfy({ $0.map { $0 > 0 } ?? true }) else {
            throw ValidationError("--latency and --bandwidth are above 0.")
        }
    }

    func run() throws {
        let communicator = try LaunchedRanks.join()
        guard communicator.size > 1 else {
            throw ValidationError("`scaling` measures messages between ranks: start it by mpirun -n 2.")
        }
        let model = try BenchmarkModel(BenchmarkRecipe(recipe))
        let measured = try ScalingMeasurement(communicator: communicator, model: model, side: side, threads: threads).run()
        if communicator.rank == 0 {
            let scaling = ScalingModel(
                forceSeconds: measured.forceSeconds, otherSeconds: measured.otherSeconds, frameSeconds: measured.frameSeconds,
                latency: latency.map { $0 * 1e-6 } ?? measured.latency,
                numberSeconds: bandwidth.map { 8e-9 / $0 } ?? measured.numberSeconds, halo: measured.halo)
            print(MachineFacts().text)
            print(scaling.markdown(ranks: ranks))
        }
        let efficiency = EfficiencyMeasurement(communicator: communicator, model: model, side: side, threads: threads)
        for round in 0..<rounds {
            let times = try efficiency.run()
            guard communicator.rank == 0 else { continue }
            if round == 0 { print("\n" + efficiency.header) }
            print(efficiency.text(times))
        }
        communicator.leave(exitCode: 0) {}
    }
}
