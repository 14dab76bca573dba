import Dynamics
import Testing

@Suite struct ParameterTests {
    /// The key an integrator complains about.
    func refusedKey(
        _ kind: IntegratorKind, timeStep: Double = 0.05, mass: Double = 5, damping: Double = 0.2, temperature: Double = 0.1
    ) -> String? {
        do {
            _ = try kind.make(timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: 0)
            return nil
        } catch DynamicsError.invalid(let key, let problem) {
            #expect(!problem.isEmpty)
            return key
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: IntegratorKind.allCases)
    func badParametersAreNamed(kind: IntegratorKind) {
        #expect(refusedKey(kind) == nil)
        for bad in [0, -1, .nan, .infinity] {
            #expect(refusedKey(kind, timeStep: bad) == "time_step")
            #expect(refusedKey(kind, mass: bad) == "mass")
        }
        guard kind != .velocityVerlet else { return }
        for bad in [-1, .nan, .infinity] {
            #expect(refusedKey(kind, damping: bad) == "damping")
            #expect(refusedKey(kind, temperature: bad) == "temperature")
        }
        #expect(refusedKey(kind, temperature: 0) == nil)
        #expect(refusedKey(kind, damping: 0) == (kind == .overdamped ? "damping" : nil))
    }

    @Test func recipesNameTheIntegrators() {
        #expect(
            IntegratorKind.allCases.map(\.rawValue)
                == ["velocity-verlet", "langevin-velocity-verlet", "baoab", "overdamped"])
    }

    @Test func badVariancesAreNamed() {
        #expect(throws: DynamicsError.self) { try HotStart(displacementVariance: -1, velocityVariance: 1, seed: 0) }
        #expect(throws: DynamicsError.self) { try HotStart(displacementVariance: 1, velocityVariance: .nan, seed: 0) }
    }
}
