extension ScalarObservable {
    /// m⟨v²⟩.
    public static let kineticTemperature = ScalarObservable(
        name: "kinetic_temperature", summary: "kinetic temperature m⟨v²⟩"
    ) { snapshot in snapshot.velocity.map { KineticEnergy.temperature(velocity: $0, mass: snapshot.mass) } }

    /// (m/2) Σ v² / N.
    public static let kineticEnergy = ScalarObservable(
        name: "kinetic_energy", summary: "kinetic energy per site"
    ) { snapshot in snapshot.velocity.map { KineticEnergy.perSite(velocity: $0, mass: snapshot.mass) } }

    /// Ω / N.
    public static let potentialEnergy = ScalarObservable(
        name: "potential_energy", summary: "potential per site"
    ) { snapshot in snapshot.potential.map { $0 / Double(snapshot.displacement.supercell.siteCount) } }

    /// (m/2) Σ v² / N + Ω / N.
    public static let totalEnergy = ScalarObservable(
        name: "total_energy", summary: "kinetic energy and potential per site"
    ) { snapshot in
        guard let velocity = snapshot.velocity, let potential = snapshot.potential else { return nil }
        return KineticEnergy.totalPerSite(velocity: velocity, mass: snapshot.mass, potential: potential)
    }
}
