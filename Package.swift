// swift-tools-version: 6.1
import PackageDescription

// The rooms, from the machine upwards. A target imports only targets above it; siblings never import each other.
//
//     recipe ─► generate ─► dataset ─► train ─► force field ─► simulate ─► trajectory ─► compare/analyze ─► report

/// The processors it is built for, as `-march` names them: that of this machine, or what `make ARCH=x86-64-v3` says.
let architecture = Context.environment["ADIABAT_ARCH"] ?? "native"

/// Their vector instructions: without them `addProduct` on SIMD types is a library call.
let vectorized: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=\(architecture)"])]

/// What computes: every room below those of recipes and runs.
let computing: [Target.Dependency] = [
    "Communication", "Models", "Electrons", "LearnedForces", "Training", "Dynamics", "Observables", "Storage",
]
/// What a program is made of.
let program: [Target.Dependency] = [
    "Communication", "Recipes", "Runs", "Experiments", "Reports", "Pipeline",
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
]

let package = Package(
    name: "adiabat",
    products: [
        .executable(name: "adiabat", targets: ["adiabat"]),
        .library(name: "Adiabat", targets: ["Recipes", "Runs", "Experiments", "Reports", "Pipeline"]),
    ],
    traits: [
        .trait(name: "MPI", description: "Lattices spread over processes that mpirun or srun starts; needs libopenmpi-dev.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // C libraries from Debian
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "lapacke", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),

        // What it was built for, and what it does before it begins
        .target(
            name: "CArchitecture",
            cSettings: [
                .unsafeFlags(["-march=\(architecture)"]), .define("ADIABAT_ARCHITECTURE", to: "\"\(architecture)\""),
            ]),
        .target(name: "CProcessor", dependencies: ["CArchitecture"]),

        // Mathematics and geometry
        .target(name: "LatticeNumerics", dependencies: ["CFFTW", "COpenBLAS", "CProcessor"], swiftSettings: vectorized),
        .target(name: "Lattices", dependencies: ["LatticeNumerics"]),

        // Processes that share a lattice
        .target(
            name: "Communication",
            dependencies: ["Lattices", "LatticeNumerics", .target(name: "CMPI", condition: .when(traits: ["MPI"]))]),

        // Physics
        .target(name: "ForceFields", dependencies: ["Lattices", "LatticeNumerics"], swiftSettings: vectorized),
        .target(name: "Models", dependencies: ["ForceFields", "Lattices", "LatticeNumerics"], swiftSettings: vectorized),
        .target(
            name: "Electrons", dependencies: ["Models", "ForceFields", "Lattices", "LatticeNumerics"], swiftSettings: vectorized),
        .target(
            name: "LearnedForces",
            dependencies: ["Communication", "Models", "Electrons", "ForceFields", "Lattices", "LatticeNumerics"],
            swiftSettings: vectorized),
        .target(
            name: "Training",
            dependencies: ["Communication", "LearnedForces", "ForceFields", "Lattices", "LatticeNumerics"]),
        .target(
            name: "Dynamics", dependencies: ["Communication", "ForceFields", "Lattices", "LatticeNumerics"],
            swiftSettings: vectorized
        ),
        .target(name: "Observables", dependencies: ["Communication", "Lattices", "LatticeNumerics"], swiftSettings: vectorized),

        // Files, recipes, experiments, program
        .target(name: "Storage", dependencies: ["Communication", "LatticeNumerics", "CHDF5", "CCrypto", "CZlib"]),
        .target(name: "Recipes", dependencies: computing + [.product(name: "TOMLKit", package: "TOMLKit")]),
        .target(name: "Runs", dependencies: computing + ["Recipes"]),
        .target(name: "Experiments", dependencies: computing + ["Recipes", "Runs"]),
        .target(name: "Reports", dependencies: computing + ["Recipes", "Runs", "Experiments"]),
        .target(name: "Pipeline", dependencies: computing + ["Recipes", "Runs", "Experiments", "Reports"]),
        .executableTarget(name: "adiabat", dependencies: program),
        .executableTarget(
            name: "AdiabatBenchmarks",
            dependencies: program,
            exclude: ["Architectures", "LearningCurves", "Twins"], swiftSettings: vectorized),
        .executableTarget(name: "AdiabatEndurance", dependencies: program),

        // Tests, one target a room
        .testTarget(name: "LatticesTests", dependencies: ["Lattices", "LatticeNumerics"]),
        .testTarget(name: "CommunicationTests", dependencies: ["Communication"]),
        .testTarget(
            name: "ElectronsTests", dependencies: ["Models", "Electrons", "Storage"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "LearnedForcesTests",
            dependencies: ["Communication", "Models", "Electrons", "LearnedForces", "Training", "Storage"],
            resources: [.copy("Fixtures")]),
        .testTarget(name: "DynamicsTests", dependencies: ["Dynamics", "Communication", "ForceFields"]),
        .testTarget(name: "ObservablesTests", dependencies: ["Observables", "Communication", "Lattices", "LatticeNumerics"]),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "Communication", "LatticeNumerics"]),
        .testTarget(name: "WorkflowsTests", dependencies: program),
        .testTarget(name: "AdiabatEnduranceTests", dependencies: ["AdiabatEndurance", "adiabat"]),
        .testTarget(name: "AdiabatBenchmarksTests", dependencies: ["AdiabatBenchmarks"] + program),
    ]
)
