import Foundation
import Testing

/// What README, guides and articles show of Swift compiles and runs as it is printed, seen from outside of the package; what
/// documentation comments show compiles.
@Suite struct SnippetTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The Markdown files of the project that may hold Swift.
    private static func guides() throws -> [String] {
        var paths = ["README.md"]
        for folder in ["Documentation", "Sources/Jacquard/Jacquard.docc"] {
            let names = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            paths += names.filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
        }
        return paths
    }

    /// The Swift files of the package, for their documentation comments.
    private static func sources() throws -> [String] {
        let names = try #require(FileManager.default.enumerator(atPath: root.appendingPathComponent("Sources").path))
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { "Sources/\($0)" }
    }

    /// The documentation comments of a file, without what makes them comments.
    private static func comments(of path: String) throws -> String {
        try text(path).components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("///") }.map { $0.dropFirst(3) }.joined(separator: "\n")
    }

    /// Without its imports: those stand once in a file.
    private static func pieces(of path: String) throws -> [String] {
        let text = try path.hasSuffix(".swift") ? comments(of: path) : text(path)
        return text.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0].components(separatedBy: "\n").drop {
                $0.hasPrefix("import ") || $0.isEmpty
            }.joined(separator: "\n")
        }
    }

    /// Lines of code, wherever they are indented.
    private static func lines(_ text: String) -> String {
        "\n"
            + text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            .joined(separator: "\n") + "\n"
    }

    @Test func everyPieceOfSwiftIsInAFileThatIsCompiled() throws {
        var code = ""
        for folder in ["Tests/Support/PrintedSwift", "Tests/AddingALayerTests"] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Self.root.appendingPathComponent(folder).path)
            for name in names where name.hasSuffix(".swift") { code += try Self.lines(Self.text("\(folder)/\(name)")) }
        }
        var count = 0
        for path in try Self.guides() + Self.sources() {
            for piece in try Self.pieces(of: path) {
                #expect(code.contains(Self.lines(piece)), "\(path): not in a file that is compiled:\n\(piece)")
                count += 1
            }
        }
        #expect(count >= 34)
    }

    @Test func everyPieceRuns() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("snippets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("faces"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["poems.txt", "letters.txt"] {
            try Self.poems.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        let pictures = Self.root.appendingPathComponent("corpora/digits/3")
        let names = try FileManager.default.contentsOfDirectory(atPath: pictures.path).sorted().prefix(14)
        for (index, name) in names.enumerated() {
            try FileManager.default.copyItem(
                at: pictures.appendingPathComponent(name),
                to: folder.appendingPathComponent("faces/\(index == 0 ? "anna.png" : name)"))
        }
        try Self.writeDigits(to: folder)
        let houses = (0..<120).map { "\(30 + $0 % 90),\($0 % 7),\((30 + $0 % 90) * 3 - ($0 % 7) * 4)\n" }.joined()
        try ("size,distance,price\n" + houses).write(
            to: folder.appendingPathComponent("houses.csv"), atomically: true, encoding: .utf8)

        let process = Process(), output = Pipe()
        process.executableURL = Bundle.main.executableURL!.deletingLastPathComponent()
            .appendingPathComponent("PrintedSwift")
        process.currentDirectoryURL = folder
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let printed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(printed.suffix(2000))")
        // A figure of each kind that the pieces print.
        #expect(printed.contains("loss ") && printed.contains("accuracy ") && printed.contains("R² "))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).contains("decoded.png"))
    }

    private static let poems = (0..<90).map {
        "The loom is \(["still", "loud", "old", "warm"][$0 % 4]), the shuttle \(["flies", "rests", "waits"][$0 % 3]),\n"
            + "and \(["Anna", "Hester", "the river"][$0 % 3]) counts \($0 % 7) threads of \(["red", "gold"][$0 % 2]).\n\n"
    }.joined()

    /// 1,200 pictures of 28 × 28 in the format of MNIST, of ten classes: a bar at a height for each, on noise.
    private static func writeDigits(to folder: URL) throws {
        let count = 1200
        func header(_ magic: [UInt8], _ sizes: [Int]) -> Data {
            Data(magic) + Data(sizes.flatMap { size in [24, 16, 8, 0].map { UInt8(size >> $0 & 255) } })
        }
        var images = header([0, 0, 8, 3], [count, 28, 28]), labels = header([0, 0, 8, 1], [count])
        var state: UInt32 = 1
        for index in 0..<count {
            let label = index * 7 % 10
            labels.append(UInt8(label))
            for y in 0..<28 {
                for _ in 0..<28 {
                    state = state &* 1_664_525 &+ 1_013_904_223
                    images.append(y / 2 == label + 2 ? 200 : UInt8(state >> 27))
                }
            }
        }
        try images.write(to: folder.appendingPathComponent("t10k-images-idx3-ubyte.gz"))
        try labels.write(to: folder.appendingPathComponent("t10k-labels-idx1-ubyte.gz"))
    }
}
