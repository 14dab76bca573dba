import Lattices
import Observables

/// What the analysis of an ensemble needs of one quench.
struct QuenchRecord {
    /// L over time by ``Coarsening/LengthName``, on all samples of the trajectory.
    let growth: [Coarsening.LengthName: [Double]]
    /// One entry a frame that was looked at.
    let frames: [Frame]

    struct Frame {
        let meanSquare: Double
        let lengths: [Coarsening.LengthName: Double]
        /// Staggered C(r)/C(0).
        let correlation: [Double]
        /// S(q)/C(0).
        let structureFactor: [Double]
    }

    /// - Parameter indices: of the frames to look at.
    init(_ file: TrajectoryFile, frames indices: [Int], spectrum: LatticeSpectrum) throws {
        growth = Dictionary(
            uniqueKeysWithValues: try Coarsening.LengthName.allCases.map { ($0, try file.observable($0.rawValue)) })
        frames = try indices.map { try Frame(try file.displacement(frame: $0), spectrum) }
    }
}

extension QuenchRecord.Frame {
    init(_ displacement: SiteField, _ spectrum: LatticeSpectrum) throws {
        let (structureFactor, correlation) = try spectrum.structureFactorAndCorrelation(of: displacement)
        let profile = correlation.radialAverage().values
        let meanSquare = profile[0]
        self.init(
            meanSquare: meanSquare,
            lengths: [
                .correlationLength: correlation.halfHeightLength ?? .nan, .domainLength: structureFactor.domainLength() ?? .nan,
            ],
            correlation: profile.map { $0 / meanSquare },
            structureFactor: structureFactor.radialAverage().values.map { $0 / meanSquare })
    }
}
