// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that building the main package never builds it. It sees public API only.
let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "jacquard", path: "..")],
    targets: [
        .executableTarget(
            name: "EngineBenchmarks",
            dependencies: [
                .product(name: "Engine", package: "jacquard"),
                .product(name: "LanguageModels", package: "jacquard"),
            ])
    ]
)
