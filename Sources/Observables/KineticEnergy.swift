import Lattices

/// Energies of motion from a velocity field.
public enum KineticEnergy {
    /// m⟨v²⟩ over sites and components: k_BT in equilibrium, in units of the hopping.
    public static func temperature(velocity: SiteField, mass: Double) -> Double {
        temperature(meanSquare: velocity.meanSquare, componentCount: velocity.componentCount, mass: mass)
    }

    /// (m/2) Σ v² / N, the energy a site (with all its components), in units of the hopping.
    public static func perSite(velocity: SiteField, mass: Double) -> Double {
        perSite(meanSquare: velocity.meanSquare, mass: mass)
    }

    /// ((m/2) Σ v² + Ω) / N, the energy a site, in units of the hopping; conserved without a thermostat.
    public static func totalPerSite(velocity: SiteField, mass: Double, potential: Double) -> Double {
        perSite(velocity: velocity, mass: mass) + potential / Double(velocity.supercell.siteCount)
    }

    static func temperature(meanSquare: Double, componentCount: Int, mass: Double) -> Double {
        mass * meanSquare / Double(componentCount)
    }

    static func perSite(meanSquare: Double, mass: Double) -> Double { mass * meanSquare / 2 }
}
