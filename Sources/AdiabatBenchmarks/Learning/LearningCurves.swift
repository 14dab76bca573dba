import Experiments
import Foundation
import LatticeNumerics
import LearnedForces
import Reports

/// Errors of architectures against the number of sites that they were trained on.
struct LearningCurves {
    /// One architecture.
    struct Curve {
        let name: String
        let errors: [ErrorSummary]
    }

    let coupling: Double
    /// √⟨F²⟩ of the exact electronic forces.
    let rootMeanSquareForce: Double
    /// Sites of the training data, for each point of a curve.
    let sites: [Int]
    let curves: [Curve]

    /// Trains everything, the largest data last.
    init(
        _ recipe: BenchmarkRecipe, _ architectures: [Architecture], counts: [Int], study: StudyOptions, pool: WorkerPool
    ) throws {
        let folder = study.folder(of: recipe)
        let data = try TrainingData(recipe.recipe, folder: folder, threads: pool.threads)
        let quenches = try HeldOutQuenches(recipe.recipe, side: 32, count: 4, pool: pool)
        let validation = data.samples(.validation, count: Self.validationConfigurations)
        let parts = counts.sorted().map { data.samples(.training, count: $0) }
        let supercell = quenches.snapshots[0].supercell
        curves = try architectures.map { architecture in
            let errors = try parts.map { training in
                StandardError.print("\(recipe.name): training \(architecture.name) on \(training.siteCount) sites")
                let trained = try TrainedArchitecture(
                    architecture, recipe: architecture.recipe(basedOn: recipe.recipe), training: training,
                    validation: validation, budget: study.budget, folder: "\(folder)/curves/\(training.count)", pool: pool)
                StandardError.print("  \(trained.facts.summary)")
                return try quenches.errors(
                    of: trained.trained.forceField(
                        on: supercell, conditions: recipe.recipe.model, singlePrecision: true, tiling: .fixed, pool: pool))
            }
            return Curve(name: architecture.name, errors: errors)
        }
        coupling = recipe.recipe.model["coupling"] ?? 0
        rootMeanSquareForce = quenches.rootMeanSquareForce
        sites = parts.map(\.siteCount)
    }

    /// Enough to choose the best epoch by, and few enough to cost little beside an epoch.
    private static let validationConfigurations = 12

    /// A Markdown table, an architecture a row.
    var markdown: String {
        let heading = """
            ### Learning curves at g = \(String(format: "%g", coupling))

            Electronic force \(String(format: "%.2f", rootMeanSquareForce)) rms.

            | error, rms, after sites | \(sites.map(String.init).joined(separator: " | ")) |
            |---|\(String(repeating: "---|", count: sites.count))
            """
        let lines = curves.map { curve in
            let cells = [curve.name] + curve.errors.map { String(format: "%.1e", $0.rootMeanSquare) }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return ([heading] + lines).joined(separator: "\n") + "\n"
    }
}

extension AccuracyMap {
    /// A panel for every model, a series for every architecture.
    init(_ tables: [LearningCurves]) {
        self.init(
            panels: tables.map { table in
                Panel(
                    title: String(format: "g = %g", table.coupling), scale: table.rootMeanSquareForce,
                    series: table.curves.map { curve in
                        Series(
                            name: curve.name, isLearned: true,
                            points: zip(table.sites, curve.errors).map {
                                Point(cost: Double($0), error: $1.rootMeanSquare)
                            })
                    })
            }, cost: .trainingSites)
    }
}
