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
        var draw = Draw(generator: generator)
        let size = draw.size(kind, largest: 6)
        let axes = Array(size.reversed()) + (kind.basis > 1 ? [kind.basis] : [])
        shape = draw.one(in: 10) ? axes + [2] : draw.one(in: 2) ? [2] + axes : axes
        var text =
            "seed = \(Int.random(in: 0...1000, using: &draw.generator))\n[lattice]\nfile = \"lattice.toml\"\nsize = \(size)\n"
        if draw.one(in: 4) { text += "periodic = \(size.map { _ in Bool.random(using: &draw.generator) })\n" }
        text += Self.physics(&draw)
        text += Self.data(&draw)
        text += Self.network(&draw)
        if draw.one(in: 5) { text += Self.learning(draw.size(kind, largest: 4), &draw) }
        text += Self.simulation([draw.size(kind, largest: 6), draw.size(kind, largest: 8)], &draw)
        if draw.one(in: 8) { text += Self.coarsening([draw.size(kind, largest: 4), draw.size(kind, largest: 6)], &draw) }
        text += Self.comparison(draw.size(kind, largest: 6), &draw)
        for (name, keys) in Self.solverTables where draw.one(in: 3) { text += draw.table(name, keys) }
        recipe = text
        generator = draw.generator
    }

    /// A key with values that are reasonable, and others.
    private typealias Key = (name: String, tame: [String], wild: [String])

    /// Chance, and how bold it is.
    private struct Draw {
        var generator: SeededGenerator
        /// Whether values may be out of their limits, or at odds with others.
        let isWild: Bool

        init(generator: SeededGenerator) {
            self.generator = generator
            isWild = Int.random(in: 0..<5, using: &self.generator) < 2
        }

        mutating func one(in count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }

        mutating func pick(_ tame: [String], _ wild: [String] = []) -> String {
            let values = isWild && !wild.isEmpty && one(in: 4) ? wild : tame
            return values.randomElement(using: &generator)!
        }

        /// A table with some of its keys, and with lines that every such table has.
        mutating func table(_ name: String, _ keys: [Key], _ always: String = "") -> String {
            var text = "[\(name)]\n"
            for key in keys where one(in: 3) { text += "\(key.name) = \(pick(key.tame, key.wild))\n" }
            return text + always
        }

        /// Sides of a small piece of a lattice; of a wild one sometimes none, too many or too large ones.
        mutating func size(_ kind: Kind, largest: Int) -> [Int] {
            let largest = kind.dimension == 3 ? min(largest, 4) : kind.dimension == 1 ? 4 * largest : largest
            var sides = (0..<kind.dimension).map { _ in Int.random(in: 1...largest, using: &generator) }
            if one(in: 2) { sides = sides.map { max(2, $0 / 2 * 2) } }
            guard isWild, one(in: 8) else { return sides }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: sides.append(2)
            case 1: sides[0] = 0
            case 2: sides[0] = 1 << 20
            default: sides = sides.map { _ in 30_000 }
            }
            return sides
        }
    }

    private static let solvers = [
        "\"exact-diagonalization\"", "\"exact-diagonalization\"", "\"selected-inversion\"", "\"local-diagonalization\"",
        "\"conservative-local-diagonalization\"",
    ]

    private static let solverTables: [(String, [Key])] = [
        ("selected_inversion", [("tolerance", ["1e-10", "1e-4"], ["1e-15", "0.5", "1e-300"])]),
        (
            "local_diagonalization",
            [
                ("core", ["1", "2", "3", "2\ntiling = \"mean\"", "3\ntiling = \"fixed\""], ["8", "64", "0"]),
                ("radius", ["0", "1", "2"], ["8", "9"]),
                ("radius_heights", ["[]", "[1.0]", "[0.6, 0.6, 3.0]"], ["[3.0, 1.0]", "[0.0]", "[1e300]"]),
                ("levels", ["0", "1", "2"], ["16"]), ("poles", ["16", "24"], ["1", "4", "64", "65"]),
                ("precision", ["\"single\"", "\"double\""], []),
            ]
        ),
        (
            "conservative_local_diagonalization",
            [
                ("side", ["2", "3", "4"], ["1", "12", "13"]), ("levels", ["0", "2"], ["16"]),
                ("pole_tolerance", ["1e-3", "1e-6"], ["1e-14", "0.9"]),
            ]
        ),
    ]

    /// `[model]` and `[dynamics]`.
    private static func physics(_ draw: inout Draw) -> String {
        draw.table(
            "model",
            [
                ("hopping", ["1", "0.5", "-1", "1", "[1.0, -0.3]", "[1]"], ["0", "1e-20", "1e20", "[1.0, 0.0, 0.2]", "[]"]),
                ("coupling", ["3.5", "1.5", "-2"], ["0", "1e-10", "1e150"]),
                ("onsite_disorder", ["0", "0.5", "3"], ["-1", "1e-300", "1e150"]),
                ("stiffness", ["1", "5"], ["0", "-1", "1e300"]),
                ("temperature", ["0.1", "0.5"], ["0", "1e-6", "1e-300", "1e10"]),
                ("filling", ["0.5", "0.3"], ["1e-12", "0", "1"]),
            ], "neighbor_stiffness = \(draw.pick(["0.02", "0.05", "-0.05"], ["0", "0.3", "0.14"]))\n")
            + draw.table(
                "dynamics",
                [
                    ("integrator", ["\"baoab\"", "\"velocity-verlet\"", "\"overdamped\"", "\"langevin-velocity-verlet\""], []),
                    ("time_step", ["0.05", "0.1", "0.01"], ["10", "1e-300", "1e300", "0"]),
                    ("mass", ["5", "1"], ["1e-3", "1e300"]),
                    ("damping", ["0.2", "1"], ["0", "1e10"]), ("initial_velocity_variance", ["0", "1"], ["1e10"]),
                ], "initial_displacement_variance = \(draw.pick(["1", "10", "30"], ["0", "1e-300", "1e200"]))\n")
    }

    private static func data(_ draw: inout Draw) -> String {
        draw.table(
            "generate",
            [
                ("solver", solvers, []), ("random_configurations", ["0", "1", "3"], []),
                ("snapshot_spacing", ["\"early\"", "\"even\""], []), ("temperatures", ["[0.1]"], ["[0.0]", "[0.1, 0.3]"]),
                ("couplings", ["[3.5]"], ["[0.0]", "[1.5, 3.5]", "[1e10]"]), ("time_step", ["0.05", "0.2"], []),
                ("chemical_potentials", ["[]", "[0.0]"], ["[-0.5, 0.5]", "[1e5]"]),
            ],
            "trajectories = \(Int.random(in: 3...6, using: &draw.generator))\n"
                + "steps = \(Int.random(in: 1...6, using: &draw.generator))\nsnapshot_interval = 1\n")
    }

    /// `[network]` and `[training]`.
    private static func network(_ draw: inout Draw) -> String {
        let epochs = "epochs = \(Int.random(in: 1...2, using: &draw.generator))\n"
        switch Int.random(in: 0..<4, using: &draw.generator) {
        case 0:
            return
                "[network]\nname = \"equivariant-fully-connected\"\nwidths = [2]\nradius_squared = \(draw.pick(["1", "2"], ["0", "13"]))\n"
                + draw.pick(["", "squares = false\n", "encoding_scales = [1.0]\n"], ["particle_hole_odd = true\n"])
                + "[training]\n" + epochs
                + draw.pick(["", "batch_size = 7\n", "finish_epochs = 1\n"], ["optimizer = \"levenberg-marquardt\"\n"])
        case 1:
            return
                "[network]\nname = \"convolution\"\nchannels = [2, 2]\nradius_squared = \(draw.pick(["1", "2"], ["0", "64"]))\n"
                + draw.pick(
                    ["particle_hole = false\n"],
                    [
                        "", "symmetry = \"none\"\n", "symmetry = \"mirrors\"\nsymmetrize = \"mean\"\n", "fields = \"scalar\"\n",
                        "head = \"conservative\"\n",
                        "conditions = [\"temperature\"]\n",
                    ])
                + draw.pick(["", "pair_scales = [1.0]\n", "baseline_radius = 1\n", "baseline_core = 3\n"]) + "[training]\n"
                + epochs
                + draw.pick(["", "batch_size = 1\n", "committee = 2\n"], ["optimizer = \"levenberg-marquardt\"\n"])
        default:
            return
                "[network]\nname = \"greens-function\"\ncore = \(draw.pick(["1", "2", "3"]))\nradius = \(draw.pick(["0", "1"], ["2"]))\n"
                + "levels = \(draw.pick(["1", "2"], ["4"]))\n"
                + draw.pick(
                    ["", "end_path = 1\n", "nodes = [1.0]\n", "radius_heights = []\n", "radius_heights = [1.0]\n"],
                    ["message_path = 2\n", "joins_distant = true\n", "pole_tolerance = 1e-9\n"])
                + "[training]\n" + epochs + draw.pick(["", "ridge = 0\n", "committee = 2\n"], ["optimizer = \"adam\"\n"])
        }
    }

    private static func learning(_ size: [Int], _ draw: inout Draw) -> String {
        """
        [learn]
        size = \(size)
        trajectories = 1
        steps = 4
        interval = 1
        rounds = 2
        configurations = \(draw.pick(["1", "2"], ["9"]))
        audits = 1
        disagreement = \(draw.pick(solvers, ["\"committee\""]))
        solver = \(draw.pick(solvers))

        """
    }

    private static func simulation(_ sizes: [[Int]], _ draw: inout Draw) -> String {
        draw.table(
            "simulate",
            [
                ("size", sizes.map { "\($0)" }, []), ("force_field", ["\"model\""] + solvers, []),
                ("precision", ["\"float32\"", "\"float64\""], []), ("audit_interval", ["0", "1", "2"], ["100"]),
                ("audit_solver", solvers, []), ("audit_sites", ["0", "1", "3"], ["1000000"]),
                ("audit_threshold", ["0"], ["1e-3"]),
                ("audit_action", ["\"warn\"", "\"stop\""], []), ("maximum_displacement", ["1e6"], ["10", "1e-300"]),
                (
                    "frame_fields", ["[\"displacement\"]", "[\"displacement\", \"velocity\", \"force\", \"density\"]"],
                    ["[\"force\"]"]
                ), ("checkpoint_interval", ["1", "3"], []), ("checkpoint_minutes", ["0", "15"], ["1e300"]),
            ], "steps = \(Int.random(in: 2...8, using: &draw.generator))\nobservable_interval = 1\nframe_interval = 2\n")
    }

    private static func coarsening(_ sizes: [[Int]], _ draw: inout Draw) -> String {
        "[coarsening]\nsizes = [\(sizes[0]), \(sizes[1])]\nquenches = [\(Int.random(in: 1...2, using: &draw.generator))]\n"
            + draw.pick(["", "exponent_windows = 1\n", "collapse_times = 2\n"], ["fit_window = [0.1, 0.4]\n"])
    }

    private static func comparison(_ size: [Int], _ draw: inout Draw) -> String {
        draw.table(
            "compare",
            [
                ("solver", solvers, []), ("twin_size", ["\(size)"], []), ("stages", ["1", "2"], ["100"]),
                ("twin_time_step", ["0.05", "0.2"], ["1e300"]),
            ],
            """
            twin_trajectories = \(draw.pick(["0", "1", "2"]))
            twin_steps = 3
            twin_sample_interval = 1
            loops = 1
            energy_steps = 2
            exact_energy_steps = 1
            thermal_steps = \(draw.pick(["0", "5"]))
            exact_samples = 1

            """)
    }

    // MARK: Lattices

    fileprivate struct Kind {
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
}
