import Dynamics
import Electrons
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Observables
import Recipes
import Runs
import Synchronization

/// Pairs of a learned and an exact run that differ in nothing but the electronic force.
struct TwinDynamics {
    let recipe: Recipe
    let model: TrainedModel
    let context: StageContext
    /// Pieces of progress made before the twins begin.
    let finished: Int

    /// What one run leaves: Q at every sample, and velocities for the temperature.
    private struct Record {
        var displacements: [SiteField] = []
        var temperatures: [Double] = []
    }

    func run() throws -> [Comparison.Twin] {
        let count = recipe.compare.twinTrajectories
        let share = ThreadShare(pieces: count, solver: recipe.compare.solver, pool: context.pool)
        let records = Mutex([Int: Record]())
        let steps = Atomic<Int>(0)
        // Even pieces are exact, odd ones learned; the long exact ones begin first.
        let order = (0..<count).map { 2 * $0 } + (0..<count).map { 2 * $0 + 1 }
        try share.pieces.tryForEach(count: 2 * count) { piece, _ in
            let run = order[piece]
            let record = try record(twin: run / 2, exact: run % 2 == 0, pool: share.solution) {
                let done = steps.wrappingAdd(1, ordering: .relaxed).newValue
                context.progress.update(done: finished + done, detail: "twins")
            }
            records.withLock { $0[run] = record }
        }
        let all = records.withLock { $0 }
        return try (0..<count).map { try twin(exact: all[2 * $0]!, learned: all[2 * $0 + 1]!) }
    }

    private func record(twin: Int, exact: Bool, pool: WorkerPool, step: @escaping () -> Void) throws -> Record {
        let supercell = recipe.supercell(recipe.compare.twinSize)
        let forceField: AdiabaticForceField
        if exact {
            forceField = AdiabaticForceField(recipe.solver(recipe.compare.solver, pool: pool), on: supercell)
        } else {
            let learned = try model.forceField(
                on: supercell, conditions: recipe.model, singlePrecision: recipe.simulate.precision == .float32,
                tiling: recipe.simulate.tiling, pool: pool)
            forceField = AdiabaticForceField(learned: learned, model: recipe.model, on: supercell)
        }
        let seed = recipe.seed(of: .twins, twin)
        let integrator = try recipe.dynamics.integrator.make(
            timeStep: recipe.compare.twinTimeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
            temperature: recipe.model.temperature, seed: seed)
        var state = try HotStart(
            displacementVariance: recipe.dynamics.initialDisplacementVariance,
            velocityVariance: recipe.dynamics.initialVelocityVariance, seed: seed
        ).state(on: supercell, kind: recipe.model.variable.kind, forceField: forceField.total)
        var record = Record()
        let mass = recipe.dynamics.mass
        func sample(_ state: PhaseSpaceState) {
            record.displacements.append(state.displacement)
            record.temperatures.append(
                recipe.dynamics.integrator == .overdamped ? .nan : KineticEnergy.temperature(velocity: state.velocity, mass: mass)
            )
        }
        sample(state)
        let bounds = PhaseSpaceBounds(displacement: recipe.simulate.maximumDisplacement)
        let sampler = try Simulation.Observer(every: recipe.compare.twinSampleInterval) { sample($0) }
        let outcome = try Simulation(integrator: integrator, forceField: forceField.total, bounds: bounds)
            .run(
                &state, to: recipe.compare.twinSteps, observers: [sampler], shouldStop: { context.interruption.isRequested },
                progress: { _ in step() })
        if outcome == .stopped { throw WorkflowInterrupted() }
        return record
    }

    private func twin(exact: Record, learned: Record) throws -> Comparison.Twin {
        let supercell = recipe.supercell(recipe.compare.twinSize)
        let spectrum = try LatticeSpectrum(supercell, kind: recipe.model.variable.kind)
        let interval = Double(recipe.compare.twinSampleInterval) * recipe.compare.twinTimeStep
        func rootMeanSquare(_ values: [Double]) -> Double {
            (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
        }
        let last = try spectrum.structure(of: exact.displacements.last!)
        return Comparison.Twin(
            size: supercell.size, times: exact.displacements.indices.map { Double($0) * interval },
            divergence: zip(exact.displacements, learned.displacements).map { a, b in
                rootMeanSquare(zip(a.values, b.values).map { $0 - $1 })
            },
            amplitude: exact.displacements.map { rootMeanSquare($0.values) }, radii: last.radii, waveNumbers: last.waveNumbers,
            exact: try run(exact, spectrum), learned: try run(learned, spectrum))
    }

    private func run(_ record: Record, _ spectrum: LatticeSpectrum) throws -> Comparison.Twin.Run {
        let structures = try record.displacements.map { try spectrum.structure(of: $0) }
        let range = DomainLengthRange(spectrum.supercell)
        return Comparison.Twin.Run(
            orderParameter: record.displacements.map { $0.staggeredOrderParameter ?? .nan },
            domainLength: try record.displacements.map { displacement in
                guard spectrum.signs != nil else { return .nan }
                return range.domainLength(
                    try spectrum.structureFactor(of: displacement).domainLength() ?? .nan,
                    halfHeight: try spectrum.staggeredCorrelation(of: displacement).halfHeightLength ?? .nan)
            },
            kineticTemperature: record.temperatures, correlations: structures.map(\.correlation),
            structureFactors: structures.map(\.structureFactor), displacement: record.displacements.last!.values)
    }
}

extension LatticeSpectrum {
    /// Radial profiles of one configuration: staggered C(r)/C(0) (plain if there are no sublattices) and S(|q − Q₀|).
    package func structure(
        of displacement: SiteField
    ) throws -> (radii: [Double], correlation: [Double], waveNumbers: [Double], structureFactor: [Double]) {
        let correlation = try (signs == nil ? self.correlation(of: displacement) : staggeredCorrelation(of: displacement))
            .radialAverage()
        let spectrum = try structureFactor(of: displacement).radialAverage()
        let origin = correlation.values.first.flatMap { $0 > 0 ? $0 : nil } ?? .nan
        return (correlation.radii, correlation.values.map { $0 / origin }, spectrum.radii, spectrum.values)
    }
}
