extension ScalarObservable {
    /// m⟨v²⟩.
    public static let kineticTemperature = ScalarObservable(
        name: "kinetic_temperature", summary: "kinetic temperature m⟨v²⟩", unit: "hopping"
    ) { snapshot in
        snapshot.velocity.map {
            KineticEnergy.temperature(meanSquare: $0.meanSquare, componentCount: $0.componentCount, mass: snapshot.mass)
        }
    }

    /// (m/2) Σ v² / N.
    public static let kineticEnergy = ScalarObservable(
        name: "kinetic_energy", summary: "kinetic energy per site", unit: "hopping"
    ) { snapshot in snapshot.kineticEnergy }

    /// Ω / N.
    public static let potentialEnergy = ScalarObservable(
        name: "potential_energy", summary: "potential per site", unit: "hopping"
    ) { snapshot in snapshot.potential.map { $0 / snapshot.siteCount } }

    /// (m/2) Σ v² / N + Ω / N.
    public static let totalEnergy = ScalarObservable(
        name: "total_energy", summary: "kinetic energy and potential per site", unit: "hopping"
    ) { snapshot in
        guard let kinetic = snapshot.kineticEnergy, let potential = snapshot.potential else { return nil }
        return kinetic + potential / snapshot.siteCount
    }
}
