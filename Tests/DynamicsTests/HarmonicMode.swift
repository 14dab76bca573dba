import Dynamics
import Foundation

/// ⟨Q²⟩, ⟨Qv⟩ and ⟨v²⟩ of a stationary state.
struct SecondMoments {
    var displacement: Double
    var mixed: Double
    var velocity: Double

    var values: [Double] { [displacement, mixed, velocity] }
}

/// One harmonic mode, m Q̈ = −k Q − γ m Q̇ + noise, under one of the thermostatted schemes.
struct HarmonicMode {
    let stiffness: Double
    let mass: Double
    let damping: Double
    let temperature: Double
    let timeStep: Double

    var canonical: SecondMoments {
        SecondMoments(displacement: temperature / stiffness, mixed: 0, velocity: temperature / mass)
    }

    /// As the documentation of the integrators states it.
    func closedForm(_ kind: IntegratorKind) -> SecondMoments {
        let reduction = 1 - stiffness * timeStep * timeStep / (4 * mass)
        var moments = canonical
        switch kind {
        case .baoab: moments.velocity *= reduction
        case .langevinVelocityVerlet: moments.displacement /= reduction
        case .overdamped: moments.velocity = 0
        case .velocityVerlet: preconditionFailure("velocity Verlet has no stationary state of its own")
        }
        return moments
    }

    /// From the linear map of the scheme and its noise, by the discrete Lyapunov equation Σ = A Σ Aᵀ + D.
    func lyapunov(_ kind: IntegratorKind) -> SecondMoments {
        let kick = PhaseSpaceMatrix(rows: [[1, 0], [-timeStep * stiffness / (2 * mass), 1]])
        func drift(_ time: Double) -> PhaseSpaceMatrix { PhaseSpaceMatrix(rows: [[1, time], [0, 1]]) }
        let decay = exp(-damping * timeStep)
        let friction = PhaseSpaceMatrix(rows: [[1, 0], [0, decay]])
        let heat = PhaseSpaceMatrix(rows: [[0, 0], [0, (1 - decay * decay) * temperature / mass]])
        switch kind {
        case .baoab:
            let after = kick * drift(timeStep / 2)
            return moments(
                map: after * friction * drift(timeStep / 2) * kick, noise: after * heat * after.transposed)
        case .langevinVelocityVerlet:
            return moments(map: friction * kick * drift(timeStep) * kick, noise: heat)
        case .overdamped:
            // On (Q_n, ξ_n): Q_{n+1} = (1 − a) Q_n + s (ξ_n + ξ_{n+1}).
            let relaxation = 1 - stiffness * timeStep / (mass * damping)
            let amplitude = (temperature * timeStep / (2 * mass * damping)).squareRoot()
            var result = moments(
                map: PhaseSpaceMatrix(rows: [[relaxation, amplitude], [0, 0]]),
                noise: PhaseSpaceMatrix(rows: [[amplitude * amplitude, amplitude], [amplitude, 1]]))
            (result.mixed, result.velocity) = (0, 0)
            return result
        case .velocityVerlet: preconditionFailure("velocity Verlet has no stationary state of its own")
        }
    }

    private func moments(map: PhaseSpaceMatrix, noise: PhaseSpaceMatrix) -> SecondMoments {
        let covariance = PhaseSpaceMatrix.stationaryCovariance(map: map, noise: noise).rows
        return SecondMoments(displacement: covariance[0][0], mixed: covariance[0][1], velocity: covariance[1][1])
    }
}
