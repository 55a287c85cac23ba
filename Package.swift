// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "jacquard",
    products: [
        .library(name: "TextCorpora", targets: ["TextCorpora"])
    ],
    targets: [
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "CDigests"),
        .target(name: "Digests", dependencies: ["CDigests"]),
        .target(name: "TextCorpora", dependencies: ["CZlib", "Digests"]),
        .testTarget(name: "DigestsTests", dependencies: ["Digests"]),
        .testTarget(name: "TextCorporaTests", dependencies: ["TextCorpora", "Digests", "CZlib"]),
    ],
    swiftLanguageModes: [.v6]
)
