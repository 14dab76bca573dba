import Communication
import Testing

@Suite struct LaunchedRanksTests {
    @Test func launchersSayHowManyRanksThereAre() {
        #expect(LaunchedRanks.count(in: [:]) == 1)
        #expect(LaunchedRanks.count(in: ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1"]) == 4)
        #expect(LaunchedRanks.count(in: ["SLURM_STEP_NUM_TASKS": "3", "SLURM_NTASKS": "8"]) == 3)
        // A batch script is one process, however many tasks the job has room for.
        #expect(LaunchedRanks.count(in: ["SLURM_NTASKS": "8", "SLURM_PROCID": "0"]) == 1)
    }

    @Test func aProcessWithoutLauncherIsAlone() throws {
        #expect(try LaunchedRanks.join(environment: [:]).size == 1)
        #expect(try LaunchedRanks.join(environment: ["OMPI_COMM_WORLD_SIZE": "1"]) is SingleProcess)
    }

    #if !MPI
        @Test func aBuildWithoutMPIRefusesSeveralProcesses() {
            #expect {
                try LaunchedRanks.join(environment: ["OMPI_COMM_WORLD_SIZE": "2"])
            } throws: {
                "\($0)".contains("2 processes") && "\($0)".contains("--traits MPI")
            }
        }
    #endif
}
