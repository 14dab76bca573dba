/// Sets parameters to zero for good while Adam goes on, a few at a time, until a part of them is left.
///
/// Removed are those whose removal changes the loss least, by the estimate w²⟨(∂L/∂w)²⟩ of its second-order term, with the running mean
/// of Adam (Y. LeCun, J. Denker & S. Solla, Optimal brain damage, NIPS 1989, with squared gradients for the curvature). After a part t of
/// the steps s·[1 − (1 − t)³] of the parameters are removed, s in the end (M. Zhu & S. Gupta, arXiv:1710.01878). The steps may be those
/// of several epochs, each of which begins with the state alone.
package struct ParameterRemoval {
    /// Rounds in which parameters are removed.
    private static let rounds = 100

    private let candidates: [Int]
    private let sparsity: Double
    /// Of those that are removed among the candidates.
    private var places: [Int]

    /// - Parameters:
    ///   - candidates: parameters that may be removed.
    ///   - sparsity: the part of them that will be.
    ///   - parameters: those that are zero are removed already.
    package init(_ candidates: [Int], _ sparsity: Double, from parameters: [Double]) {
        self.candidates = candidates
        self.sparsity = sparsity
        places = candidates.indices.filter { parameters[candidates[$0]] == 0 }
    }

    /// After an update, step `step` of `steps`: what is removed stays zero, and more of it is removed when a round ends.
    package mutating func advance(_ state: inout TrainingState, to step: Int, of steps: Int) {
        if step * Self.rounds / steps > (step - 1) * Self.rounds / steps {
            let rest = 1 - Double(step) / Double(steps)
            remove(Int((sparsity * (1 - rest * rest * rest) * Double(candidates.count)).rounded()), state)
        }
        for place in places { state.parameters[candidates[place]] = 0 }
    }

    /// After the last step of an epoch: their moments and averages are zero too, so that they stay zero.
    package func finish(_ state: inout TrainingState) {
        for k in places.map({ candidates[$0] }) {
            (state.average[k], state.optimizer.firstMoment[k], state.optimizer.secondMoment[k]) = (0, 0, 0)
        }
    }

    /// Chooses `count` of the candidates, those removed before among them; of equal ones the first.
    private mutating func remove(_ count: Int, _ state: TrainingState) {
        var gain = candidates.map { state.parameters[$0] * state.parameters[$0] * state.optimizer.secondMoment[$0] }
        for place in places { gain[place] = -1 }
        places = Array(candidates.indices.sorted { (gain[$0], $0) < (gain[$1], $1) }.prefix(count))
    }
}
