// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "jacquard",
    products: [
        .library(name: "Engine", targets: ["TensorCore", "Autodiff", "Layers", "Training"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Level 0: C, inner loops and the doors of C libraries.
        .target(
            name: "CKernels",
            exclude: ["bodies"],
            cSettings: [.headerSearchPath(".")],
            linkerSettings: [.linkedLibrary("m")]),

        // The engine, each level on the ones above it in this list.
        .target(name: "Kernels", dependencies: ["CKernels"]),
        .target(
            name: "TensorCore",
            dependencies: ["CKernels", "Kernels", .product(name: "OrderedCollections", package: "swift-collections")]),
        .target(name: "Autodiff", dependencies: ["CKernels", "Kernels", "TensorCore"]),
        .target(name: "Layers", dependencies: ["CKernels", "Kernels", "TensorCore", "Autodiff"]),
        .target(name: "Training", dependencies: ["CKernels", "Kernels", "TensorCore", "Autodiff", "Layers"]),

        // Tensors by name, and what belongs to them, in a file.
        .target(name: "CDigests"),
        .target(name: "Digests", dependencies: ["CDigests"]),
        .target(
            name: "Checkpoints",
            dependencies: ["TensorCore", "Digests", .product(name: "GRDB", package: "GRDB.swift")]),

        // Tests.
        .testTarget(name: "DigestsTests", dependencies: ["Digests"]),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: [
                "TensorCore", "Digests", "Checkpoints", "StoreStressTool",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        // A process of its own for tests that kill one, or need two.
        .executableTarget(
            name: "StoreStressTool",
            dependencies: ["TensorCore", "Checkpoints", .product(name: "GRDB", package: "GRDB.swift")],
            path: "Tests/Support/StoreStressTool"),
    ]
)
