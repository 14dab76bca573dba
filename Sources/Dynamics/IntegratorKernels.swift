import LatticeNumerics

/// The elementary moves of the integrators over a range of components, fused so that each field is read once.
///
/// Noise is drawn a tile at a time on the stack: what a component receives depends on (seed, step, component) alone.
extension PhaseSpacePointers {
    /// v ← v + b F, then Q ← Q + Δt v.
    func kickAndDrift(_ range: Range<Int>, kick: Double, drift: Double) {
        for k in range {
            let v = velocity[k] + kick * force[k]
            velocity[k] = v
            displacement[k] += drift * v
        }
    }

    /// v ← v + b F.
    func kick(_ range: Range<Int>, kick: Double) {
        for k in range { velocity[k] += kick * force[k] }
    }

    /// v ← c (v + b F) + s ξ.
    func kickAndThermalize(_ range: Range<Int>, kick: Double, decay: Double, amplitude: Double, noise: RandomStream, step: Int) {
        noise.forEachTile(of: range, step: step) { tile, xi in
            for k in tile { velocity[k] = decay * (velocity[k] + kick * force[k]) + amplitude * xi[k - tile.lowerBound] }
        }
    }

    /// v ← v + b F, Q ← Q + h v, v ← c v + s ξ, Q ← Q + h v.
    func kickDriftThermalizeDrift(
        _ range: Range<Int>, kick: Double, halfDrift: Double, decay: Double, amplitude: Double, noise: RandomStream, step: Int
    ) {
        noise.forEachTile(of: range, step: step) { tile, xi in
            for k in tile {
                let before = velocity[k] + kick * force[k]
                let after = decay * before + amplitude * xi[k - tile.lowerBound]
                velocity[k] = after
                displacement[k] += halfDrift * (before + after)
            }
        }
    }

    /// Q ← Q + μ F + s (ξ_n + ξ_{n+1}), v ← 0.
    func creep(_ range: Range<Int>, mobility: Double, amplitude: Double, noise: RandomStream, step: Int) {
        noise.forEachTile(of: range, step: step) { tile, xi in
            for k in tile {
                displacement[k] += mobility * force[k] + amplitude * xi[k - tile.lowerBound]
                velocity[k] = 0
            }
        }
        noise.forEachTile(of: range, step: step + 1) { tile, xi in
            for k in tile { displacement[k] += amplitude * xi[k - tile.lowerBound] }
        }
    }
}

extension RandomStream {
    /// Calls `body(tile, ξ)` for consecutive tiles of `range`, with ξ[k − tile.lowerBound] the normal number of (step, k).
    fileprivate func forEachTile(
        of range: Range<Int>, step: Int, _ body: (_ tile: Range<Int>, _ xi: UnsafeMutablePointer<Double>) -> Void
    ) {
        // 128 numbers are the most that stay on the stack.
        let tileSize = 128
        withUnsafeTemporaryAllocation(of: Double.self, capacity: tileSize) { buffer in
            buffer.initialize(repeating: 0)
            var start = range.lowerBound
            while start < range.upperBound {
                let tile = start..<min(start + tileSize, range.upperBound)
                fillNormal(UnsafeMutableBufferPointer(rebasing: buffer[..<tile.count]), step: step, first: start)
                body(tile, buffer.baseAddress!)
                start = tile.upperBound
            }
        }
    }
}
