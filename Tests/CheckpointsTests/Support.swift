import Checkpoints
import Foundation
import TensorCore
import Testing
import TestSupport

extension TemporaryFolder {
    var store: String { file("jacquard.sqlite") }

    /// Bytes of a file in the folder.
    func size(_ name: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: file(name))[.size] as? Int)
    }
}

struct Settings: Codable, Equatable, Sendable {
    var seed = 1
    var cell = "lstm"
    var hidden = [256, 128]
}

struct CorpusNote: Codable, Equatable, Sendable {
    var paths = ["a/b.txt"]
    var characters = 1_115_394
}

func description(_ name: String? = nil, base: String = "tinyshakespeare", kind: String = "charnn") -> RunDescription {
    RunDescription(name: name, baseName: base, kind: kind, configuration: Settings(), corpus: CorpusNote())
}

/// Numbers that are all different, and not the ones of another seed.
func tensor(_ shape: Shape, seed: UInt32) -> Tensor {
    let bits = (0..<shape.count).map { (UInt32($0) &* 2_654_435_761 ^ seed) & 0x3fff_ffff }
    return Tensor(bits.map { Float(bitPattern: $0) }, shape: shape)
}

func checkpoint(step: Int, loss: Double? = nil, shape: Shape = [3, 5], state: String = #"{"cursor":7}"#) -> Checkpoint {
    let seed = UInt32(step)
    let weights = NamedTensors([
        (name: "rnn.weight_hh_l0", tensor: tensor(shape, seed: seed)),
        (name: "rnn.bias", tensor: tensor([7], seed: seed &+ 1)),
    ])
    return Checkpoint(
        step: step, epoch: Double(step) / 8, validationLoss: loss,
        sections: [
            .parameter: weights,
            .buffer: NamedTensors([(name: "running_mean", tensor: tensor([2], seed: seed &+ 2))]),
            .optimizer: NamedTensors([(name: "adam.m.rnn.bias", tensor: tensor([7], seed: seed &+ 3))]),
            .state: NamedTensors([(name: "hidden.0", tensor: tensor([2, 4], seed: seed &+ 4))]),
        ],
        state: Data(state.utf8))
}

/// The error that `body` throws, which has to be a `StoreError`.
func storeError(_ body: () throws -> Void) throws -> StoreError {
    do {
        try body()
    } catch let error as StoreError {
        return error
    }
    Issue.record("nothing was thrown")
    return .noStore(path: "")
}

/// A program that is built beside the tests: `StoreStressTool`, or another one.
final class Tool {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    convenience init(_ arguments: String...) throws { try self.init(named: "StoreStressTool", arguments) }

    init(named name: String, _ arguments: [String]) throws {
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: executable).deletingLastPathComponent()
            .appendingPathComponent(name)
        if !FileManager.default.isExecutableFile(atPath: process.executableURL?.path ?? "") {
            // The testing library has a runner of its own, which is told where the tests are.
            let bundle = try #require(CommandLine.arguments.first { $0.hasSuffix(".xctest") })
            process.executableURL = URL(fileURLWithPath: bundle).deletingLastPathComponent()
                .appendingPathComponent(name)
        }
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = input
        try process.run()
    }

    /// Waits for a first line.
    func readSome() -> String { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }

    /// What it printed, and how it ended: its status, or minus the signal that killed it.
    func wait() -> (output: String, status: Int) {
        try? input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let status = Int(process.terminationStatus)
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return (text, process.terminationReason == .uncaughtSignal ? -status : status)
    }
}
