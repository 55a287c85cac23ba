// swift-tools-version: 6.1
import PackageDescription

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let protocolBuffers = Target.Dependency.product(
    name: "SwiftProtobuf", package: "swift-protobuf", condition: .when(traits: ["ONNX"]))
let serverLibraries: [Target.Dependency] = [
    ("Hummingbird", "hummingbird"), ("HummingbirdCore", "hummingbird"), ("Logging", "swift-log"),
    ("NIOCore", "swift-nio"), ("NIOHTTPTypes", "swift-nio-extras"), ("ServiceLifecycle", "swift-service-lifecycle"),
    ("UnixSignals", "swift-service-lifecycle"),
].map { .product(name: $0, package: $1, condition: .when(traits: ["Server"])) }
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "jacquard",
    products: [
        .executable(name: "charnn", targets: ["charnn"]),
        .executable(name: "ae", targets: ["ae"]),
        .executable(name: "lessons", targets: ["lessons"]),
        .executable(name: "jacquard-server", targets: ["jacquard-server"]),
        .library(name: "Jacquard", targets: ["Jacquard"]),
    ],
    traits: [
        .trait(
            name: "Server",
            description: "jacquard-server, and the libraries that it is made of. Without it they are not even fetched."),
        .trait(
            name: "ONNX",
            description: "Models as ONNX files. Without it the library of Protocol Buffers is not even fetched."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        // Only `swift package generate-documentation` builds it.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // Level 0: C, inner loops and the doors of C libraries.
        .target(
            name: "CKernels",
            exclude: ["bodies"],
            cSettings: [.headerSearchPath(".")],
            linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CDigests"),
        .target(
            name: "CCodecs",
            linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("exif")]),
        .target(name: "CSQLiteGuards", linkerSettings: [.linkedLibrary("sqlite3")]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

        // What stops a program whose programmer was wrong.
        .target(name: "Requirements"),

        // The engine, each level on the ones above it in this list.
        .target(name: "Kernels", dependencies: ["CKernels", "Requirements"]),
        .target(
            name: "TensorCore",
            dependencies: [
                "CKernels", "Requirements", "Kernels",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(name: "Autodiff", dependencies: ["CKernels", "Requirements", "Kernels", "TensorCore"]),
        // How layers are made fast; what they are stands in Layers.
        .target(name: "LayerEngines", dependencies: ["CKernels", "Requirements", "Kernels", "TensorCore", "Autodiff"]),
        .target(name: "Layers", dependencies: ["Requirements", "Kernels", "TensorCore", "Autodiff", "LayerEngines"]),
        .target(
            name: "Training",
            dependencies: ["CKernels", "Requirements", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers"]),

        // Text and pictures in, tensors stored: none knows another, nor a model.
        .target(name: "Digests", dependencies: ["CDigests"]),
        .target(name: "FileTrees"),
        .target(name: "ByteStreams", dependencies: ["CZlib", "Requirements", "FileTrees"]),
        // Curves as text, for pages and figures.
        .target(name: "VectorDrawing", dependencies: ["FileTrees"]),
        // Documents for a browser: their style, policy and pieces.
        .target(name: "PageParts", dependencies: ["Requirements", "Digests", "FileTrees", "VectorDrawing"]),
        .target(
            name: "TextCorpora", dependencies: ["Requirements", "Digests", "FileTrees", "ByteStreams", "TensorCore"]),
        .target(
            name: "Images",
            dependencies: [
                "CCodecs", "CZlib", "Requirements", "Digests", "FileTrees", "ByteStreams", "Kernels", "TensorCore",
                "VectorDrawing",
            ]),
        .target(
            name: "Checkpoints",
            dependencies: ["CSQLiteGuards", "CZlib", "Requirements", "TensorCore", "Digests", "FileTrees", grdb]),

        // The map of codes for a browser. A target of its own: its script and style are compiled in.
        .target(
            name: "MapExplorer", dependencies: ["FileTrees", "PageParts"],
            resources: [.embedInCode("map.js"), .embedInCode("map.css")]),

        // Weights in the files of others.
        .target(
            name: "ModelFiles",
            dependencies: ["CZlib", "Requirements", "FileTrees", "ByteStreams", "TensorCore", protocolBuffers]),

        // The page of the server, its parts compiled in. Nothing but the server builds it.
        .target(
            name: "ServerPage", dependencies: ["MapExplorer", "PageParts"],
            resources: [
                "page.html", "page.css", "dom.js", "server.js", "app.js", "manuscript.js", "editor.js",
                "alternatives.js",
                "continuations.js", "settings.js", "texts.js", "write.js", "charts.js", "runs.js", "see.js",
                "see.css", "start.js",
            ].map { .embedInCode($0) }),

        // Where they meet: runs in a store, and models as calls, without printing.
        .target(
            name: "TrainingRuns",
            dependencies: ["Kernels", "TensorCore", "Autodiff", "Training", "Checkpoints", "FileTrees"]),
        .target(
            name: "LanguageModels",
            dependencies: [
                "ModelFiles",
                "Requirements", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "Training",
                "TrainingRuns",
                "TextCorpora", "Checkpoints", "Digests", "FileTrees",
            ]),
        .target(
            name: "Autoencoders",
            dependencies: [
                "ModelFiles",
                "Requirements", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "Training",
                "TrainingRuns", "Images",
                "Checkpoints", "FileTrees", "ByteStreams", "VectorDrawing",
            ]),
        .target(
            name: "CommandLineSupport",
            dependencies: [
                "ModelFiles",
                "Requirements", "Kernels", "TensorCore", "Training", "TrainingRuns", "Checkpoints", "FileTrees",
                "ByteStreams", "PageParts", "VectorDrawing", argumentParser,
            ]),

        // Models behind requests that come at the same time, without a protocol.
        .target(
            name: "ServedModels",
            dependencies: [
                "Kernels", "TensorCore", "Checkpoints", "TextCorpora", "Images", "TrainingRuns", "LanguageModels",
                "Autoencoders", "MapExplorer",
            ]),

        // What requests of the server mean, without a protocol.
        .target(
            name: "ServerRequests",
            dependencies: ["CommandLineSupport", "LanguageModels", "ServedModels", "TextCorpora", "TrainingRuns"]),

        // What reports on runs know of texts and of pictures, for the commands and the server.
        .target(
            name: "TextRunReports",
            dependencies: [
                "ModelFiles", "LanguageModels", "CommandLineSupport", "TensorCore", "TextCorpora", "Training",
                "TrainingRuns", "Checkpoints", "FileTrees",
            ]),
        .target(
            name: "PictureRunReports",
            dependencies: [
                "ModelFiles", "Autoencoders", "CommandLineSupport", "TensorCore", "Images", "Training", "TrainingRuns",
                "Checkpoints", "FileTrees",
            ]),

        // Twenty small models whose every bit is known, and the command that computes them again.
        .target(
            name: "SelfTest",
            dependencies: [
                "Autodiff", "Autoencoders", "Checkpoints", "CommandLineSupport", "Digests", "FileTrees", "Images",
                "Kernels", "LanguageModels", "TensorCore", "TextCorpora", "Training", "TrainingRuns", argumentParser,
            ]),

        // The public face: data sets, losses, metrics and a trainer for networks of one's own, and text and pictures as
        // calls. It re-exports what the engine makes public.
        .target(
            name: "Jacquard",
            dependencies: [
                "Requirements", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "Training",
                "TrainingRuns",
                "Checkpoints",
                "TextCorpora", "Images", "LanguageModels", "Autoencoders", "FileTrees", "Digests",
            ]),

        // The commands: arguments and printing.
        .executableTarget(
            name: "charnn",
            dependencies: [
                "TextRunReports", "SelfTest", "ModelFiles",
                "LanguageModels", "CommandLineSupport", "Kernels", "TensorCore", "Training", "TrainingRuns",
                "TextCorpora", "FileTrees", "ByteStreams", "Checkpoints", argumentParser,
            ]),
        .executableTarget(
            name: "ae",
            dependencies: [
                "PictureRunReports", "SelfTest", "ModelFiles",
                "Autoencoders", "CommandLineSupport", "Kernels", "TensorCore", "Training", "TrainingRuns", "Images",
                "Checkpoints", "FileTrees", "MapExplorer", "VectorDrawing", argumentParser,
            ]),

        // The server on a store: an empty program without the trait of its name.
        .executableTarget(
            name: "jacquard-server",
            dependencies: [
                "Autoencoders", "Checkpoints", "CommandLineSupport", "Digests", "FileTrees", "LanguageModels",
                "PictureRunReports",
                "Images", "MapExplorer", "ServedModels", "ServerPage", "ServerRequests", "TensorCore", "TextCorpora",
                "TextRunReports",
                "TrainingRuns",
                argumentParser,
            ] + serverLibraries,
            resources: [.embedInCode("openapi.json")]),

        // Every system of the book "Deep Learning from Scratch": the lessons, as somebody else's program would say them, and
        // the command that runs them and draws their figures.
        .target(name: "DrawnDigits"),
        .target(name: "BookLessons", dependencies: ["Jacquard", "DrawnDigits"], packageAccess: false),
        .executableTarget(
            name: "lessons",
            dependencies: [
                "BookLessons", "DrawnDigits", "Jacquard", "Autoencoders", "Images", "CommandLineSupport",
                "VectorDrawing", argumentParser,
            ]),

        // What Documentation/Benchmarks.md measures: the engine below its public face.
        .executableTarget(
            name: "EngineBenchmarks",
            dependencies: [
                "Jacquard", "CKernels", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "Training",
                "TextCorpora",
                "LanguageModels",
            ],
            path: "Benchmarks/EngineBenchmarks"),

        // Tests. TestSupport: oracles in Double, central differences and fixtures; it knows nothing of the engine.
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"]),
        .testTarget(name: "KernelsTests", dependencies: ["CKernels", "Kernels", "TestSupport"]),
        .testTarget(name: "TensorCoreTests", dependencies: ["CKernels", "Kernels", "TensorCore", "TestSupport"]),
        .testTarget(
            name: "AutodiffTests", dependencies: ["CKernels", "Kernels", "TensorCore", "Autodiff", "TestSupport"]),
        .testTarget(
            name: "LayersTests",
            dependencies: ["CKernels", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "TestSupport"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "CKernels", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "Training", "TestSupport",
            ]),
        .testTarget(name: "DigestsTests", dependencies: ["Digests"]),
        .testTarget(name: "FileTreesTests", dependencies: ["FileTrees", "TestSupport"]),
        .testTarget(
            name: "TextCorporaTests",
            dependencies: ["TextCorpora", "ByteStreams", "Digests", "FileTrees", "CZlib", "TestSupport"]),
        .testTarget(
            name: "ImagesTests",
            dependencies: ["Images", "ByteStreams", "FileTrees", "TensorCore", "CZlib", "TestSupport"]),
        .testTarget(name: "VectorDrawingTests", dependencies: ["VectorDrawing"]),
        .testTarget(name: "ServerPageTests", dependencies: ["ServerPage"]),
        .testTarget(name: "PagePartsTests", dependencies: ["PageParts"]),
        .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "TensorCore", "TestSupport"]),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: [
                "TensorCore", "Digests", "FileTrees", "Checkpoints", "StoreStressTool", "TestSupport", grdb,
            ]),
        // A process of its own for tests that kill one, or need two.
        .executableTarget(
            name: "StoreStressTool", dependencies: ["TensorCore", "Checkpoints", grdb],
            path: "Tests/Support/StoreStressTool"),
        // A program whose disk fails and whose power goes: no test links it, since it takes the place of the system's
        // calls in all of a process.
        .target(name: "CFailingDisk", path: "Tests/Support/CFailingDisk"),
        .executableTarget(
            name: "DiskTrials",
            dependencies: [
                "CFailingDisk", "TensorCore", "TextCorpora", "Checkpoints", "Training", "TrainingRuns",
                "LanguageModels", "ModelFiles", "Images", "Autoencoders", "Kernels", grdb,
            ],
            path: "Tests/Support/DiskTrials"),
        // The Swift that README and guides print, as a program of somebody else's.
        .executableTarget(
            name: "PrintedSwift", dependencies: ["Jacquard"], path: "Tests/Support/PrintedSwift", packageAccess: false),
        // What Documentation/AddingALayer.md builds, compiled as a user of the package would.
        .testTarget(name: "AddingALayerTests", dependencies: ["Jacquard", "TestSupport"], packageAccess: false),
        .testTarget(
            name: "PublicAPITests", dependencies: ["PrintedSwift"], packageAccess: false),
        // Data sets and the trainer as a program outside of this package sees them.
        .testTarget(name: "JacquardTests", dependencies: ["Jacquard", "TestSupport"], packageAccess: false),
        .testTarget(
            name: "BookLessonsTests", dependencies: ["BookLessons", "DrawnDigits", "Jacquard", "TestSupport"],
            packageAccess: false),
        .testTarget(
            name: "LanguageModelsTests",
            dependencies: [
                "ModelFiles",
                "LanguageModels", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "Training",
                "TrainingRuns",
                "TextCorpora", "Checkpoints", "Digests", "TestSupport", grdb,
            ]),
        .testTarget(
            name: "AutoencodersTests",
            dependencies: [
                "Autoencoders", "ModelFiles", "Kernels", "TensorCore", "Autodiff", "LayerEngines", "Layers", "Training",
                "TrainingRuns", "Images",
                "Checkpoints", "Digests", "TestSupport",
            ]),
        .testTarget(
            name: "SelfTestTests",
            dependencies: ["SelfTest", "LanguageModels", "Training", "Kernels", "TensorCore"]),
        .testTarget(
            name: "ServedModelsTests",
            dependencies: [
                "ServedModels", "Autoencoders", "Images", "Jacquard", "LanguageModels", "MapExplorer", "Checkpoints",
                "TrainingRuns", "Kernels", "TensorCore", "TextCorpora", "TestSupport",
            ]),
        .testTarget(
            name: "CommandLineSupportTests",
            dependencies: ["CommandLineSupport", "TrainingRuns", "Checkpoints", "Kernels", "TensorCore", "TestSupport"]),
        // Everything by which data from anywhere come in, given any bytes: `scripts/fuzz` tries what it can think of, the tests
        // what was kept.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "CCodecs", "CZlib", "FileTrees", "ByteStreams", "TensorCore", "TextCorpora", "Images", "ModelFiles",
                "Checkpoints", "PageParts", "TrainingRuns", "LanguageModels", "Autoencoders", "CommandLineSupport",
                "TextRunReports", "PictureRunReports", "ServedModels", "ServerRequests", grdb,
            ],
            path: "Tests/Fuzzing/FuzzTargets"),
        .testTarget(
            name: "FuzzTargetsTests", dependencies: ["FuzzTargets", "Checkpoints", "Autoencoders", "TestSupport"]),
        // The built programs as a user's shell runs them, and what they are given to train on.
        .target(name: "BuiltPrograms", dependencies: ["Images"], path: "Tests/Support/BuiltPrograms"),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "BuiltPrograms", "charnn", "ae", "lessons", "jacquard-server", "Checkpoints", "Digests", "Images",
                "ModelFiles", "TensorCore", "TestSupport", grdb,
            ]),
        // Of `ae`: a target of its own, so that both compile at the same time.
        .testTarget(
            name: "PictureCommandTests",
            dependencies: ["BuiltPrograms", "charnn", "ae", "Images", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

// An import is an implementation detail unless it says otherwise, and a file imports what it uses.
for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}

// `scripts/fuzz`: what reads is told to report where it goes, and libFuzzer is linked.
if Context.environment["JACQUARD_FUZZING"] != nil {
    let reading = [
        "CCodecs", "CDigests", "FileTrees", "ByteStreams", "TextCorpora", "Images", "ModelFiles", "Checkpoints",
        "PageParts",
        "TrainingRuns", "LanguageModels", "Autoencoders", "CommandLineSupport", "TextRunReports", "PictureRunReports",
        "ServedModels", "ServerRequests",
    ]
    for target in package.targets where reading.contains(target.name) {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer"])]
        target.cSettings = (target.cSettings ?? []) + [.unsafeFlags(["-fsanitize=fuzzer-no-link"])]
    }
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/Fuzzing/FuzzProgram",
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
}
