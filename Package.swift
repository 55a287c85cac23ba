// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "jacquard",
    targets: [
        // Oracles in Double, central differences and fixtures: knows nothing of the engine it is compared with.
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"]),
    ]
)
