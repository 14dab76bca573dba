import LatticeNumerics

/// The elementary moves of the integrators over a piece of the components, fused so that each field is read once.
///
/// Noise is drawn a tile at a time on the stack: what a component receives depends on (seed, step, component of the whole lattice)
/// alone.
extension PhaseSpacePointers {
    /// v ← v + b F, then Q ← Q + Δt v.
    func kickAndDrift(_ piece: Piece, kick: Double, drift: Double) {
        for k in piece.range {
            let v = velocity[k] + kick * force[k]
            velocity[k] = v
            displacement[k] += drift * v
        }
    }

    /// v ← v + b F.
    func kick(_ piece: Piece, kick: Double) {
        for k in piece.range { velocity[k] += kick * force[k] }
    }

    /// v ← c (v + b F) + s ξ.
    func kickAndThermalize(_ piece: Piece, kick: Double, decay: Double, amplitude: Double, noise: RandomStream, step: Int) {
        noise.forEachTile(of: piece, step: step) { tile, xi in
            for k in tile { velocity[k] = decay * (velocity[k] + kick * force[k]) + amplitude * xi[k - tile.lowerBound] }
        }
    }

    /// v ← v + b F, Q ← Q + h v, v ← c v + s ξ, Q ← Q + h v.
    func kickDriftThermalizeDrift(
        _ piece: Piece, kick: Double, halfDrift: Double, decay: Double, amplitude: Double, noise: RandomStream, step: Int
    ) {
        noise.forEachTile(of: piece, step: step) { tile, xi in
            for k in tile {
                let before = velocity[k] + kick * force[k]
                let after = decay * before + amplitude * xi[k - tile.lowerBound]
                velocity[k] = after
                displacement[k] += halfDrift * (before + after)
            }
        }
    }

    /// Q ← Q + μ F + s (ξ_n + ξ_{n+1}), v ← 0.
    func creep(_ piece: Piece, mobility: Double, amplitude: Double, noise: RandomStream, step: Int) {
        noise.forEachTile(of: piece, step: step) { tile, xi in
            for k in tile {
                displacement[k] += mobility * force[k] + amplitude * xi[k - tile.lowerBound]
                velocity[k] = 0
            }
        }
        noise.forEachTile(of: piece, step: step + 1) { tile, xi in
            for k in tile { displacement[k] += amplitude * xi[k - tile.lowerBound] }
        }
    }

    /// field ← s ξ.
    static func drawNormal(
        _ field: UnsafeMutablePointer<Double>, _ piece: Piece, amplitude: Double, noise: RandomStream, step: Int
    ) {
        noise.forEachTile(of: piece, step: step) { tile, xi in
            for k in tile { field[k] = amplitude * xi[k - tile.lowerBound] }
        }
    }
}

extension RandomStream {
    /// Calls `body(tile, ξ)` for consecutive tiles of a piece, with ξ[k − tile.lowerBound] the normal number of component k.
    fileprivate func forEachTile(
        of piece: Piece, step: Int, _ body: (_ tile: Range<Int>, _ xi: UnsafeMutablePointer<Double>) -> Void
    ) {
        // 128 numbers are the most that stay on the stack.
        let tileSize = 128
        withUnsafeTemporaryAllocation(of: Double.self, capacity: tileSize) { buffer in
            buffer.initialize(repeating: 0)
            var done = 0
            while done < piece.count {
                let count = min(tileSize, piece.count - done)
                fillNormal(
                    UnsafeMutableBufferPointer(rebasing: buffer[..<count]), step: step, first: piece.firstOfWhole + done)
                body(piece.first + done..<piece.first + done + count, buffer.baseAddress!)
                done += count
            }
        }
    }
}
