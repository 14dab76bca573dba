/// What the electrons exchange particles with.
public enum Reservoir: Sendable, Equatable {
    /// A bath at chemical potential μ, in units of the hopping: the number of electrons fluctuates.
    case chemicalPotential(Double)
    /// None: filling·N electrons on N sites, strictly between 0 and 1 electron a site; μ follows from the spectrum.
    case filling(Double)
}
