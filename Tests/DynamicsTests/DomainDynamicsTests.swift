import Communication
import Dynamics
import ForceFields
import LatticeNumerics
import Lattices
import Testing

/// F = −Q³ + tanh of what stands one cell before and two cells after in every direction, less the highest displacement of the
/// whole lattice: it sees two cells far, and something of everything.
private struct NonlinearForce: LocalForceField {
    var receptiveField: Int { 2 }
    let alignment: Int

    func computeForces(at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField) throws {
        let supercell = displacement.supercell
        for range in box.siteRanges(in: supercell) {
            for site in range {
                let cell = supercell.cell(of: site)
                var force = -displacement[site] * displacement[site] * displacement[site] - 0.01 * extent.highest
                for direction in cell.indices {
                    var (before, after) = (cell, cell)
                    before[direction] -= 1
                    after[direction] += 2
                    let sum = displacement[supercell.site(cell: before)] + 0.5 * displacement[supercell.site(cell: after)]
                    force += sum / (1 + abs(sum))
                }
                forces[site] = force
            }
        }
    }
}

/// A force that cannot be found where the displacement is 7.
private struct FailingForce: LocalForceField {
    struct Failure: Error {}
    var receptiveField: Int { 2 }
    var alignment: Int { 1 }

    func computeForces(at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField) throws {
        for range in box.siteRanges(in: displacement.supercell) {
            for site in range where displacement[site] == 7 { throw Failure() }
        }
    }
}

@Suite struct DomainDynamicsTests {
    /// Displacement and velocity of every site after some steps, however the lattice is cut.
    private func trajectory(_ supercell: Supercell, ranks: [Int], alignment: Int, integrator: any Integrator) throws -> [[Double]]
    {
        let whole = try ThreadCommunicator.run(ranks: ranks.reduce(1, *)) { communicator -> [(Int, Double, Double)] in
            let grid = try! DomainGrid(supercell, rankCount: communicator.size, ranks: ranks, halo: 3, alignment: alignment)
            let forceField = DomainForceField(NonlinearForce(alignment: alignment), grid: grid, communicator: communicator)
            var state = try! HotStart(displacementVariance: 0.5, velocityVariance: 0.5, seed: 3).state(
                on: grid.domain(of: communicator.rank), forceField: forceField)
            let simulation = Simulation(integrator: integrator, forceField: forceField, communicator: communicator)
            _ = try! simulation.run(&state, to: 40)
            return state.domain.runs().flatMap { run in
                (0..<run.count).map { (run.whole + $0, state.displacement[run.local + $0], state.velocity[run.local + $0]) }
            }
        }.flatMap(\.self).sorted { $0.0 < $1.0 }
        #expect(whole.map(\.0) == Array(0..<supercell.siteCount))
        return [whole.map(\.1), whole.map(\.2)]
    }

    @Test(arguments: [[1, 1], [1, 2], [2, 1], [2, 2], [1, 3], [3, 2]])
    func theGridDoesNotChangeABit(ranks: [Int]) throws {
        let supercell = squareSupercell(21, 18)
        for alignment in [1, 3] {
            let integrator = try BAOAB(timeStep: 0.05, mass: 1, damping: 0.3, temperature: 0.2, seed: 5)
            let alone = try HotStart(displacementVariance: 0.5, velocityVariance: 0.5, seed: 3)
            var state = try alone.state(on: supercell, forceField: NonlinearForce(alignment: 1))
            _ = try Simulation(integrator: integrator, forceField: NonlinearForce(alignment: 1)).run(&state, to: 40)
            let shared = try trajectory(supercell, ranks: ranks, alignment: alignment, integrator: integrator)
            #expect(shared == [state.displacement.values, state.velocity.values])
        }
    }

    @Test func ranksEvaluateTheForceOfTheStep() throws {
        let supercell = squareSupercell(8, 9)
        let integrator = try VelocityVerlet(timeStep: 0.1, mass: 1)
        let hot = try HotStart(displacementVariance: 1, velocityVariance: 1, seed: 4)
        var alone = try hot.state(on: supercell, forceField: SteppedForce())
        _ = try Simulation(integrator: integrator, forceField: SteppedForce()).run(&alone, to: 12)
        let forces = try ThreadCommunicator.run(ranks: 3) { communicator -> [(Int, Double)] in
            let grid = try! DomainGrid(supercell, rankCount: 3, ranks: [1, 3], halo: 1, alignment: 1)
            let forceField = DomainForceField(SteppedForce(), grid: grid, communicator: communicator)
            var state = try! hot.state(on: grid.domain(of: communicator.rank), forceField: forceField)
            _ = try! Simulation(integrator: integrator, forceField: forceField, communicator: communicator).run(&state, to: 12)
            return state.domain.runs().flatMap { run in (0..<run.count).map { (run.whole + $0, state.force[run.local + $0]) } }
        }.flatMap(\.self).sorted { $0.0 < $1.0 }
        #expect(forces.map(\.1) == alone.force.values)
    }

    @Test func allRanksNameTheSameDivergence() throws {
        let supercell = squareSupercell(16, 16)
        func divergence(ranks: [Int]) -> [String] {
            try! ThreadCommunicator.run(ranks: ranks.reduce(1, *)) { communicator in
                let grid = try! DomainGrid(supercell, rankCount: communicator.size, ranks: ranks, halo: 2, alignment: 1)
                let forceField = DomainForceField(NonlinearForce(alignment: 1), grid: grid, communicator: communicator)
                var state = try! HotStart(displacementVariance: 9, velocityVariance: 4, seed: 8).state(
                    on: grid.domain(of: communicator.rank), forceField: forceField)
                let simulation = Simulation(
                    integrator: try! VelocityVerlet(timeStep: 0.3, mass: 1), forceField: forceField,
                    bounds: PhaseSpaceBounds(displacement: 50), communicator: communicator)
                do {
                    _ = try simulation.run(&state, to: 500)
                    return "no divergence"
                } catch { return "\(error); the state before is that of step \(state.step)" }
            }
        }
        let alone = divergence(ranks: [1, 1])[0]
        #expect(alone.contains("displacement is"))
        for ranks in [[1, 2], [2, 2]] { #expect(Set(divergence(ranks: ranks)) == [alone]) }
    }

    /// In the inner part of a domain, which is done before the halo is there, and on its edge.
    @Test(arguments: [[3, 3], [7, 3], [8, 8], [15, 0]])
    func aForceThatFailsOnOneRankFailsOnAll(cell: [Int]) throws {
        let supercell = squareSupercell(16, 16)
        let failures = try ThreadCommunicator.run(ranks: 4) { communicator -> String in
            let grid = try! DomainGrid(supercell, rankCount: 4, ranks: [2, 2], halo: 2, alignment: 1)
            let forceField = DomainForceField(FailingForce(), grid: grid, communicator: communicator)
            let domain = grid.domain(of: communicator.rank)
            var whole = SiteField(supercell)
            whole[supercell.site(cell: cell)] = 7
            var displacement = SiteField(domain.local)
            for run in domain.runs() { for k in 0..<run.count { displacement[run.local + k] = whole[run.whole + k] } }
            var forces = SiteField(domain.local)
            do { try forceField.computeForces(at: displacement, into: &forces) } catch { return "\(type(of: error))" }
            return "no failure"
        }
        #expect(failures.sorted() == ["Failure", "OtherRankFailed", "OtherRankFailed", "OtherRankFailed"])
    }

    @Test func aStopAskedOfOneRankStopsAll() throws {
        let supercell = squareSupercell(12, 12)
        let steps = try ThreadCommunicator.run(ranks: 3) { communicator in
            let grid = try! DomainGrid(supercell, rankCount: 3, ranks: [1, 3], halo: 2, alignment: 1)
            let forceField = DomainForceField(NonlinearForce(alignment: 1), grid: grid, communicator: communicator)
            var state = try! HotStart(displacementVariance: 0.1, velocityVariance: 0.1, seed: 8).state(
                on: grid.domain(of: communicator.rank), forceField: forceField)
            let simulation = Simulation(
                integrator: try! VelocityVerlet(timeStep: 0.01, mass: 1), forceField: forceField, communicator: communicator)
            var looks = 0
            let outcome = try! simulation.run(&state, to: 100) {
                looks += 1
                return communicator.rank == 1 && looks == 8
            }
            return (outcome, state.step)
        }
        #expect(steps.allSatisfy { $0.0 == .stopped && $0.1 == 7 })
    }
}
