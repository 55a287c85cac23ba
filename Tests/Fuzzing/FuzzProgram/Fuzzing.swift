import CFuzzer
import Foundation
import FuzzTargets

/// What libFuzzer calls. The target is that of the environment, which libFuzzer's own child processes inherit.
enum Fuzzing {
    static let variable = "JACQUARD_FUZZ_TARGET"

    static let target: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment[variable] ?? ""
        guard let target = FuzzTarget.named(name) else { fatalError("there is no target '\(name)'") }
        return target
    }()

    static func run(_ bytes: [UInt8]) {
        do {
            try target.run(bytes)
        } catch {
            FileHandle.standardError.write(Data("== contradiction: \(error)\n".utf8))
            abort()
        }
    }
}

/// libFuzzer's change of an input, after which its lengths and sums are made right nine times in ten.
@c(LLVMFuzzerCustomMutator)
func change(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
    let changed = LLVMFuzzerMutate(bytes, count, most)
    guard let mend = Fuzzing.target.mend, seed % 10 != 0 else { return changed }
    let mended = mend(Array(UnsafeBufferPointer(start: bytes, count: changed)))
    guard mended.count <= most else { return changed }
    for (index, byte) in mended.enumerated() { bytes[index] = byte }
    return mended.count
}
