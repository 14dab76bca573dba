import Communication
import LatticeNumerics
import Lattices
import Observables
import Testing

/// Observables of lattices that are spread over ranks: bit by bit those of one process with one thread.
@Suite struct SpreadObservablesTests {
    /// A supercell with the grids of ranks it is cut into.
    struct Case: Sendable, CustomTestStringConvertible {
        let supercell: Supercell
        let grids: [[Int]]
        var testDescription: String { "\(supercell.lattice.name) \(supercell.size)" }
    }

    /// Large enough for several units of rows, columns and half rows.
    static let cases = [
        Case(supercell: supercell(square, 256, 200), grids: [[1, 2], [2, 1], [1, 3], [2, 2], [4, 1]]),
        Case(supercell: supercell(square, 201, 183), grids: [[1, 2], [3, 1], [2, 2]]),
        Case(supercell: supercell(square, 40, 34), grids: [[2, 1], [2, 2]]),
        Case(supercell: supercell(triangular, 160, 96), grids: [[1, 2], [2, 2]]),
        Case(supercell: supercell(diagonal, 128, 128), grids: [[1, 3], [2, 2]]),
        Case(supercell: supercell(chain, 12_290), grids: [[2], [3], [4]]),
        Case(supercell: supercell(cubic, 64, 66, 14), grids: [[1, 1, 2], [2, 1, 1], [1, 3, 1], [1, 2, 2]]),
    ]

    /// The part of a field that a rank has; what lies in the halo is not looked at.
    func part(_ field: SiteField, _ domain: Domain) -> SiteField {
        var part = SiteField(domain.local, kind: field.kind, repeating: .infinity)
        let count = field.componentCount
        for run in domain.runs() {
            for k in 0..<run.count * count { part.values[run.local * count + k] = field.values[run.whole * count + k] }
        }
        return part
    }

    func bits(_ numbers: [Double]) -> [UInt64] { numbers.map { $0.isNaN ? 0 : $0.bitPattern } }
    func bits(_ profile: RadialProfile) -> [UInt64] { bits(profile.radii + profile.values) + profile.counts.map(UInt64.init) }

    @Test(arguments: cases)
    func samplesHaveTheSameBits(_ item: Case) throws {
        let (displacement, velocity) = (randomField(item.supercell, seed: 1, mean: 0.3), randomField(item.supercell, seed: 2))
        let density = randomField(item.supercell, seed: 3, mean: 0.5)
        let expected = ObservableSet(item.supercell, mass: 5)
            .sample(displacement: displacement, velocity: velocity, density: density, potential: -7)
        #expect(expected["displacement_mean_square"]! > 0.5)
        for threads in [2, 4] {
            let set = ObservableSet(item.supercell, mass: 5, pool: WorkerPool(threads: threads))
            let sample = set.sample(displacement: displacement, velocity: velocity, density: density, potential: -7)
            #expect(bits(sample.values) == bits(expected.values))
        }
        for (index, ranks) in item.grids.enumerated() {
            let grid = try DomainGrid(item.supercell, rankCount: ranks.reduce(1, *), ranks: ranks, halo: 3)
            let samples = try ThreadCommunicator.run(ranks: grid.rankCount) { communicator in
                let domain = grid.domain(of: communicator.rank)
                let set = ObservableSet(
                    RowSlabs(grid, communicator: communicator), mass: 5, pool: WorkerPool(threads: 1 + index % 2))
                // The second sample finds the memory of the first as it was left.
                _ = set.sample(displacement: part(velocity, domain))
                return set.sample(
                    displacement: part(displacement, domain), velocity: part(velocity, domain),
                    density: part(density, domain), potential: -7
                ).values
            }
            for sample in samples { #expect(bits(sample) == bits(expected.values)) }
        }
    }

    @Test(arguments: cases)
    func structureAndCorrelationHaveTheSameBits(_ item: Case) throws {
        let field = randomField(item.supercell, seed: 5, mean: -0.2)
        let spectrum = try LatticeSpectrum(item.supercell)
        @Sendable func bits(_ factor: StructureFactor, _ correlation: CorrelationFunction) -> [[UInt64]] {
            [
                self.bits(factor.radialAverage()), self.bits(factor.radialAverage(width: 0.3, cutoff: 1.1)),
                self.bits([factor.domainLength() ?? .nan, factor.domainLength(cutoff: 0.4) ?? .nan]),
                self.bits([factor.orderingValue ?? .nan, correlation.halfHeightLength ?? .nan]),
                self.bits(correlation.radialAverage()), self.bits(correlation.radialAverage(cutoff: 5)),
            ]
        }
        let (factor, correlation) = try spectrum.structureFactorAndCorrelation(of: field)
        let expected = bits(factor, correlation)
        #expect(correlation.isStaggered == (spectrum.signs != nil))
        #expect(try spectrum.structureFactor(of: field).values == factor.values)
        let again = try spectrum.signs == nil ? spectrum.correlation(of: field) : spectrum.staggeredCorrelation(of: field)
        #expect(again.values == correlation.values)
        for ranks in item.grids {
            let grid = try DomainGrid(item.supercell, rankCount: ranks.reduce(1, *), ranks: ranks, halo: 2)
            let results = try ThreadCommunicator.run(ranks: grid.rankCount) { communicator in
                let spectrum = try LatticeSpectrum(RowSlabs(grid, communicator: communicator), pool: WorkerPool(threads: 2))
                let (factor, correlation) = try spectrum.structureFactorAndCorrelation(
                    of: part(field, grid.domain(of: communicator.rank)))
                return bits(factor, correlation)
            }
            for result in results { #expect(result == expected) }
        }
    }

    @Test func vectorFieldsHaveTheirMoments() throws {
        let cell = supercell(square, 60, 90)
        let normals = RandomStream(seed: 9, purpose: .testing).normals(count: 2 * cell.siteCount, step: 0)
        let field = SiteField(cell, kind: .polarVector, values: normals)
        let expected = ObservableSet(cell, kind: .polarVector, mass: 3).sample(displacement: field, velocity: field)
        #expect(abs(expected["kinetic_energy"]! / 3 - 1) < 0.05)
        #expect(abs(expected["displacement_mean_square"]! - field.meanSquare) < 1e-15)
        let grid = try DomainGrid(cell, rankCount: 3, ranks: [3, 1], halo: 1)
        let samples = try ThreadCommunicator.run(ranks: 3) { communicator in
            let own = part(field, grid.domain(of: communicator.rank))
            let set = ObservableSet(
                RowSlabs(grid, communicator: communicator, kind: .polarVector),
                scalarSlabs: RowSlabs(grid, communicator: communicator), mass: 3,
                pool: WorkerPool(threads: 1))
            return set.sample(displacement: own, velocity: own).values
        }
        for sample in samples { #expect(bits(sample) == bits(expected.values)) }
    }

    @Test func notANumberStaysWhereItBelongs() throws {
        let cell = supercell(square, 40, 36)
        let displacement = SiteField(cell, values: randomField(cell).values.enumerated().map { $0 == 777 ? .nan : $1 })
        let velocity = randomField(cell, seed: 2)
        let grid = try DomainGrid(cell, rankCount: 2, halo: 2)
        let samples = try ThreadCommunicator.run(ranks: 2) { communicator in
            let domain = grid.domain(of: communicator.rank)
            return ObservableSet(RowSlabs(grid, communicator: communicator), mass: 5, pool: WorkerPool(threads: 1))
                .sample(displacement: part(displacement, domain), velocity: part(velocity, domain), potential: 36)
        }
        for sample in samples {
            for name in ["order_parameter", "structure_factor", "domain_length", "correlation_length", "mean_displacement"] {
                #expect(sample[name]!.isNaN)
            }
            #expect(sample["potential_energy"] == 0.025)
            #expect(sample["kinetic_temperature"]!.isFinite)
        }
    }
}
