#if MPI
    import CMPI
    import Foundation

    /// Ranks that are processes started together by `mpirun` or `srun`, by way of MPI.
    ///
    /// Messages are persistent requests, made when a ``MessageSet`` is first used and kept with it. Calls may come from any thread,
    /// one at a time. There is one instance in a process; it is made by ``LaunchedRanks/join()``. `@unchecked Sendable`: nothing
    /// changes after it is made.
    final class MPICommunicator: Communicator, @unchecked Sendable {
        let rank: Int
        let size: Int
        private let ending: MPI_Comm

        /// Initialises MPI.
        ///
        /// - Throws: ``CommunicationError`` if this MPI cannot be called from more than one thread, one at a time.
        init() throws {
            guard adiabat_mpi_initialize() != 0 else {
                throw CommunicationError(
                    key: "MPI", problem: "allows calls from one thread only; a library with MPI_THREAD_SERIALIZED is needed")
            }
            rank = Int(adiabat_mpi_rank())
            size = Int(adiabat_mpi_size())
            ending = adiabat_mpi_duplicate_world()
        }

        func begin(_ messages: MessageSet) { requests(of: messages).start() }
        func finish(_ messages: MessageSet) { requests(of: messages).wait() }

        func maximum(_ values: UnsafeMutableBufferPointer<Double>) {
            adiabat_mpi_maximum(values.baseAddress, Int32(values.count))
        }

        func gather(_ bytes: [UInt8], to root: Int) -> [[UInt8]]? {
            guard rank == root else {
                var count = UInt64(bytes.count)
                adiabat_mpi_send(&count, 8, Int32(root), Self.lengthTag)
                bytes.withUnsafeBytes { bytes in
                    for piece in Self.pieces(of: bytes.count) {
                        adiabat_mpi_send(bytes.baseAddress! + piece.lowerBound, Int32(piece.count), Int32(root), Self.bytesTag)
                    }
                }
                return nil
            }
            return (0..<size).map { sender in
                if sender == root { return bytes }
                var count: UInt64 = 0
                adiabat_mpi_receive(&count, 8, Int32(sender), Self.lengthTag)
                return [UInt8](unsafeUninitializedCapacity: Int(count)) { received, initializedCount in
                    for piece in Self.pieces(of: Int(count)) {
                        adiabat_mpi_receive(
                            received.baseAddress! + piece.lowerBound, Int32(piece.count), Int32(sender), Self.bytesTag)
                    }
                    initializedCount = Int(count)
                }
            }
        }

        func broadcast(_ bytes: [UInt8], from root: Int) -> [UInt8] {
            var count = UInt64(bytes.count)
            withUnsafeMutablePointer(to: &count) { wait(for: adiabat_mpi_begin_broadcast($0, 8, Int32(root))) }
            var result = rank == root ? bytes : [UInt8](repeating: 0, count: Int(count))
            result.withUnsafeMutableBytes { result in
                for piece in Self.pieces(of: Int(count)) {
                    wait(
                        for: adiabat_mpi_begin_broadcast(
                            result.baseAddress! + piece.lowerBound, Int32(piece.count), Int32(root)))
                }
            }
            return result
        }

        func barrier() { wait(for: adiabat_mpi_begin_barrier(adiabat_mpi_world())) }

        func abort(exitCode: Int32) -> Never {
            adiabat_mpi_abort(exitCode)
            exit(exitCode)
        }

        func leave(exitCode: Int32, lastWords: () -> Void) {
            var meeting = adiabat_mpi_begin_barrier(ending)
            let patience = Date(timeIntervalSinceNow: 10)
            while adiabat_mpi_is_done(&meeting) == 0 {
                if exitCode != 0, Date() > patience {
                    lastWords()
                    abort(exitCode: exitCode)
                }
                usleep(1000)
            }
            adiabat_mpi_finalize()
        }

        /// Waits without taking a core from the rank that is waited for, which may have hours of work to do alone.
        private func wait(for request: MPI_Request?) {
            var request = request
            for _ in 0..<Self.looks { if adiabat_mpi_is_done(&request) != 0 { return } }
            while adiabat_mpi_is_done(&request) == 0 { usleep(500) }
        }

        /// Looks of a tenth of a microsecond and more before a wait takes pauses.
        private static let looks = 10_000

        private func requests(of messages: MessageSet) -> MPIRequests {
            if let requests = messages.handle { return requests as! MPIRequests }
            let requests = MPIRequests(messages)
            messages.handle = requests
            return requests
        }

        // Tags of messages that are not of a MessageSet, which has those below.
        private static let lengthTag: Int32 = 32766
        private static let bytesTag: Int32 = 32767

        /// MPI counts in Int32.
        private static func pieces(of count: Int) -> [Range<Int>] {
            stride(from: 0, to: count, by: 1 << 30).map { $0..<min($0 + 1 << 30, count) }
        }
    }

    /// The persistent requests of a message set.
    private final class MPIRequests {
        private let requests: UnsafeMutableBufferPointer<MPI_Request?>

        init(_ messages: MessageSet) {
            // Receives first: what arrives finds its place.
            let received = messages.received.map {
                adiabat_mpi_receive_request($0.values.baseAddress, Int32($0.values.count), Int32($0.rank), $0.tag)
            }
            let sent = messages.sent.map {
                adiabat_mpi_send_request($0.values.baseAddress, Int32($0.values.count), Int32($0.rank), $0.tag)
            }
            requests = .allocate(capacity: received.count + sent.count)
            _ = requests.initialize(from: received + sent)
        }

        func start() { adiabat_mpi_start(Int32(requests.count), requests.baseAddress) }
        func wait() { adiabat_mpi_wait(Int32(requests.count), requests.baseAddress) }

        deinit {
            for k in requests.indices { adiabat_mpi_free_request(requests.baseAddress! + k) }
            requests.deallocate()
        }
    }
#endif
