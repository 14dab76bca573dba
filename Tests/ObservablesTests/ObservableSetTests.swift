import Foundation
import Lattices
import Observables
import Testing

@Suite struct ObservableSetTests {
    let cell = supercell(square, 8, 6)

    @Test func everyScalarIsWhatItSays() throws {
        let displacement = randomField(cell, seed: 1, mean: 0.2)
        let velocity = randomField(cell, seed: 2)
        let density = randomField(cell, seed: 3, mean: 0.5)
        let set = ObservableSet(cell, mass: 5)
        let sample = set.sample(displacement: displacement, velocity: velocity, density: density, potential: -12)
        let spectrum = try LatticeSpectrum(cell)
        let factor = try spectrum.structureFactor(of: displacement)
        let kinetic = 2.5 * velocity.values.reduce(0) { $0 + $1 * $1 } / 48
        let expected = [
            "order_parameter": displacement.staggeredOrderParameter!,
            "density_order_parameter": density.staggeredOrderParameter!,
            "structure_factor": factor.orderingValue!,
            "density_structure_factor": try spectrum.structureFactor(of: density).orderingValue!,
            "domain_length": factor.domainLength()!,
            "correlation_length": try spectrum.staggeredCorrelation(of: displacement).halfHeightLength!,
            "kinetic_temperature": 2 * kinetic,
            "kinetic_energy": kinetic,
            "potential_energy": -0.25,
            "total_energy": kinetic - 0.25,
            "mean_displacement": displacement.values.reduce(0, +) / 48,
            "displacement_mean_square": displacement.values.reduce(0) { $0 + $1 * $1 } / 48,
        ]
        #expect(sample.names == set.names)
        #expect(Set(sample.names).count == sample.names.count)
        #expect(Set(sample.names) == Set(expected.keys))
        for (name, value) in expected {
            #expect(abs(value) > 1e-4)
            #expect(abs(sample[name]! - value) < 1e-12)
        }
        #expect(sample["no_such_thing"] == nil)
    }

    @Test func whatIsMissingIsNotANumber() {
        let set = ObservableSet(cell, mass: 5)
        let sample = set.sample(displacement: randomField(cell))
        let missing = zip(sample.names, sample.values).filter { $0.1.isNaN }.map(\.0)
        #expect(
            missing == [
                "density_order_parameter", "density_structure_factor", "kinetic_temperature", "kinetic_energy",
                "potential_energy", "total_energy",
            ])
        let odd = supercell(square, 5, 6)
        let frustrated = ObservableSet(odd, mass: 5).sample(displacement: randomField(odd))
        // What no state of this supercell can have is left out.
        #expect(frustrated["order_parameter"] == nil)
        #expect(frustrated["structure_factor"] == nil)
        #expect(frustrated["displacement_mean_square"]!.isFinite)
    }

    @Test func otherLatticesAndComponentsHaveWhatMakesSense() {
        let vectors = SiteField(cell, kind: .polarVector, repeating: 2)
        let sample = ObservableSet(cell, kind: .polarVector, mass: 3).sample(displacement: vectors, velocity: vectors)
        #expect(sample["order_parameter"] == 0 && abs(sample["mean_displacement"]! - 8.0.squareRoot()) < 1e-14)
        #expect(sample["displacement_mean_square"] == 8)
        #expect(sample["kinetic_temperature"] == 12)
        #expect(sample["kinetic_energy"] == 12)  // (3/2)(2² + 2²)
        let honey = supercell(honeycomb, 3, 3)
        let other = ObservableSet(honey, mass: 3).sample(displacement: SiteField(honey, repeating: 2))
        #expect(other["structure_factor"] == nil && other["order_parameter"] != nil)
        #expect(other["displacement_mean_square"] == 4)
    }

    /// Six numbers need nothing of the lattice, the order parameters two sublattices, the rest a Fourier transform besides.
    @Test func onlyWhatIsDefinedIsListed() throws {
        let always: Set = [
            "kinetic_temperature", "kinetic_energy", "potential_energy", "total_energy", "mean_displacement",
            "displacement_mean_square",
        ]
        let order = always.union(["order_parameter", "density_order_parameter"])
        let all = Set(ObservableSet.standard.map(\.name))
        func names(_ supercell: Supercell) -> Set<String> { Set(ObservableSet(supercell, mass: 1).names) }
        #expect(names(cell) == all && names(supercell(chain, 8)) == all && names(supercell(cubic, 4, 4, 4)) == all)
        #expect(names(supercell(triangular, 6, 6)) == always && names(supercell(square, 5, 6)) == always)
        #expect(names(supercell(honeycomb, 3, 3)) == order)
        #expect(names(try Supercell(square, size: [5, 6], periodic: [false, true])) == order)
        #expect(ObservableSet.standard.allSatisfy { !$0.unit.isEmpty })
    }

    @Test func aSetCanBeChosen() {
        let double = ScalarObservable(name: "twice_the_mean", summary: "2 Q̄") { 2 * $0.displacement.mean }
        let set = ObservableSet(cell, mass: 1, observables: [double, .meanDisplacement])
        #expect(set.sample(displacement: SiteField(cell, repeating: 1.5)).values == [3, 1.5])
    }
}
