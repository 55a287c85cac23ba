import Foundation
import CKernels
import Kernels

/// Numbers that need no random generator of the engine: a linear congruential sequence in [low, high).
func noise(_ count: Int, seed: UInt64 = 1, low: Float = -2, high: Float = 2) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1
    return withRoomBehind(count) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let strewn = StrewnNumbers.current
        if !strewn.isEmpty, state >> 32 & 7 == 0 { return strewn[Int(state >> 35) % strewn.count] }
        return low + (high - low) * Float(state >> 40) * 0x1p-24
    }
}

/// What an eighth of the numbers of ``noise(_:seed:low:high:)`` is instead, drawn from these.
enum StrewnNumbers {
    @TaskLocal static var current: [Float] = []

    /// Both zeros, numbers that are denormal and almost so, and ties.
    static let finite: [Float] = [
        0, -0.0, 0, -0.0, 1e-40, -1e-40, .leastNonzeroMagnitude, .leastNormalMagnitude, -.leastNormalMagnitude, 0.5,
        0.5, 1, 1,
    ]
    static let notFinite: [Float] = [.nan, .infinity, -.infinity]
}

func zeros(_ count: Int) -> [Float] { withRoomBehind(count) { 0 } }

/// An array behind which there is memory of its own, as a tensor's storage has it: kernels read whole vectors.
private func withRoomBehind(_ count: Int, _ next: () -> Float) -> [Float] {
    var array: [Float] = []
    array.reserveCapacity(count + 32)
    for _ in 0..<count { array.append(next()) }
    return array
}

extension InstructionSet {
    /// The table, for a set that this machine can run.
    var table: CKKernels {
        guard let kernels else { preconditionFailure("\(rawValue) is not available") }
        return kernels
    }
}

/// A tree of control groups: file names and what they hold.
func controlGroups(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("groups-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (name, text) in files {
        let file = root.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
    try body(root.path)
}
