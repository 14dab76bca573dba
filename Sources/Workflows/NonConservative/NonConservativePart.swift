import Dynamics
import ForceFields
import Lattices

/// Measures how far the learned force of a run is from the gradient of a potential.
struct NonConservativePart {
    /// The most forces of the solver around a loop; learned ones are cheaper.
    private static let exactLoopPoints = 64
    private static let learnedLoopPoints = 1024

    let recipe: Recipe
    let model: TrainedModel
    let dataset: Dataset
    let context: StageContext
    /// Pieces of progress made before.
    let finished: Int

    /// Time steps of all runs, the pieces of progress.
    static func steps(of settings: CompareSettings) -> Int {
        settings.energySteps + settings.exactEnergySteps + settings.thermalSteps * 6 / 5
    }

    /// Forces of `generate.solver` that it takes.
    static func exactForces(_ settings: CompareSettings) -> Int {
        (settings.loops > 0 ? exactLoopPoints : 0)
            + (settings.energySteps > 0 ? settings.exactSamples + settings.exactEnergySteps : 0)
            + (settings.thermalSteps > 0 ? settings.exactSamples + 2 : 0)
    }

    /// - Returns: nil if there is no test quench, or none above zero temperature.
    func measure() throws -> Comparison.NonConservative? {
        let quenches = dataset.trajectories(.test).filter { $0.kind == .quench && $0.electrons.temperature > 0 }
        guard let coldest = quenches.min(by: { $0.electrons.temperature < $1.electrons.temperature }),
            let snapshot = coldest.snapshots.last
        else { return nil }
        let (supercell, electrons, settings) = (dataset.supercell, coldest.electrons, recipe.compare)
        let electronic = try model.forceField(
            on: supercell, conditions: electrons, singlePrecision: false, tiling: recipe.simulate.tiling, pool: context.pool)
        let learned = AdiabaticForceField(learned: electronic, model: electrons, on: supercell).total
        let exact = AdiabaticForceField(recipe.solver(recipe.generate.solver, for: electrons, pool: context.pool), on: supercell)
            .total

        let seed = recipe.seed(of: .nonConservative)
        let part = try electronic.jacobianAsymmetry(at: snapshot.displacement, seed: seed)
        try context.interruption.check()
        let whole = try learned.jacobianAsymmetry(at: snapshot.displacement, seed: seed)
        try context.interruption.check()
        let jacobian = Comparison.NonConservative.Jacobian(
            learned: part.ratio, learnedError: part.ratioError, total: whole.ratio, totalError: whole.ratioError,
            antisymmetric: whole.antisymmetric, curvature: -whole.meanDiagonal)

        let loops = try loops(learned, exact, at: snapshot.displacement, temperature: electrons.temperature, seed: seed)
        let velocity = try HotStart(
            displacementVariance: 0, velocityVariance: electrons.temperature / recipe.dynamics.mass, seed: seed
        ).velocity(on: supercell, kind: snapshot.displacement.kind)
        let bounds = PhaseSpaceBounds(displacement: recipe.simulate.maximumDisplacement)
        var done = finished
        func shouldStop() -> Bool {
            done += 1
            context.progress.update(done: done, detail: "non-conservative part")
            return context.interruption.isRequested
        }

        var energy: Comparison.NonConservative.Energy?
        if settings.energySteps > 0, let potential = exact as? any ConservativeForceField {
            let drift = EnergyDrift(
                potential: potential, timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, bounds: bounds)
            func run(_ forceField: (any ForceField)?, steps: Int) throws -> Comparison.NonConservative.Energy.Run {
                try drift.run(
                    forceField, displacement: snapshot.displacement, velocity: velocity, steps: steps,
                    samples: settings.exactSamples, shouldStop: shouldStop)
            }
            energy = .init(
                learned: try run(learned, steps: settings.energySteps),
                exact: settings.exactEnergySteps > 0 ? try run(nil, steps: settings.exactEnergySteps) : nil)
        }
        var kineticTemperature: Comparison.NonConservative.Temperature?
        if settings.thermalSteps > 0, recipe.dynamics.damping > 0 {
            kineticTemperature = try KineticTemperature(
                timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
                temperature: electrons.temperature, seed: seed, bounds: bounds
            ).run(
                learned, exact: exact, displacement: snapshot.displacement, velocity: velocity, curvature: jacobian.curvature,
                steps: settings.thermalSteps, samples: settings.exactSamples, shouldStop: shouldStop)
        }
        return .init(
            size: supercell.size, temperature: electrons.temperature, time: snapshot.time, jacobian: jacobian, loops: loops,
            energy: energy, kineticTemperature: kineticTemperature)
    }

    private func loops(
        _ learned: any ForceField, _ exact: any ForceField, at displacement: SiteField, temperature: Double, seed: UInt64
    ) throws -> Comparison.NonConservative.Loops? {
        guard recipe.compare.loops > 0 else { return nil }
        let stiffness = recipe.model.hamiltonian.harmonicPart(on: recipe.lattice.geometry)?.onsiteStiffness ?? 1
        let radius = (temperature / stiffness).squareRoot() / 2
        func loop(_ index: Int) -> ClosedLoop {
            ClosedLoop(around: displacement, radius: radius, seed: seed, index: index)
        }
        // A millionth of what would matter to one site.
        let tolerance = 1e-6 * temperature * Double(displacement.values.count).squareRoot()
        let works = try (0..<recipe.compare.loops).map { index in
            try context.interruption.check()
            return try loop(index).work(of: learned, tolerance: tolerance, maximumPoints: Self.learnedLoopPoints)
        }
        let reference = try loop(0).work(of: exact, tolerance: tolerance, maximumPoints: Self.exactLoopPoints)
        let square = works.reduce(0) { $0 + $1.value * $1.value } / Double(works.count)
        let sites = Double(displacement.supercell.siteCount)
        let rootMeanSquare = (square / sites).squareRoot()
        return .init(
            radius: radius, points: works.map(\.points).max() ?? 0, work: works.map(\.value),
            quadratureError: works.map(\.quadratureError).max() ?? .nan, exactWork: reference.value,
            exactQuadratureError: reference.quadratureError, rootMeanSquare: rootMeanSquare,
            relative: rootMeanSquare / temperature,
            exactRelative: abs(reference.value) / sites.squareRoot() / temperature)
    }
}
