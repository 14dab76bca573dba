import Foundation
import Recipes

/// What a run has found, in sentences.
struct ReportSummary {
    private let inputs: ReportInputs

    init(_ inputs: ReportInputs) {
        self.inputs = inputs
    }

    /// The R² of the learned force on the test trajectories below which a report says first of all that it is poor.
    static let sufficientDetermination = 0.9

    /// That the learned force is poor, where it is: what comes after it on the page follows from that force.
    var warning: String? {
        guard let all = inputs.comparison?.forces.stages.first, all.determination < Self.sufficientDetermination else {
            return nil
        }
        return
            "The learned force is poor: R² = \(NumberText.plain(all.determination.rounded(toDigits: 2))) on the test trajectories, "
            + "below \(NumberText.plain(Self.sufficientDetermination)). It is off by \(NumberText.text(all.rootMeanSquare)) (root mean "
            + "square), and a force of zero by \(NumberText.text(all.trivial)). Domains, temperatures and energies of runs with this "
            + "force are those of the learned force and not of the model."
    }

    /// One paragraph with the numbers that matter.
    var paragraph: String {
        ([model] + [accuracy, uncertainty, symmetry, cost, growth, coarsening, twins].compactMap { $0 }).joined(separator: " ")
    }

    private var model: String {
        let model = inputs.recipe.model
        let electrons = zip(model.parameters, model.values).filter { $0.isElectronic && $0.allowed.isOneNumber && !$1.isEmpty }
            .map {
                "the \($0.key.replacing("_", with: " ")) \($0.symbol) = \(NumberText.plain($1[0]))"
            }
        let list = electrons.dropLast().joined(separator: ", ") + " and " + electrons.last!
        return "The \(model.title) on the \(inputs.recipe.lattice.geometry.name) lattice has \(list). "
            + "Energies are in units of the hopping, times in units of τ = √(M/hopping), where a mass of 1 is M."
    }

    private var accuracy: String? {
        guard let all = inputs.comparison?.forces.stages.first, all.rootMeanSquare > 0 else { return nil }
        let ratio = all.trivial / all.rootMeanSquare
        let comparison =
            ratio >= 1.1
            ? ", \(NumberText.text(ratio)) times below the \(NumberText.text(all.trivial)) of predicting zero."
            : "; a force of zero is off by \(NumberText.text(all.trivial)) (root mean square)."
        return "On \(NumberText.count(all.sites)) sites of test trajectories that the training has not seen, the learned "
            + "electronic force is off by \(NumberText.text(all.rootMeanSquare)) (root mean square) and "
            + "\(NumberText.text(all.meanAbsolute)) (mean absolute)\(comparison)"
    }

    private var uncertainty: String? {
        guard let reliability = inputs.comparison?.reliability, reliability.predicted.isFinite else { return nil }
        func percent(_ share: Double) -> String { NumberText.plain((100 * share).rounded(toDigits: 2)) }
        return
            "Its own estimate (\(reliability.estimate.words(members: reliability.members))) is \(NumberText.text(reliability.predicted)) (root mean square). The 1 % of the sites "
            + "with the largest estimate hold \(percent(reliability.worstShare)) % of the squared error; the 1 % with the largest errors "
            + "hold \(percent(reliability.largestShare)) %."
    }

    private var symmetry: String? {
        guard let rows = inputs.comparison?.symmetryBreaking, !rows.isEmpty else { return nil }
        let worst = rows.map { (generator: $0.generator, part: $0.quench ?? $0.hot) }.max { $0.part < $1.part }!
        return
            "The asymmetry of the learned force is largest under the \(worst.generator), \(NumberText.text(worst.part)) of the norm of "
            + "the force."
    }

    private var cost: String? {
        let costs = inputs.costs
        guard let learned = costs.last(where: { $0.name == "model" }) else { return nil }
        let price = "A learned force on \(inputs.extent(learned.size)) takes \(NumberText.duration(learned.seconds))"
        guard let gain = CostTable.speedUp(costs) else { return price + "." }
        let comparison =
            gain.factor >= 1
            ? "\(NumberText.plain(gain.factor.rounded(toDigits: 2))) times faster than \(gain.solver)"
            : "\(NumberText.plain((1 / gain.factor).rounded(toDigits: 2))) times slower than \(gain.solver)"
        return price + "; on \(inputs.extent(gain.size)) it is \(comparison)."
    }

    private var growth: String? {
        guard let analysis = inputs.analysis, let last = analysis.times.last else { return nil }
        var text = "The run on \(inputs.extent(analysis.size)) goes to t = \(NumberText.plain(last))"
        if let length = analysis.values("domain_length")?.last, length.isFinite {
            text +=
                ", when its domains measure L = \(NumberText.plain(length.rounded(toDigits: 3))) lattice constants (first moment "
                + "of S(q))"
        }
        return text + "."
    }

    private var coarsening: String? {
        guard let ensemble = inputs.coarsening?.ensembles.first, let growth = ensemble.growth(.correlationLength),
            let fit = growth.fit, fit.window.count == 2
        else { return nil }
        var text =
            "In \(ensemble.quenches) independent quenches of \(sizeText(ensemble.size)) sites the domains (half height of C) grow "
            + "with the effective exponent \(NumberText.uncertain(fit.value, fit.error)) between t = "
            + "\(NumberText.plain(fit.window[0])) and \(NumberText.plain(fit.window[1]))"
        if let deviation = inputs.coarsening?.deviation(of: fit, quenches: ensemble.quenches) {
            text +=
                ", \(NumberText.plain(abs(deviation).rounded(toDigits: 2))) standard errors "
                + "\(deviation < 0 ? "below" : "above") the ½ of Allen and Cahn"
        }
        return text + "."
    }

    private var twins: String? {
        guard let twin = inputs.comparison?.twins.first, let time = twin.times.last, let difference = twin.divergence.last,
            let amplitude = twin.amplitude.last, difference.isFinite, amplitude > 0
        else { return nil }
        let noise = inputs.recipe.dynamics.hasBath ? " with the same noise" : ""
        let count = inputs.comparison?.twins.count ?? 1
        return "From the same start\(noise), the displacements under the learned force and under "
            + "\(inputs.recipe.compare.solver.words) differ by \(NumberText.text(difference)) (root mean square) at t = "
            + "\(NumberText.plain(time))\(count > 1 ? " in the first of \(count) pairs" : ""); the displacement itself is "
            + "\(NumberText.text(amplitude))."
    }
}

extension Double {
    /// Rounded to so many significant digits.
    func rounded(toDigits digits: Int) -> Double {
        guard isFinite, self != 0 else { return self }
        return Double(String(format: "%.\(digits - 1)e", self)) ?? self
    }
}
