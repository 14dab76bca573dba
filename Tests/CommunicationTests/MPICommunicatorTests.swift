#if MPI
    import Communication
    import Foundation
    import Lattices
    import Testing

    /// What is tested with threads, between processes: started as `mpirun -n 4 adiabatPackageTests.xctest --filter MPICommunicator`.
    ///
    /// One test, because all processes have to do the same in the same order.
    @Suite(.enabled(if: LaunchedRanks.count(in: ProcessInfo.processInfo.environment) > 1))
    struct MPICommunicatorTests {
        @Test func processesExchangeWhatThreadsDo() throws {
            let communicator = try LaunchedRanks.join()
            collectives(communicator)
            for cut in Samples.cuts where cut.rankCount == communicator.size {
                try haloAndRows(cut, communicator)
            }
            try sums(communicator)
            communicator.leave(exitCode: 0) {}
        }

        private func collectives(_ communicator: any Communicator) {
            let size = communicator.size
            let own = UInt8(communicator.rank)
            var largest = [Double(own), -Double(own)]
            largest.withUnsafeMutableBufferPointer { communicator.maximum($0) }
            #expect(largest == [Double(size - 1), 0])
            let gathered = communicator.gather([UInt8](repeating: own, count: 100_000 + communicator.rank), to: size - 1)
            if communicator.rank == size - 1 {
                #expect(gathered == (0..<size).map { [UInt8](repeating: UInt8($0), count: 100_000 + $0) })
            } else {
                #expect(gathered == nil)
            }
            #expect(communicator.broadcast([own + 7, 1], from: 0) == [7, 1])
            #expect(communicator.broadcast([], from: 0) == [])
            communicator.barrier()
        }

        private func haloAndRows(_ cut: Samples.Cut, _ communicator: any Communicator) throws {
            let grid = try cut.grid()
            let domain = grid.domain(of: communicator.rank)
            let exchange = HaloExchange(grid, communicator: communicator, kind: cut.kind)
            let slabs = RowSlabs(grid, communicator: communicator, kind: cut.kind)
            for seed in 1...3 {
                let whole = Samples.field(grid.whole, kind: cut.kind, seed: UInt64(seed))
                let own = Samples.own(domain, of: whole)
                var field = own
                exchange.begin(field)
                exchange.finish(&field)
                #expect(Samples.differences(field, whole, domain) == 0, "\(cut)")
                let count = whole.componentCount
                let slab = slabs.collect(own)
                #expect(Array(slab) == Array(whole.values[slabs.sites.lowerBound * count..<slabs.sites.upperBound * count]))
                var back = SiteField(domain.local, kind: cut.kind, repeating: .nan)
                slabs.distribute(slab, into: &back)
                #expect(zip(back.values, own.values).allSatisfy { $0.bitPattern == $1.bitPattern }, "\(cut)")
            }
        }

        private func sums(_ communicator: any Communicator) throws {
            let whole = try Supercell(Samples.square, size: [40, 1000])
            let partial = Samples.field(try Supercell(Samples.chain, size: [1000])).values
            let alone = RowSums(RowPartition(whole), communicator: SingleProcess()).total(partial)
            let partition = RowPartition(whole, rankCount: communicator.size)
            let together = RowSums(partition, communicator: communicator)
                .total(Array(partial[partition.rows(of: communicator.rank)]))
            #expect(together == alone && alone != 0)
        }
    }
#endif
