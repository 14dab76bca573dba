import AdiabatEndurance
import Foundation
import Testing

/// The program among others: pipes, signals, readers of its files, batch systems, limits and processors.
///
/// Each test is a script for bash, with the program as `$adiabat` and the supplied folders of the package as `$package`, in a folder
/// of its own with the recipe `quench.toml`.
@Suite(.serialized) final class SurroundingsTests {
    private let folder = NSTemporaryDirectory() + "adiabat-surroundings-" + UUID().uuidString
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Long enough to be disturbed, and without a network.
    private static let recipe = """
        seed = 7
        [lattice]
        file = "square"
        size = [8, 8]
        [model]
        coupling = 3.5
        [simulate]
        force_field = "local-diagonalization"
        size = [48, 48]
        steps = 2000
        observable_interval = 20
        frame_interval = 40
        checkpoint_interval = 500

        """

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.recipe.write(toFile: folder + "/quench.toml", atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(atPath: Self.package + "/lattices/square.toml", toPath: folder + "/square.toml")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private struct Answer {
        let code: Int32
        let output: String
        let errors: String
    }

    /// Functions for the scripts: `begin ARGUMENTS` starts the program behind the script as `$pid` and waits until it listens to
    /// signals, `settles FILE` waits until a file is there.
    private static let prelude = """
        settles() { for _ in $(seq 3000); do test -e "$1" && return; sleep 0.02; done; echo "no $1" >&2; exit 99; }
        begin() {
            "$adiabat" "$@" 2> errors > output & pid=$!
            for _ in $(seq 3000); do
                caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' /proc/$pid/status 2> /dev/null) || break
                (( 0x${caught:-0} & 0x4000 )) && return
                sleep 0.02
            done
            echo "the program does not listen" >&2; exit 99
        }

        """

    @discardableResult
    private func bash(_ script: String, environment: [String: String] = [:]) throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", Self.prelude + script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = Campaign.environment.merging(
            ["adiabat": Campaign.siblingProgram, "package": Self.package, "SWIFT_BACKTRACE": "enable=no"].merging(environment) {
                $1
            }
        ) { $1 }
        let files = ["stdout", "stderr"].map { folder + "/" + $0 + "-" + UUID().uuidString }
        for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files[0]))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files[1]))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return Answer(code: process.terminationStatus, output: texts[0], errors: texts[1])
    }

    // MARK: Output

    @Test(arguments: [
        "check quench.toml", "inspect quench.toml", "simulate quench.toml --dry-run --json", "--version", "help forces",
    ])
    func resultsThatCannotBeToldAreAnError(_ command: String) throws {
        for target in ["> /dev/full", ">&-"] {
            let answer = try bash("$adiabat \(command) \(target)")
            #expect(answer.code == 70 && answer.errors.contains("standard output cannot be written"), "\(target): \(answer)")
        }
        // A reader that has gone.
        let answer = try bash("$adiabat \(command) | true; echo ${PIPESTATUS[0]}")
        #expect(["0\n", "141\n"].contains(answer.output) && answer.errors.isEmpty, "\(answer)")
    }

    /// Files that the program opens must not take the numbers of standard output and errors.
    @Test func aRunWithoutStandardFilesWritesTheSameFiles() throws {
        let answer = try bash(
            """
            $adiabat simulate quench.toml --output quiet <&- >&- 2>&-; echo $?
            $adiabat simulate quench.toml --output full 2> /dev/full; echo $?
            cmp quiet/trajectory.h5 full/trajectory.h5 && echo same
            """)
        #expect(
            answer.output.hasPrefix("70\n") && answer.output.hasSuffix("same\n") && answer.output.contains("\n0\n"), "\(answer)")
    }

    @Test func outputsAreNotInputs() throws {
        let answer = try bash(
            """
            mkdir a results; ln -s ../quench.toml a/link; ln quench.toml hard; cp quench.toml results/recipe.toml
            head -c 640 /dev/zero > Q.npy
            before=$(cat quench.toml Q.npy results/recipe.toml | sha256sum)
            forces() { $adiabat forces --recipe quench.toml --solver exact-diagonalization --input Q.npy "$@"; echo $?; }
            forces --output a/link
            forces --output hard
            forces --output F.npy --density a/../quench.toml
            forces --output F.npy --density ./F.npy
            forces --output $PWD/Q.npy
            $adiabat simulate results/recipe.toml --output results; echo $?
            $adiabat audit local-diagonalization quench.toml --recipe quench.toml --output a; echo $?
            ln -s ../quench.toml a/audit.json
            $adiabat audit local-diagonalization F.npy --recipe quench.toml --output a; echo $?
            test "$before" = "$(cat quench.toml Q.npy results/recipe.toml | sha256sum)" && ls F.npy || echo unchanged
            """)
        #expect(answer.output == "64\n64\n64\n64\n64\n64\n65\n64\nunchanged\n", "\(answer)")
    }

    /// A run's own recipe, with all defaults, may be run again in its folder.
    @Test func aRecordedRecipeIsRunWhereItLies() throws {
        let answer = try bash(
            """
            $adiabat simulate quench.toml --output results --max-hours 0 2> /dev/null; echo $?
            $adiabat simulate results/recipe.toml --output results --max-hours 0 2> /dev/null; echo $?
            $adiabat simulate results/recipe.toml --output results --seed 8; echo $?
            """)
        #expect(answer.output == "85\n85\n64\n", "\(answer)")
    }

    @Test func aStageIsDoneAgain() throws {
        let answer = try bash(
            """
            sed -i 's/^steps = .*/steps = 40/' quench.toml
            simulate() { $adiabat simulate quench.toml --output run "$@" > output 2>> errors; echo $?; }
            simulate; digest=$(sha256sum < run/trajectory.h5)
            simulate; grep -c 'already complete' output
            sed -i 's/^coupling = .*/coupling = 3/' quench.toml
            simulate; grep -c 'simulate quench.toml --output run --redo` makes it' errors
            simulate --redo --dry-run; grep -c 'run/trajectory.h5 would be removed' output
            simulate --redo --resume; simulate --redo --force-resume
            $adiabat run quench.toml --output run --redo learn 2>> errors; echo $?
            test "$digest" = "$(sha256sum < run/trajectory.h5)" && echo unchanged
            simulate --redo --max-hours 0; simulate --redo; grep -c 'going on with the stage that --redo began' errors
            simulate; grep -c 'already complete' output
            $adiabat verify run > /dev/null; echo $?
            audit() { $adiabat audit local-diagonalization run/trajectory.h5 --sites 2 --frames 1 "$@" > output; echo $?; }
            audit --redo --resume; audit --redo --output new; audit --redo --output new; ls new/audit.json
            """)
        #expect(
            answer.output == "0\n0\n1\n65\n1\n0\n1\n64\n64\n64\nunchanged\n85\n0\n1\n0\n1\n0\n64\n0\n0\nnew/audit.json\n",
            "\(answer)")
    }

    // MARK: Signals

    @Test func theProcessHasTheNameOfTheProgram() throws {
        let answer = try bash("begin simulate quench.toml; cat /proc/$pid/comm; kill -KILL $pid")
        #expect(answer.output == "adiabat\n", "\(answer)")
    }

    @Test(arguments: [
        "TERM", "INT", "HUP", "XCPU", "USR2", "TERM TERM CONT", "INT INT INT", "CONT TERM INT HUP", "USR1 XCPU XCPU",
    ])
    func signalsSaveAndStop(_ signals: String) throws {
        let answer = try bash(
            """
            sed -i 's/^steps = .*/steps = 20000/' quench.toml
            begin simulate quench.toml --output run; settles run/trajectory.h5
            for signal in \(signals); do kill -$signal $pid; done
            wait $pid; echo $?; ls run
            """)
        #expect(answer.output.hasPrefix("75\n") && answer.output.contains("simulation.checkpoint"), "\(answer)")
    }

    @Test func aSecondSignalOnPurposeEndsTheProgram() throws {
        // One eigenvalue problem that takes seconds, during which nothing can stop.
        let answer = try bash(
            """
            { printf '\\x93NUMPY\\x01\\x00\\x76\\x00'
              printf "%-117s\\n" "{'descr': '<f4', 'fortran_order': False, 'shape': (64, 64), }"
              head -c 16384 /dev/urandom | tr '\\000-\\377' '\\074-\\076'; } > Q.npy
            begin forces --recipe quench.toml --solver exact-diagonalization --input Q.npy --output F.npy
            kill -TERM $pid; kill -TERM $pid; sleep 1.2; kill -INT $pid
            kill -0 $pid && echo alive
            kill -TERM $pid; wait $pid; echo $?
            """)
        #expect(answer.output == "alive\n143\n", "\(answer)")
    }

    @Test func aRunThatIsToSurviveTheTerminalDoes() throws {
        let answer = try bash(
            """
            trap '' HUP
            begin simulate quench.toml --output run; settles run/trajectory.h5
            kill -HUP $pid; wait $pid; echo $?
            """)
        #expect(answer.output == "0\n", "\(answer)")
    }

    // MARK: Batch systems, limits, processors

    @Test(arguments: [
        ("UNLIMITED", ""), ("INVALID", ""), ("NOT_SET", ""), ("", ""), ("1-00:30:00", "--max-hours 24.4000"),
        ("23:59:59", "--max-hours 23.8997"), ("05:00", "--max-hours 0.0667"), ("0:30", "--max-hours 0.0067"),
    ])
    func jobsOfAnyLength(_ left: String, _ limit: String) throws {
        let answer = try bash(
            """
            mkdir bin
            printf '#!/bin/sh\\necho "$LEFT"\\n' > bin/squeue
            printf '#!/bin/sh\\necho "$@"\\n' > bin/scontrol
            printf '#!/bin/sh\\nwhile test "$1" != program; do shift; done; echo "$@"; exit $CODE\\n' > bin/srun
            chmod +x bin/*
            for CODE in 85 70; do
                export CODE
                PATH=$PWD/bin:$PATH ADIABAT=program bash "$package/runs/slurm.sh" quench.toml; echo $?
            done
            """,
            environment: ["LEFT": left, "SLURM_JOB_ID": "11", "SLURM_CPUS_PER_TASK": "8"])
        let command = "program simulate quench.toml --threads 8" + (limit.isEmpty ? "" : " " + limit)
        #expect(answer.output == "\(command)\nrequeue 11\n0\n\(command)\n70\n", "\(answer)")
    }

    @Test func aSmallAddressSpaceIsToldAtOnce() throws {
        let answer = try bash(
            """
            (ulimit -v 400000; timeout 60 "$adiabat" --version > /dev/null; echo $?
             timeout 60 "$adiabat" check quench.toml --threads 4; echo $?)
            (ulimit -v 4000000; timeout 60 "$adiabat" check quench.toml --threads 2 > /dev/null; echo $?)
            """)
        #expect(answer.output == "0\n70\n0\n" && answer.errors.contains("ulimit -v"), "\(answer)")
    }

    private static let qemu = "/usr/bin/qemu-x86_64"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: qemu), "qemu-user is not installed"))
    func anOlderProcessorGetsAWord() throws {
        let answer = try bash(
            """
            export OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=Nehalem
            \(Self.qemu) -cpu Nehalem "$adiabat" check quench.toml
            """)
        #expect(answer.code == 70 && answer.errors.contains("adiabat: error: this program was built for"), "\(answer)")
        #expect(answer.errors.contains("lacks") && answer.errors.contains("avx2") && answer.errors.contains("make ARCH="))
    }

    @Test func otherKernelsAreTold() throws {
        let answer = try bash(
            """
            $adiabat simulate quench.toml --max-hours 0 --output run 2> /dev/null; echo $?
            $adiabat simulate quench.toml --max-hours 0 --output run; echo $?
            OPENBLAS_CORETYPE=Nehalem $adiabat simulate quench.toml --max-hours 0 --output run; echo $?
            """)
        #expect(answer.output == "85\n85\n85\n", "\(answer)")
        #expect(
            answer.errors.split(separator: "\n").filter { $0.contains("results may differ in rounding") }.count == 1, "\(answer)")
        #expect(answer.errors.contains("Nehalem kernels"))
    }

    // MARK: Readers

    /// h5py with its defaults, whose library takes locks: it opens the trajectory of a run under way, and keeps it open while the run
    /// is stopped, gone on with, merged and made longer.
    @Test(.enabled(if: TrajectoryReader.python != nil, "there is no python3 with h5py"))
    func othersMayReadAtAnyTime() throws {
        let python = try #require(TrajectoryReader.python)
        let reader = """
            import sys, h5py
            file = h5py.File("run/trajectory.h5", "r")
            values = file["particles/sites/displacement/value"]
            print(sys.argv[1], values.shape[1:], file["adiabat/progress"][0] > 0 or "nothing yet", flush=True)
            if len(sys.argv) > 2: sys.stdin.read()
            """
        try reader.write(toFile: folder + "/read.py", atomically: true, encoding: .utf8)
        let answer = try bash(
            """
            hold() {
                mkfifo "$1"; \(python) read.py "$1" hold < "$1" >> readers & exec {held}> "$1"
                for _ in $(seq 1000); do grep -q "$1" readers && return; sleep 0.02; done
            }
            touch readers
            sed -i 's/^steps = .*/steps = 8000/' quench.toml
            begin simulate quench.toml --output run; settles run/simulation.checkpoint
            hold running; kill -0 $pid; echo $?
            kill -TERM $pid; wait $pid; echo $?
            hold stopped
            HDF5_USE_FILE_LOCKING=TRUE $adiabat simulate quench.toml --output run > /dev/null 2> errors; echo $?
            hold finished
            sed -i 's/^steps = .*/steps = 8200/' quench.toml
            $adiabat simulate quench.toml --output run > /dev/null 2> errors; echo $?
            $adiabat analyze quench.toml --output run > /dev/null 2> errors; echo $?
            \(python) read.py extended >> readers
            kill $(jobs -p); cat readers
            """)
        let readers = ["running", "stopped", "finished", "extended"].map { "\($0) (2304,) True\n" }.joined()
        #expect(answer.output == "0\n75\n0\n0\n0\n" + readers, "\(answer)")
    }
}
