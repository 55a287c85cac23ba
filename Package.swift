// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "jacquard",
    products: [
        .library(name: "Engine", targets: ["TensorCore", "Autodiff", "Layers", "Training"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0")
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

        // Tests. TestSupport: oracles in Double, central differences and fixtures; it knows nothing of the engine.
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"]),
        .testTarget(name: "KernelsTests", dependencies: ["CKernels", "Kernels", "TestSupport"]),
        .testTarget(name: "TensorCoreTests", dependencies: ["Kernels", "TensorCore", "TestSupport"]),
        .testTarget(name: "AutodiffTests", dependencies: ["Kernels", "TensorCore", "Autodiff", "TestSupport"]),
        .testTarget(
            name: "LayersTests",
            dependencies: ["TestSupport", "Kernels", "TensorCore", "Autodiff", "Layers"]),
        // What a package that depends on this one can write: no access to what is not public.
        .testTarget(
            name: "PublicAPITests", dependencies: ["TensorCore", "Autodiff", "Layers", "TestSupport"],
            packageAccess: false),
    ]
)
