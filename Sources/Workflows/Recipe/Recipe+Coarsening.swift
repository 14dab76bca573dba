import Lattices
import Observables

extension Recipe {
    /// What must hold between `[coarsening]` and other tables.
    ///
    /// - Throws: ``RecipeError``
    func validateCoarsening(_ document: TOMLDocument) throws {
        guard let coarsening else { return }
        func refusal(_ key: String, _ problem: String) -> RecipeError {
            document.error(table: Section.coarsening.rawValue, key: key, problem)
        }
        guard lattice.geometry.basis.count == 1, lattice.isPeriodic else {
            throw refusal(
                "sizes",
                "structure factors need a lattice with one site a cell that is periodic in every direction; "
                    + "\(lattice.geometry.name) has \(lattice.geometry.basis.count), and periodic = \(lattice.periodic)")
        }
        for size in coarsening.sizes {
            do {
                let supercell = try Supercell(lattice.geometry, size: size, periodic: lattice.periodic)
                guard SublatticeSigns(supercell) != nil else {
                    throw refusal("sizes", "\(size) of the \(lattice.geometry.name) lattice has no two sublattices")
                }
            } catch let error as LatticeError {
                throw refusal("sizes", error.problem)
            }
        }
        if let twice = coarsening.sizes.first(where: { size in coarsening.sizes.count { $0 == size } > 1 }) {
            throw refusal("sizes", "\(twice) is listed twice; each size may be listed once")
        }
        guard coarsening.quenches.count == 1 || coarsening.quenches.count == coarsening.sizes.count else {
            throw refusal(
                "quenches",
                "\(coarsening.quenches) is not allowed with \(coarsening.sizes.count) sizes; one number, or one a size, is")
        }
        let window = coarsening.fitWindow
        guard window.count == 2, window[0] < window[1] else {
            throw refusal("fit_window", "\(window) is not allowed; [first time, last time] is")
        }
        let interval = Double(simulate.frameInterval) * dynamics.timeStep
        let last = Double(simulate.steps / simulate.frameInterval)
        // Frames are numbered from 0, the hot start, which is of no interest.
        let (low, high) = (
            max(1, (window[0] / interval - 1e-9).rounded(.up)), min(last, (window[1] / interval + 1e-9).rounded(.down))
        )
        guard high > low else {
            throw refusal(
                "fit_window",
                "\(window) holds fewer than 2 of the frames, which simulate.frame_interval = \(simulate.frameInterval) puts "
                    + "\(interval) apart, up to \(last * interval); at least 2 are needed")
        }
    }

    /// The recipe of one quench of the ensemble, which `adiabat simulate` takes as any other.
    ///
    /// - Parameter quench: counted from 1.
    func quench(_ quench: Int, onLattice index: Int) -> Recipe {
        guard let coarsening else { preconditionFailure("a recipe with the table [coarsening]") }
        var recipe = self
        recipe.coarsening = nil
        recipe.simulate.size = coarsening.sizes[index]
        recipe.simulate.quench = coarsening.number(ofQuench: quench, onLattice: index)
        return recipe
    }
}
