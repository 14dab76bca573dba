import ArgumentParser
import Electrons
import Foundation

/// `poles`: the expansion that solvers and models use, for comparisons with other programs.
struct PolesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poles", abstract: "Print the poles and weights of the occupations as JSON.",
        discussion: "tanh(x/2)/2 = Σ w x/(x² + a²) for |x| up to the bound, with poles a and weights w; x = (ε − μ)/k_BT.")

    @Option(help: "The largest error of an occupation.")
    var tolerance: Double

    @Option(help: "The largest |x|.")
    var bound: Double

    private struct Expansion: Encodable {
        let poles: [Double]
        let weights: [Double]
    }

    func run() throws {
        let expansion = try PoleExpansion.meeting(tolerance: tolerance, bound: bound)
        let data = try JSONEncoder().encode(Expansion(poles: expansion.poles, weights: expansion.weights))
        print(String(decoding: data, as: UTF8.self))
    }
}
