import ArgumentParser
import Foundation
import Reports
import Runs

/// The program.
@main
struct Adiabat: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adiabat",
        abstract: "Force fields for lattice models of electrons coupled to slow classical variables, and dynamics with them.",
        discussion: """
            A recipe says everything about a run: the lattice and the model, the exact data, the network and its training, the \
            long simulation, and the comparison with exact forces. `adiabat run RECIPE` does all stages, one after the other. \
            A stage that is complete is not repeated; a stage that was interrupted goes on where it stopped.

            Results go to stdout, progress and errors to stderr. Exit codes:
               0  success
              64  wrong usage of the command line; an output that would overwrite an input
              65  bad input: a recipe, an array or another file
              70  a run that failed: numbers out of bounds, an audit above its threshold, a full disk, a closed or full stdout, no \
            gnuplot for a report, a processor or an address space that is not enough, a folder in which another process writes
              75  interrupted by a signal after saving; repeat the command to go on
              85  stopped at the limit of --max-hours after saving; repeat the command to go on

            At SIGINT, SIGTERM, SIGHUP, SIGXCPU and SIGUSR2 the program saves and stops. A second SIGINT or SIGTERM of the same \
            kind, more than a second later, ends the program at once. At SIGUSR1 it saves and goes on.
            """,
        version: AdiabatVersion.current,
        subcommands: [
            Run.self, Generate.self, Train.self, Learn.self, Simulate.self, Coarsen.self, Compare.self, Analyze.self, Report.self,
            Forces.self, Audit.self, Inspect.self, Verify.self, Check.self,
        ])

    static func main() {
        // A closed pipe at stderr is no reason to stop; at stdout the write fails and says so.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error).isSuccess else { exit(withError: error) }
            // Help and the version are results as well.
            let text = fullMessage(for: error)
            do { if !text.isEmpty { try Terminal.printResult(text) } } catch {
                Terminal.printError("adiabat: error: \(error)")
                exit(withError: Failure.runFailed)
            }
        }
    }
}
