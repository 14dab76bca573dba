import ForceFields
import Foundation
import Lattices

extension LocalDiagonalization {
    /// How accurate, and therefore how expensive, a local diagonalization is.
    public struct Options: Sendable, Equatable {
        /// 1 for a patch around every site; a larger number for blocks of that many cells in every direction, each solved with
        /// a buffer of R cells around it. Blocks of up to 8 cells are done by programs like patches, larger ones by frontal
        /// matrices.
        public var core: Int
        /// How blocks are laid; of no effect where ``core`` is 1.
        public var tiling: BlockTiling
        /// R ≥ 0: the patch is the site, and R times all sites that are joined to it or share a shortest loop with it; on the
        /// square lattice (2R+1)² sites.
        public var radius: Int {
            get { radii.largest }
            set { radii.largest = newValue }
        }
        /// R by the height of the pole, the same at all poles unless it has heights. Frontal matrices take the largest for all.
        public var radii: PatchRadii
        /// How often the Green's functions beyond the patch are iterated; 0 leaves its ends open.
        public var levels: Int
        /// Poles of the expansion of the occupations; nil for the fewest that meet ``poleTolerance``.
        public var poles: Int?
        /// The largest error of a density from the pole expansion, unless ``poles`` is given.
        public var poleTolerance: Double
        /// What the Green's functions are computed in.
        public var precision: Precision

        /// Single or double precision.
        public enum Precision: String, Sendable, CaseIterable {
            /// 32 bits, of which rounding leaves densities right to some 10⁻⁷.
            case single
            /// 64 bits, at two to three times the time.
            case double
        }

        /// What is not given follows the radius, so that it adds little to the error of the patch.
        ///
        /// On quenches with the published parameters the rms error of the force falls by about ten with each step of R, from
        /// 7·10⁻³; poles of tolerance τ add 1.2 τ (in quadrature), single precision 10⁻⁷.
        ///
        /// - Parameters:
        ///   - core: at least 1.
        ///   - tiling: how blocks are laid.
        ///   - radius: R ≥ 0 of the lowest poles.
        ///   - heights: η > 0 of poles, in units of the hopping, ascending, from each of which on R is smaller by one.
        ///   - levels: at least 0.
        ///   - poles: the number of poles, any; nil for the fewest that meet the tolerance.
        ///   - poleTolerance: 10^−(3+R) if nil.
        ///   - precision: single up to R = 4 if nil, double beyond.
        public init(
            core: Int = 1, tiling: BlockTiling = .fixed, radius: Int, smallerFrom heights: [Double] = [], levels: Int,
            poles: Int? = nil, poleTolerance: Double? = nil, precision: Precision? = nil
        ) {
            self.core = core
            self.tiling = tiling
            radii = PatchRadii(radius, smallerFrom: heights)
            self.levels = levels
            self.poles = poles
            self.poleTolerance = poleTolerance ?? pow(10, -Double(3 + min(radius, 7)))
            self.precision = precision ?? (radius <= 4 ? .single : .double)
        }

        /// Real additions, multiplications and divisions per site for poles at some heights η, where patches are solved by programs.
        ///
        /// - Parameters:
        ///   - heights: in units of the hopping.
        ///   - corrections: whose paths are counted.
        public func operations(on lattice: Lattice, heights: [Double], corrections: EndCorrections? = nil) -> Double {
            let schedule = LaneSchedule.patches(lattice, core: core, radii: radii, levels: levels, terms: corrections?.terms)
            let operations = heights.reduce(0) { $0 + schedule.operations(atHeight: $1) }
            return Double(operations) / Double(lattice.basis.count * schedule.group.count)
        }

        var poleChoice: PoleChoice {
            PoleChoice(solver: LocalDiagonalization.name, count: poles, tolerance: poleTolerance)
        }
    }
}
