import Autoencoders
import Foundation
import Images
import ModelFiles
import TensorCore

/// Files in the formats of others, written while the disk fails or the power goes. Afterwards a path leads to the old file
/// whole or to the new one whole, nothing is left lying about, and what is thrown names the file. Codes, which are
/// written as they come, leave a beginning.
struct FileFaults {
    let trial: Trial

    private struct Writer: Sendable {
        let name: String
        var isStream = false
        let write: @Sendable (_ path: String, _ version: Int) throws -> Void
    }

    private static func tensors(_ version: Int) -> NamedTensors {
        NamedTensors([(name: "w", tensor: Tensor(repeating: Float(version), shape: [700]))])
    }

    private static func writeCodes(_ path: String, _ version: Int) throws {
        let writer = try CodeFile.writer(to: path, length: 3, OutputGuard(replacesAll: true))
        for part in 0..<3 {
            let values = (0..<6).map { Float(version * 100 + part * 10 + $0) }
            try writer.append(
                PictureCodes(
                    names: ["\(part)a", "\(part)b"], labels: [nil, "x"], codes: Tensor(values, shape: [2, 3])))
        }
        try writer.finish()
    }

    private static let writers = [
        Writer(name: "model.safetensors") { try Safetensors(tensors($1)).write(to: $0) },
        Writer(name: "model.npz") { try NumPyArchive(tensors($1)).write(to: $0) },
        Writer(name: "array.npy") { path, version in
            try NumPyArray(shape: [300], values: Array(repeating: Float(version), count: 300)).write(path: path)
        },
        Writer(name: "picture.png") { path, version in
            let pixels = (0..<900).map { UInt8(truncatingIfNeeded: $0 * version) }
            try PNG.write(Picture(width: 30, height: 30, channels: 1, pixels: pixels), path: path)
        },
        Writer(name: "output.svg") { path, version in
            try OutputGuard().write(Array(repeating: UInt8(version), count: 5000), to: path)
        },
        Writer(name: "codes.csv", isStream: true) { try writeCodes($0, $1) },
        Writer(name: "codes.npy", isStream: true) { try writeCodes($0, $1) },
    ]

    private static let before = Disk("before"), disk = Disk("disk"), image = Disk("image")

    func run(every: Int, seed: Int, cuts: Int, only: String?) throws {
        for writer in Self.writers {
            for isThere in [false, true] {
                let again = "DiskTrials files --only \(writer.name)-\(isThere)"
                if let only, only != "\(writer.name)-\(isThere)" { continue }
                try run(writer, isThere: isThere, every: every, seed: seed, cuts: cuts, again)
            }
        }
    }

    private func run(
        _ writer: Writer, isThere: Bool, every: Int, seed: Int, cuts: Int, _ again: String
    ) throws {
        try Self.disk.become()
        mkdir(Self.disk.file("out"), 0o777)
        let name = "out/" + writer.name, path = Self.disk.file(name)
        if isThere { try writer.write(path, 1) }
        try Self.before.become(copying: Self.disk)
        let old = bytes(Self.disk, name)
        Self.disk.watch()
        Disk.become(process: 0)
        Disk.plan()
        try writer.write(path, 2)
        let new = bytes(Self.disk, name), length = Disk.recordLength
        guard let new, new != old else { throw Problem("\(writer.name) is not written") }
        // The power goes at any moment, or when all is done.
        for number in 0..<cuts where !trial.isEnough {
            var dice = Dice(seed: UInt64(seed + number))
            let end = number % 3 == 0 ? length : 1 + dice.below(length)
            trial.attempt("\(again), cut \(seed + number)") {
                try Self.image.becomeImage(after: end, .seed(dice.next()))
                let found = bytes(Self.image, name)
                let isRight = end == length ? found == new : found == old || found == new || writer.isStream
                guard isRight else {
                    throw Problem("\(writer.name) has \(found?.count ?? -1) bytes, kept \(Disk.imageText)")
                }
            }
        }
        let all = Fault.allCases.flatMap { fault in
            Disk.operations(thatCan: fault).flatMap { operation in
                (fault == .killed || fault == .short ? [true] : [false, true]).map { (fault, operation, $0) }
            }
        }
        for (index, (fault, operation, forever)) in all.enumerated() where index % every == seed % every {
            guard !trial.isEnough else { break }
            trial.attempt("\(again), \(fault) at \(operation)\(forever ? " on" : "")") {
                try attempt(writer, name, old, new, fault, operation, forever)
            }
        }
        Disk.unwatch()
    }

    private func attempt(
        _ writer: Writer, _ name: String, _ old: Data?, _ new: Data, _ fault: Fault, _ operation: Int, _ forever: Bool
    ) throws {
        try Self.disk.become(copying: Self.before)
        Self.disk.watch()
        Disk.plan(fault, at: operation, forever: forever)
        let path = Self.disk.file(name), result = Result { try writer.write(path, 2) }
        let failed = Disk.firstFailure, isOpen = Disk.openCount
        Disk.plan()
        Disk.unwatch()
        guard isOpen == 0 else { throw Problem("\(isOpen) files stay open after \(failed)") }
        let found = bytes(Self.disk, name)
        var text = "it went on"
        if case .failure(let error) = result {
            text = "\(error)"
            trial.count("\(fault): \(text.replacing(Self.disk.path, with: "DISK"))")
            // Or the folder that it was to lie in, which has to stay as well.
            let isNamed = text.contains("/out/") || text.contains("/out: ")
            guard isNamed || fault == .killed else { throw Problem("no file is named: \(text)") }
            guard found == old || found == new || writer.isStream && isBeginning(found, of: new) else {
                throw Problem("\(found?.count ?? -1) bytes, \(failed) failed: \(text)")
            }
        } else {
            guard found == new else { throw Problem("it was said to be written, and is not; \(failed) failed") }
            // It may not be there after a power cut.
            guard fault == .killed || !failed.hasPrefix("fsync ") else {
                throw Problem("nobody said that \(failed) failed")
            }
        }
        let stray = Self.disk.files.filter(Contents.isUnfinished)
        guard
            stray.isEmpty || fault == .killed || failed.hasPrefix("unlink")
                || forever && [.denied, .io].contains(fault)
        else { throw Problem("left over: \(stray), \(failed) failed: \(text)") }
        // What is written next is ours, and may be replaced without a word.
        for version in [3, 4] {
            try OutputGuard().write(Array(repeating: UInt8(version), count: 10), to: Self.disk.file("out/next.svg"))
        }
        try writer.write(path, 2)
    }

    /// A table of which the last rows are missing, or an array.
    private func isBeginning(_ found: Data?, of new: Data) -> Bool {
        guard let found, !found.isEmpty else { return true }
        guard found.starts(with: Data([0x93])) else { return new.starts(with: found) }
        // Its head says how many rows there are.
        return found.count <= new.count
            && (found.count < 128 || found.dropFirst(128) == new.dropFirst(128).prefix(found.count - 128))
    }

    private func bytes(_ disk: Disk, _ name: String) -> Data? {
        try? Data(contentsOf: URL(fileURLWithPath: disk.file(name)))
    }
}
