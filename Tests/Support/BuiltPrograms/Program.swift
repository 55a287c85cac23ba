package import Foundation
import Testing

/// A program as a user's shell would run it.
package struct Program {
    package let path: String

    /// `charnn` or `ae`, built beside the tests.
    package static func named(_ name: String) throws -> Program {
        let files = FileManager.default
        var candidates: [String] = []
        if let own = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe") { candidates.append(own) }
        // The testing library has a runner of its own, which is told where the tests are.
        candidates += CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        for candidate in candidates {
            let url = URL(fileURLWithPath: candidate).deletingLastPathComponent().appendingPathComponent(name)
            if files.isExecutableFile(atPath: url.path) { return Program(path: url.path) }
        }
        throw MissingProgram(candidates: candidates)
    }

    private struct MissingProgram: Error { let candidates: [String] }

    package struct Result {
        /// Minus the signal that ended it, if one did.
        package var status: Int
        package var output: String
        package var errors: String
    }
}

/// A folder that goes away with the test, in which programs are run.
package final class Workplace {
    package let url: URL
    package let program: Program

    /// - Parameters:
    ///   - name: of the program that is meant when none is said.
    ///   - place: the folder that it is made in.
    package init(_ name: String = "charnn", in place: URL = FileManager.default.temporaryDirectory) throws {
        program = try .named(name)
        url = place.appendingPathComponent("\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    package func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    @discardableResult
    package func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return name
    }

    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
    }

    /// All files below, by their paths.
    package var files: [String] {
        let all = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return all.filter { !$0.hasPrefix(".out") && !$0.hasPrefix(".err") }.sorted()
    }

    /// Runs the program and waits.
    package func run(_ arguments: String..., environment: [String: String] = [:], input: String? = nil) throws
        -> Program.Result
    {
        try start(arguments, environment: environment, input: input).wait()
    }

    /// Runs a shell script, in which `$charnn` and `$ae` are the programs.
    package func shell(_ script: String, environment: [String: String] = [:]) throws -> Program.Result {
        try start(["-c", script], of: "/bin/sh", environment: environment).wait()
    }

    /// - Parameters:
    ///   - keyboard: where standard input comes from, such as a terminal.
    ///   - output: where standard output goes instead of into the result, such as a terminal.
    ///   - errors: the same of standard error.
    package func start(
        _ arguments: [String], of executable: String? = nil, environment: [String: String] = [:], input: String? = nil,
        keyboard: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
    ) throws -> RunningProgram {
        var variables = ProcessInfo.processInfo.environment
        for name in ["JACQUARD_STORE", "JACQUARD_ISA", "TERM"] { variables[name] = nil }
        // Tests run side by side.
        variables["JACQUARD_THREADS"] = "1"
        for name in ["charnn", "ae"] { variables[name] = try Program.named(name).path }
        variables.merge(environment) { $1 }
        return try RunningProgram(
            executable ?? program.path, arguments, in: url, environment: variables, input: input,
            keyboard: keyboard, outputs: (output, errors))
    }
}

/// A program that has been started; what it prints goes to files.
package final class RunningProgram {
    private let process = Process()
    private let output: URL
    private let errors: URL

    package init(
        _ path: String, _ arguments: [String], in folder: URL, environment: [String: String], input: String?,
        keyboard: Int32? = nil, outputs: (Int32?, Int32?) = (nil, nil)
    ) throws {
        let id = UUID().uuidString
        output = folder.appendingPathComponent(".out-\(id)")
        errors = folder.appendingPathComponent(".err-\(id)")
        for url in [output, errors] { try Data().write(to: url) }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardOutput = try outputs.0.map(FileHandle.init(fileDescriptor:)) ?? FileHandle(forWritingTo: output)
        process.standardError = try outputs.1.map(FileHandle.init(fileDescriptor:)) ?? FileHandle(forWritingTo: errors)
        if let keyboard {
            process.standardInput = FileHandle(fileDescriptor: keyboard)
        } else if let input {
            let file = folder.appendingPathComponent(".out-in-\(id)")
            try Data(input.utf8).write(to: file)
            process.standardInput = try FileHandle(forReadingFrom: file)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
    }

    package var errorsSoFar: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }
    package var identifier: Int32 { process.processIdentifier }
    package var isRunning: Bool { process.isRunning }

    package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until standard error holds a text, or the program has ended.
    package func waitFor(_ text: String) { wait(until: { errorsSoFar.contains(text) }) }

    /// Waits until something is so, or the program has ended: however long either takes.
    package func wait(until isSo: () -> Bool) {
        while process.isRunning, !isSo() { usleep(10_000) }
    }

    package func wait() -> Program.Result {
        process.waitUntilExit()
        let status = Int(process.terminationStatus)
        return Program.Result(
            status: process.terminationReason == .uncaughtSignal ? -status : status,
            output: (try? String(contentsOf: output, encoding: .utf8)) ?? "", errors: errorsSoFar)
    }
}
