import Electrons
import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Pipeline
import Reports
import Runs
import Testing

/// Springs and a rotation between the two sites of every pair: F_a = −k Q_a + s Q_b, F_b = −k Q_b − s Q_a, whose Jacobian is −k + A
/// with A antisymmetric.
private struct RotatingForce: ForceField {
    var stiffness = 1.0
    var rotation: Double

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        forces.values = product(displacement.values)
    }

    func product(_ field: [Double]) -> [Double] {
        field.indices.map { site in
            -stiffness * field[site] + (site % 2 == 0 ? rotation : -rotation) * field[site ^ 1]
        }
    }
}

@Suite struct NonConservativeTests {
    private let supercell = try! Supercell(AuditSamples.square(), size: [16, 16])

    private func random(_ seed: UInt64, scale: Double = 1) -> SiteField {
        SiteField(
            supercell,
            values: RandomStream(seed: seed, purpose: .testing).normals(count: supercell.siteCount, step: 0).map { scale * $0 })
    }

    @Test func theJacobianOfARotationIsKnown() throws {
        for rotation in [0.3, 1.5] {
            let part = try RotatingForce(stiffness: 0.8, rotation: rotation).jacobianAsymmetry(at: random(1), vectors: 40)
            #expect(abs(part.antisymmetric / (2 * rotation) - 1) < 0.1)
            #expect(abs(part.symmetric / (2 * 0.8) - 1) < 0.1)
            #expect(abs(part.ratio - rotation / 0.8) < 4 * part.ratioError)
            #expect(part.ratioError < 0.1 * part.ratio)
            #expect(abs(part.meanDiagonal + 0.8) < 1e-7, "signs of random vectors square to one")
        }
        let springs = ElasticForceField(supercell, stiffness: 1, neighborStiffness: 0.18)
        let part = try springs.jacobianAsymmetry(at: random(1))
        #expect(part.ratio < 1e-10)
        #expect(part.symmetric > 1.5)
    }

    @Test func theWorkAroundALoopIsCurlTimesArea() throws {
        let rotating = RotatingForce(rotation: 0.3)
        var works: [Double] = []
        for index in 0..<200 {
            let loop = ClosedLoop(around: random(2), radius: 0.4, seed: 3, index: index)
            let work = try loop.work(of: rotating, tolerance: 1e-9, maximumPoints: 64)
            #expect(abs(work.value - Double.pi * 0.16 * loop.curl(rotating.product)) < 1e-9)
            #expect(work.quadratureError < 1e-9 && work.points == 16)
            works.append(work.value)
        }
        // ⟨(bᵀ(A − Aᵀ)a)²⟩ = ‖A − Aᵀ‖² = N (2s)².
        let rootMeanSquare = (works.reduce(0) { $0 + $1 * $1 } / 200).squareRoot()
        #expect(abs(rootMeanSquare / (Double.pi * 0.16 * 0.6 * 16) - 1) < 0.15)
    }

    @Test func conservativeForcesWorkNothing() throws {
        let model = try AuditSamples.model()
        let exact = ElectronicForceField(model, ExactDiagonalization())
        let cell = try Supercell(AuditSamples.square(), size: [6, 6])
        let displacement = SiteField(
            cell, values: RandomStream(seed: 4, purpose: .testing).normals(count: 36, step: 0))
        for index in 0..<3 {
            let loop = ClosedLoop(around: displacement, radius: 0.15, seed: 5, index: index)
            let (coarse, fine) = try (
                loop.work(of: exact, tolerance: 0, maximumPoints: 64), loop.work(of: exact, tolerance: 1e-10, maximumPoints: 256)
            )
            // The quadrature converges, and its stated error covers what it is off by.
            #expect(abs(fine.value) < 1e-10)
            #expect(fine.quadratureError <= 1e-10)
            #expect(abs(coarse.value) <= coarse.quadratureError + 1e-10)
            let radial = try exact.forces(at: displacement).values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(0.15 * radial > 0.5, "the scale of what cancels")
        }
    }

    /// dE/dt = s Σ (Q_b v_a − Q_a v_b) does not vanish when pairs turn one way.
    @Test func energyDriftsUnderARotationOnly() throws {
        let springs = ElasticForceField(supercell, stiffness: 1, neighborStiffness: 0)
        let drift = EnergyDrift(potential: springs, timeStep: 0.05, mass: 1)
        let displacement = random(6)
        var velocity = displacement
        for site in velocity.values.indices {
            velocity.values[site] = (site % 2 == 0 ? 1 : -1) * displacement.values[site ^ 1]
        }
        let rotation = 1e-3
        let turning = try drift.run(
            RotatingForce(rotation: rotation), displacement: displacement, velocity: velocity, steps: 400, samples: 40)
        // Circular motion with |Q_a|² + |Q_b|² = |v|²: the energy of a site is its Q², and grows by 2 s E per unit of time.
        let energy = turning.energies[0]
        #expect(turning.times.count == 41)
        #expect(abs(energy - displacement.meanSquare) < 1e-10)
        let expected = energy * expm1(rotation * 20) / 20
        #expect(abs(turning.drift / expected - 1) < 0.02)
        let still = try drift.run(nil, displacement: displacement, velocity: velocity, steps: 400, samples: 40)
        #expect(abs(still.drift) < 0.02 * expected)
        #expect(still.energies[0] == energy)
    }

    /// Energies of neighbouring times are alike. The error of the slope covers the truth all the same: of 200 series with a memory of
    /// five samples more than eight in ten lie within two errors.
    @Test func theErrorOfADriftKnowsOfMemory() {
        let times = (0..<100).map(Double.init)
        var covered = 0
        for trial in 1...200 {
            let kicks = RandomStream(seed: UInt64(trial), purpose: .testing).normals(count: times.count, step: 0)
            var energy = 0.0
            let energies = zip(times, kicks).map { time, kick -> Double in
                energy = 0.8 * energy + kick
                return 0.01 * time + energy
            }
            let (slope, error) = EnergyDrift.slope(times, energies)
            if abs(slope - 0.01) < 2 * error { covered += 1 }
        }
        #expect((150...199).contains(covered), "\(covered)")
        #expect(EnergyDrift.slope([0, 1, 2], [0, 2, 4]).slope == 2 && EnergyDrift.slope([0, 1, 2], [0, 2, 4]).error.isNaN)
        #expect(EnergyDrift.slope([1], [1]).slope.isNaN)
    }

    /// Electrons in the adiabatic limit, without a bath: the energy fluctuates by an amount of order Δt² and does not drift.
    @Test func exactForcesKeepTheEnergyToSecondOrder() throws {
        let model = try AuditSamples.model()
        let cell = try Supercell(AuditSamples.square(), size: [6, 6])
        let force = AdiabaticSumForceField(ElectronicForceField(model, ExactDiagonalization()), model.classicalPart(on: cell))
        let displacement = try AuditSamples.displacement([6, 6], noise: 0.2)
        let normals = RandomStream(seed: 11, purpose: .testing).normals(count: 36, step: 0)
        func run(timeStep: Double) throws -> (fluctuation: Double, drift: Double) {
            let run = try EnergyDrift(potential: force, timeStep: timeStep, mass: 5).run(
                nil, displacement: displacement, velocity: SiteField(cell, values: normals.map { 0.2 * $0 }),
                steps: Int(20 / timeStep), samples: Int(20 / timeStep))
            let mean = run.energies.reduce(0, +) / Double(run.energies.count)
            let square = run.energies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(run.energies.count)
            return (square.squareRoot(), run.drift)
        }
        let (coarse, fine) = try (run(timeStep: 0.1), run(timeStep: 0.05))
        #expect(fine.fluctuation > 1e-7)
        #expect((3.4...4.6).contains(coarse.fluctuation / fine.fluctuation))
        #expect(abs(fine.drift) * 20 < fine.fluctuation)
    }

    /// m⟨v²⟩ = k_BT/(1 − s²/(mkγ²)) for the rotation, k_BT without.
    @Test func kineticTemperatureRisesAsFrictionMustTakeTheWork() throws {
        let thermal = KineticTemperature(timeStep: 0.02, mass: 1, damping: 1, temperature: 0.5, seed: 8)
        let springs = RotatingForce(rotation: 0)
        for rotation in [0.0, 0.5] {
            let result = try thermal.run(
                RotatingForce(rotation: rotation), exact: springs, displacement: random(9, scale: 0.5.squareRoot()),
                velocity: random(10, scale: 0.5.squareRoot()), curvature: 1, steps: 20_000, samples: 2000)
            let expected = 0.5 / (1 - rotation * rotation) - 0.5
            #expect(abs(result.shift - expected) < 4 * result.measuredError)
            #expect(result.measuredError < 0.01)
            #expect(abs(result.expected - 0.5) < 1e-4)
            guard rotation > 0 else {
                #expect(result.injected == 0)
                continue
            }
            // Friction acts on the velocity of the middle of a step; the difference is of order γΔt.
            #expect(abs(result.injected - expected) < 4 * result.injectedError + 0.02 * expected)
            #expect(result.injectedError < 0.05 * expected)
        }
    }

    @Test func compareMeasuresEveryPart() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe(["[network]": "solver = \"exact-diagonalization\"\n[network]"])
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context(recipe)) }
        let summary = try Stages.compare(run.context(recipe))
        #expect(summary.facts.contains { $0.name.hasPrefix("Jacobian") })
        let comparison = try JSONFile.read(Comparison.self, from: run.directory.comparison)
        let part = try #require(comparison.nonConservative)
        #expect(part.size == [6, 6])
        #expect(part.jacobian.learned > 0 && part.jacobian.learned < .infinity)
        #expect(part.jacobian.total > 0)
        let loops = try #require(part.loops)
        #expect(loops.work.count == 2)
        #expect(loops.rootMeanSquare > 0)
        let energy = try #require(part.energy)
        #expect(energy.learned.times.count == 3)
        #expect(energy.exact?.times.count == 3)
        #expect(energy.learned.energies[0] == energy.exact?.energies[0])
        #expect(part.kineticTemperature != nil)

        let none = StageRun()
        let bare = try StageRun.recipe([
            "\nloops = 2": "\nloops = 0", "\nenergy_steps = 6": "\nenergy_steps = 0", "thermal_steps = 5": "thermal_steps = 0",
        ])
        for stage in [Stages.generate, Stages.train, Stages.compare] { _ = try stage(none.context(bare)) }
        let alone = try #require(try JSONFile.read(Comparison.self, from: none.directory.comparison).nonConservative)
        #expect(alone.loops == nil && alone.energy == nil && alone.kineticTemperature == nil)
    }
}
