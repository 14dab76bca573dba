/// What a frame of a trajectory holds of every site.
public enum TrajectoryField: String, Sendable, CaseIterable {
    /// Q.
    case displacement
    /// Q̇.
    case velocity
    /// −∂Ω/∂Q, the elastic part included.
    case force
    /// n; NaN where the force field does not tell it.
    case density
}
