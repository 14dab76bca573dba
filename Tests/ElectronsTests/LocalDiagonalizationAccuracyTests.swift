import Electrons
import ForceFields
import Lattices
import Testing

/// The choice of radius and levels by measured errors, and how far the forces are from conservative.
@Suite struct LocalDiagonalizationAccuracyTests {
    @Test func cheapestMeetsTheAccuracy() throws {
        let model = try Samples.model(coupling: 3)
        let exact = ElectronicForceField(model, ExactDiagonalization())
        let probes = try (1...2).map { try Samples.random(Samples.square, [14, 14], scale: 2, seed: $0) }
        var operations = 0.0
        for accuracy in [0.1, 1e-2, 1e-3] {
            let (options, measurement, tried) = try LocalDiagonalization.cheapest(
                meeting: accuracy, model: model, probes: probes, reference: { try exact.solve($0).density })
            #expect(measurement.options == options && measurement == tried.last)
            #expect(measurement.rmsError <= accuracy && measurement.rmsError > accuracy / 100)
            #expect(measurement.percentile99 > measurement.rmsError)
            #expect(tried.dropLast().allSatisfy { $0.rmsError > accuracy })
            #expect(zip(tried, tried.dropFirst()).allSatisfy { $0.operations <= $1.operations * 1.001 })
            // It is what it says on a configuration that was not a probe.
            let test = try Samples.random(Samples.square, [14, 14], scale: 2, seed: 3)
            let again = try LocalDiagonalization.measure(
                options, model: model, probes: [test], densities: [try exact.solve(test).density])
            #expect(again.rmsError < 4 * accuracy)
            #expect(measurement.operations > operations)
            operations = measurement.operations
        }
    }

    /// Patches that are smaller at higher poles have nearly the error of patches of one radius, for far fewer operations.
    @Test(arguments: [1, 3])
    func higherPolesAreMoreNearsighted(core: Int) throws {
        let model = try Samples.model(coupling: 3)
        let exact = ElectronicForceField(model, ExactDiagonalization())
        let probes = try (1...2).map { try Samples.random(Samples.square, [14, 14], scale: 2, seed: $0) }
        let densities = try probes.map { try exact.solve($0).density }
        func measured(_ radius: Int, _ heights: [Double]) throws -> LocalDiagonalization.Measurement {
            try LocalDiagonalization.measure(
                .init(core: core, radius: radius, smallerFrom: heights, levels: 2, poleTolerance: 1e-9, precision: .double),
                model: model, probes: probes, densities: densities)
        }
        for radius in [2, 3] {
            let (one, tapered) = (try measured(radius, []), try measured(radius, [0.6, 3, 10]))
            let smaller = try measured(radius - 1, [])
            #expect(tapered.operations < one.operations / 2.5)
            #expect(tapered.rmsError < 2 * one.rmsError && tapered.rmsError < smaller.rmsError / 2)
        }
    }

    @Test func impossibleAccuracies() throws {
        let model = try Samples.model(coupling: 0.2)
        let exact = ElectronicForceField(model, ExactDiagonalization())
        let probe = try Samples.random(Samples.square, [10, 10])
        func choose(_ accuracy: Double, _ probes: [SiteField]) throws {
            _ = try LocalDiagonalization.cheapest(
                meeting: accuracy, model: model, probes: probes, reference: { try exact.solve($0).density })
        }
        #expect(throws: LocalDiagonalizationError.noProbes) { try choose(1e-3, []) }
        #expect(throws: LocalDiagonalizationError.impossibleAccuracy(0)) { try choose(0, [probe]) }
        // Nearly free electrons are not nearsighted at this temperature.
        let error = #expect(throws: LocalDiagonalizationError.self) { try choose(1e-9, [probe]) }
        guard case .accuracyNotMet(1e-9, let tried) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // Patches, those that are smaller at higher poles, blocks of 3² cells with R up to 3 and those of 6² with R = 1: larger ones
        // reach around the probe.
        #expect(tried.count == 35 + 15 + 4)
    }

    @Test func asymmetryOfTheJacobian() throws {
        let model = try Samples.model(coupling: 3)
        let displacement = try Samples.random(Samples.square, [10, 10])
        func asymmetry(_ solver: some SolvedElectrons) throws -> Double {
            try solver.jacobianAsymmetry(at: displacement).ratio
        }
        func local(_ radius: Int) -> ElectronicForceField<LocalDiagonalization> {
            ElectronicForceField(
                model, LocalDiagonalization(options: .init(radius: radius, levels: 2, poleTolerance: 1e-9, precision: .double)))
        }
        #expect(try asymmetry(ElectronicForceField(model, ExactDiagonalization())) < 1e-6)
        let parts = try (0...2).map { try asymmetry(local($0)) }
        #expect(parts[0] > 0.01 && parts[1] > 0.01 && parts[2] < parts[1] / 2 && parts[2] > 1e-3)
    }
}
