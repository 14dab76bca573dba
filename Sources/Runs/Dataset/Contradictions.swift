import Electrons
import Recipes

// What files say of themselves and is not so, for tests and campaigns that change the recipe on the way. Empty as it should be.

extension Dataset {
    /// Solves every snapshot again, as the recipe says that made it, and compares bits.
    ///
    /// - Parameter file: where lattices are looked for.
    /// - Throws: ``RecipeError``, and what the solvers throw.
    package func contradictions(file: String) throws -> [String] {
        let own = try Recipe(recorded: recipe, file: file)
        let earlier = try earlierRecipes.map { try Recipe(recorded: $0, file: file) }
        var found: [String] = []
        for (index, trajectory) in trajectories.enumerated() {
            let maker = trajectory.earlierRecipe.map { earlier[$0] } ?? own
            let electrons = trajectory.electrons
            if !maker.electrons.contains(electrons) { found.append("trajectory \(index) has electrons of no recipe") }
            if trajectory.seed != maker.seed(of: .generate, index) { found.append("trajectory \(index) has another seed") }
            let solver = maker.generate.solver.solver(electrons, settings: maker.solvers)
            for snapshot in trajectory.snapshots {
                let name = "trajectory \(index), step \(snapshot.step)"
                if snapshot.time != Double(snapshot.step) * maker.generate.timeStep { found.append("\(name): another time") }
                let solution = try solver.solution(at: snapshot.displacement)
                if solution.density.values != snapshot.density.values { found.append("\(name): another density") }
                if solution.electronicForce.values != snapshot.electronicForce.values {
                    found.append("\(name): another electronic force")
                }
                if solution.force.values != snapshot.force.values { found.append("\(name): another force") }
            }
            let due = trajectory.kind == .random ? [0] : maker.generate.snapshotSteps
            if trajectory.snapshots.map(\.step) != due { found.append("trajectory \(index) has snapshots at other steps") }
        }
        return found
    }
}

extension TrajectoryFile {
    /// Follows steps and times from the recipes that made the pieces, one step after the other, and looks at all frames.
    ///
    /// - Parameter file: where lattices are looked for.
    /// - Throws: ``RecipeError``, `StorageError`
    package func contradictions(file: String) throws -> [String] {
        var (step, time, frames, samples) = (0, 0.0, [(0, 0.0)], [(0, 0.0)])
        for (text, last) in pastPieces.map({ ($0.recipe, $0.lastStep) }) + [(recipe, Int.max)] {
            let recipe = try Recipe(recorded: text, file: file)
            while step < min(last, recipe.simulate.steps) {
                step += 1
                time += recipe.dynamics.timeStep
                if step % recipe.simulate.frameInterval == 0 { frames.append((step, time)) }
                if step % recipe.simulate.observableInterval == 0 { samples.append((step, time)) }
            }
        }
        func agree(_ times: [Double], _ others: [(Int, Double)]) -> Bool {
            zip(times, others).allSatisfy { abs($0 - $1.1) <= 1e-9 * (1 + $1.1) }
        }
        var found: [String] = []
        if frameSteps != frames.map(\.0) || sampleSteps != samples.map(\.0) { found.append("records at other steps") }
        if !agree(frameTimes, frames) || !agree(sampleTimes, samples) { found.append("records at other times") }
        for index in 0..<frameCount {
            let values = try displacement(frame: index).values
            if !values.allSatisfy(\.isFinite) || values.allSatisfy({ $0 == 0 }) {
                found.append("the frame of step \(frameSteps[index]) is empty")
            }
        }
        return found
    }
}
