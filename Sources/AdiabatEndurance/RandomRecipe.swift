/// A recipe of random keys, in and out of their limits, on a random lattice, with so little work that every stage takes a moment.
struct RandomRecipe {
    /// The lattice file.
    let lattice: String
    /// The recipe, which names the lattice `lattice.toml`.
    let recipe: String
    /// The axes of an array for `forces`: mostly those of a field on the lattice.
    let shape: [Int]

    init(_ generator: inout SeededGenerator) {
        let kind = Self.lattices.randomElement(using: &generator)!
        lattice = kind.text
        let size = Self.size(kind, largest: 6, &generator)
        let axes = Array(size.reversed()) + (kind.basis > 1 ? [kind.basis] : [])
        shape = Self.one(in: 10, &generator) ? axes + [2] : Self.one(in: 2, &generator) ? [2] + axes : axes
        var text = "seed = \(Int.random(in: 0...1000, using: &generator))\n"
        func table(_ name: String, _ keys: [(String, [String])], each share: Double = 0.4) {
            text += "[\(name)]\n"
            for (key, values) in keys where Double.random(in: 0..<1, using: &generator) < share {
                text += "\(key) = \(values.randomElement(using: &generator)!)\n"
            }
        }
        func sides(_ largest: Int = 6) -> String { "\(Self.size(kind, largest: largest, &generator))" }
        text += "[lattice]\nfile = \"lattice.toml\"\nsize = \(size)\n"
        if Self.one(in: 3, &generator) { text += "periodic = \(size.map { _ in Bool.random(using: &generator) })\n" }
        text +=
            "[model]\nneighbor_stiffness = \(["0", "0.05", "0.05", "0.1", "-0.05", "0.3"].randomElement(using: &generator)!)\n"
        text += Self.model(&generator)
        table(
            "dynamics",
            [
                ("integrator", ["\"baoab\"", "\"velocity-verlet\"", "\"overdamped\"", "\"langevin-velocity-verlet\""]),
                ("time_step", ["0.05", "0.1", "0.01", "10", "1e-300", "1e300", "0"]), ("mass", ["5", "1", "1e-3", "1e300"]),
                ("damping", ["0", "0.2", "1", "1e10"]), ("initial_velocity_variance", ["0", "1", "1e10"]),
            ], each: 0.15)
        text +=
            "initial_displacement_variance = \(["0", "1", "10", "30", "30", "1e-300", "1e200"].randomElement(using: &generator)!)\n"
        table(
            "generate",
            [
                ("solver", Self.solvers), ("random_configurations", ["0", "1", "3"]),
                ("snapshot_spacing", ["\"early\"", "\"even\""]),
                ("temperatures", ["[0.1]", "[0.0]", "[0.1, 0.3]"]), ("couplings", ["[0.0]", "[1.5, 3.5]", "[1e10]"]),
                ("chemical_potentials", ["[0.0]", "[-0.5, 0.5]", "[1e5]"]), ("time_step", ["0.05", "0.2"]),
            ])
        let trajectories = Int.random(in: 3...6, using: &generator)
        text += "trajectories = \(trajectories)\nsteps = \(Int.random(in: 1...6, using: &generator))\nsnapshot_interval = 1\n"
        text += Self.network(&generator)
        text += "epochs = \(Int.random(in: 1...2, using: &generator))\n"
        if Self.one(in: 4, &generator) { text += Self.learn(sides(4), &generator) }
        table(
            "simulate",
            [
                ("size", [sides(), sides(8)]), ("force_field", ["\"model\""] + Self.solvers),
                ("precision", ["\"float32\"", "\"float64\""]),
                ("audit_interval", ["0", "1", "2", "100"]), ("audit_solver", Self.solvers),
                ("audit_sites", ["0", "1", "3", "1000000"]),
                ("audit_threshold", ["0", "1e-3"]), ("audit_action", ["\"warn\"", "\"stop\""]),
                ("maximum_displacement", ["10", "1e6"]),
                (
                    "frame_fields",
                    ["[\"displacement\"]", "[\"displacement\", \"velocity\", \"force\", \"density\"]", "[\"force\"]"]
                ),
                ("checkpoint_interval", ["1", "3"]),
            ])
        text += "steps = \(Int.random(in: 2...8, using: &generator))\nobservable_interval = 1\nframe_interval = 2\n"
        if Self.one(in: 6, &generator) {
            text += "[coarsening]\nsizes = [\(sides(4)), \(sides())]\nquenches = [\(Int.random(in: 1...2, using: &generator))]\n"
            text += ["", "exponent_windows = 1\n", "collapse_times = 2\n", "fit_window = [0.1, 0.4]\n"].randomElement(
                using: &generator)!
        }
        table(
            "compare",
            [
                ("solver", Self.solvers), ("twin_trajectories", ["0", "1", "2"]), ("twin_size", [sides()]),
                ("stages", ["1", "2", "100"]),
                ("twin_time_step", ["0.05", "0.2"]),
            ])
        text += "twin_steps = 3\ntwin_sample_interval = 1\nloops = 1\nenergy_steps = 2\nexact_energy_steps = 1\n"
        text += "thermal_steps = \([0, 2, 5].randomElement(using: &generator)!)\nexact_samples = 1\n"
        for (name, keys) in Self.solverTables where Self.one(in: 3, &generator) { table(name, keys) }
        recipe = text
    }

    private static let solvers = [
        "\"exact-diagonalization\"", "\"exact-diagonalization\"", "\"selected-inversion\"", "\"local-diagonalization\"",
        "\"conservative-local-diagonalization\"",
    ]

    private static let solverTables: [(String, [(String, [String])])] = [
        ("selected_inversion", [("tolerance", ["1e-10", "1e-4", "1e-15", "0.5", "1e-300"])]),
        (
            "local_diagonalization",
            [
                ("core", ["1", "2", "3", "8", "64"]), ("radius", ["0", "1", "2", "8"]), ("levels", ["0", "1", "2", "16"]),
                ("poles", ["1", "4", "64"]), ("precision", ["\"single\"", "\"double\""]),
            ]
        ),
        (
            "conservative_local_diagonalization",
            [("side", ["1", "2", "3", "5", "12"]), ("levels", ["0", "2", "16"]), ("pole_tolerance", ["1e-3", "1e-12", "0.9"])]
        ),
    ]

    private static func one(in count: Int, _ generator: inout SeededGenerator) -> Bool {
        Int.random(in: 0..<count, using: &generator) == 0
    }

    /// Keys of `[model]`, most of them reasonable.
    private static func model(_ generator: inout SeededGenerator) -> String {
        let keys: [(String, [String])] = [
            ("hopping", ["1", "1", "0", "-1", "1e-20", "1e20"]), ("coupling", ["3.5", "1.5", "0", "-2", "1e-10", "1e150"]),
            ("stiffness", ["1", "1", "5", "0", "-1", "1e300"]), ("temperature", ["0.1", "0", "1e-6", "1e-300", "1", "1e10"]),
        ]
        var text = ""
        for (key, values) in keys where one(in: 3, &generator) {
            text += "\(key) = \(values.randomElement(using: &generator)!)\n"
        }
        if one(in: 3, &generator) {
            text += [
                "filling = 0.5\n", "filling = 0.25\n", "filling = 1e-12\n", "chemical_potential = 0.5\n",
                "chemical_potential = 1e10\n",
            ]
            .randomElement(using: &generator)!
        }
        return text
    }

    /// `[network]` and the beginning of `[training]`.
    private static func network(_ generator: inout SeededGenerator) -> String {
        func pick(_ texts: [String]) -> String { texts.randomElement(using: &generator)! }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            return
                "[network]\nname = \"equivariant-fully-connected\"\nwidths = [2]\nradius_squared = \(pick(["0", "1", "2", "13"]))\n"
                + pick(["", "particle_hole_odd = true\n", "squares = false\n", "encoding_scales = [1.0]\n"])
                + "[training]\n" + pick(["", "batch_size = 7\n", "optimizer = \"levenberg-marquardt\"\n", "finish_epochs = 1\n"])
        case 1:
            return "[network]\nname = \"convolution\"\nchannels = [2, 2]\nradius_squared = \(pick(["0", "1", "2", "4"]))\n"
                + pick([
                    "", "symmetry = \"none\"\n", "fields = \"scalar\"\n", "head = \"energy\"\n",
                    "conditions = [\"temperature\"]\n",
                ])
                + pick(["", "particle_hole = false\n", "pair_scales = [1.0]\n", "baseline_radius = 1\n", "baseline_core = 3\n"])
                + "[training]\n" + pick(["", "batch_size = 1\n", "committee = 2\n", "optimizer = \"levenberg-marquardt\"\n"])
        default:
            return
                "[network]\nname = \"greens-function\"\ncore = \(pick(["1", "2", "3", "8"]))\nradius = \(pick(["0", "1", "2"]))\n"
                + "levels = \(pick(["1", "2", "4"]))\n"
                + pick([
                    "", "end_path = 1\n", "message_path = 2\n", "joins_distant = true\n", "nodes = [1.0]\n",
                    "pole_tolerance = 1e-9\n",
                ])
                + "[training]\n" + pick(["", "", "optimizer = \"adam\"\n", "ridge = 0\n", "committee = 2\n"])
        }
    }

    private static func learn(_ size: String, _ generator: inout SeededGenerator) -> String {
        """
        [learn]
        size = \(size)
        trajectories = 1
        steps = 4
        interval = 1
        rounds = 2
        configurations = \(["1", "2", "9"].randomElement(using: &generator)!)
        audits = 1
        disagreement = \((["\"committee\""] + solvers).randomElement(using: &generator)!)
        solver = \(solvers.randomElement(using: &generator)!)

        """
    }

    // MARK: Lattices

    private struct Kind {
        let text: String
        let dimension: Int
        let basis: Int

        init(_ vectors: [[Double]], basis: [[Double]]? = nil, _ bonds: [(Int, Int, [Int])]) {
            dimension = vectors.count
            let sites = basis ?? [vectors.map { _ in 0 }]
            self.basis = sites.count
            text =
                "name = \"random\"\nprimitive_vectors = \(vectors)\nbasis = \(sites)\n"
                + bonds.map { "[[bonds]]\nfrom = \($0.0)\nto = \($0.1)\ncell = \($0.2)\n" }.joined()
        }
    }

    private static let lattices: [Kind] = [
        // Chain, square, rectangular, triangular, honeycomb, kagome, cubic, oblique.
        Kind([[1]], [(0, 0, [1])]), Kind([[1, 0], [0, 1]], [(0, 0, [1, 0]), (0, 0, [0, 1])]),
        Kind([[1, 0], [0, 1]], [(0, 0, [1, 0]), (0, 0, [0, 1])]),
        Kind([[1, 0], [0, 1.3]], [(0, 0, [1, 0]), (0, 0, [0, 1])]),
        Kind([[1, 0], [0.5, 0.8660254037844386]], [(0, 0, [1, 0]), (0, 0, [0, 1]), (0, 0, [-1, 1])]),
        Kind(
            [[1.7320508075688772, 0], [0.8660254037844386, 1.5]], basis: [[0, 0], [0.3333333333333333, 0.3333333333333333]],
            [(0, 1, [0, 0]), (0, 1, [-1, 0]), (0, 1, [0, -1])]),
        Kind(
            [[2, 0], [1, 1.7320508075688772]], basis: [[0, 0], [0.5, 0], [0, 0.5]],
            [(0, 1, [0, 0]), (0, 2, [0, 0]), (1, 2, [0, 0]), (1, 0, [1, 0]), (2, 0, [0, 1]), (1, 2, [1, -1])]),
        Kind([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [(0, 0, [1, 0, 0]), (0, 0, [0, 1, 0]), (0, 0, [0, 0, 1])]),
        Kind([[1, 0.2], [0.1, 1.7]], [(0, 0, [1, 0]), (0, 0, [0, 1])]),
        // Long bonds, no bonds, bonds in one direction, a dimerized chain, a basis whose sites no bond joins, a bilayer.
        Kind([[1]], [(0, 0, [1]), (0, 0, [2])]), Kind([[1]], [(0, 0, [3])]),
        Kind([[1, 0], [0, 1]], [(0, 0, [1, 0]), (0, 0, [0, 1]), (0, 0, [1, 1]), (0, 0, [1, -1])]),
        Kind([[1, 0], [0, 1]], [(0, 0, [7, 0]), (0, 0, [0, 1])]), Kind([[1, 0], [0, 1]], []),
        Kind([[1, 0], [0, 1]], [(0, 0, [1, 0])]), Kind([[2]], basis: [[0], [0.4]], [(0, 1, [0]), (1, 0, [1])]),
        Kind([[1, 0], [0, 1]], basis: [[0, 0], [0.5, 0.5]], [(0, 0, [1, 0]), (1, 1, [0, 1])]),
        Kind(
            [[1, 0, 0], [0, 1, 0], [0, 0, 3]], basis: [[0, 0, 0], [0, 0, 0.3]],
            [(0, 0, [1, 0, 0]), (0, 0, [0, 1, 0]), (1, 1, [1, 0, 0]), (1, 1, [0, 1, 0]), (0, 1, [0, 0, 0])]),
        // Two sites in one place, and a lattice that is none.
        Kind([[1, 0], [0, 1]], basis: [[0, 0], [0, 0]], [(0, 1, [0, 0]), (0, 0, [1, 0])]),
        Kind([[1, 0], [1, 0]], [(0, 0, [1, 0])]),
    ]

    /// Sides of a small piece of a lattice; sometimes none, too many or too large ones.
    private static func size(_ kind: Kind, largest: Int, _ generator: inout SeededGenerator) -> [Int] {
        let largest = kind.dimension == 3 ? min(largest, 4) : kind.dimension == 1 ? 4 * largest : largest
        var sides = (0..<kind.dimension).map { _ in Int.random(in: 1...largest, using: &generator) }
        if one(in: 3, &generator) { sides = sides.map { max(2, $0 / 2 * 2) } }
        switch Int.random(in: 0..<60, using: &generator) {
        case 0: sides.append(2)
        case 1: sides[0] = 0
        case 2: sides[0] = 1 << 20
        case 3: sides = sides.map { _ in 30_000 }
        default: break
        }
        return sides
    }
}
