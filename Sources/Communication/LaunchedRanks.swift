import Foundation

/// The ranks that a launcher (`mpirun`, `srun`) has started this program as.
public enum LaunchedRanks {
    /// How many processes of this program were started together, as their launcher says in the environment; 1 without a launcher.
    ///
    /// Open MPI's `mpirun` sets OMPI_COMM_WORLD_SIZE, that of MPICH and Intel PMI_SIZE, SLURM's `srun` SLURM_STEP_NUM_TASKS.
    package static func count(in environment: [String: String]) -> Int {
        ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"]
            .compactMap { environment[$0].flatMap { Int($0) } }.first ?? 1
    }

    /// The threads that each process should use where the user does not say: its share of the cores of its machine, unless the
    /// launcher has bound it to some of them.
    public static func threads(environment: [String: String] = ProcessInfo.processInfo.environment) -> Int {
        let (all, usable) = (ProcessInfo.processInfo.processorCount, ProcessInfo.processInfo.activeProcessorCount)
        let neighbors =
            ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS_PER_NODE"]
            .compactMap { environment[$0].flatMap { Int($0) } }.first ?? 1
        return count(in: environment) > 1 && usable == all ? max(1, usable / max(1, neighbors)) : usable
    }

    /// For what one process does by itself.
    ///
    /// - Throws: ``CommunicationError`` if several were started together: each of them would do the same.
    public static func alone(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> SingleProcess {
        let count = count(in: environment)
        guard count == 1 else {
            throw CommunicationError(
                key: "ranks",
                problem: "\(count) processes were started together, and this command is done by one; start it without "
                    + "mpirun or srun")
        }
        return SingleProcess()
    }

    /// Joins the others: called once, at the beginning of the program. ``Communicator/leave(exitCode:)`` is called at its end.
    ///
    /// - Returns: a communicator over MPI if several processes were started, ``SingleProcess`` otherwise.
    /// - Throws: ``CommunicationError`` if several were started and the program was built without MPI, or MPI does not see them.
    public static func join(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> any Communicator {
        let count = count(in: environment)
        guard count > 1 else { return SingleProcess() }
        #if MPI
            let communicator = try MPICommunicator()
            guard communicator.size == count else {
                throw CommunicationError(
                    key: "ranks",
                    problem: "\(count) processes were started, and MPI sees \(communicator.size); with SLURM, start them by "
                        + "srun --mpi=pmix")
            }
            return communicator
        #else
            throw CommunicationError(
                key: "ranks",
                problem: "\(count) processes were started together, and this program was built for one; build it with MPI: "
                    + "make mpi, or swift build -c release --traits MPI")
        #endif
    }
}
