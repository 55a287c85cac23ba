import CFuzzer
import Foundation
import FuzzTargets

// Without a command: libFuzzer with its own options, for the target that the environment names.
//   list                  names of all targets
//   explain               the same with what they read
//   longest TARGET        bytes of the longest input worth trying
//   words TARGET FILE     makes libFuzzer's dictionary
//   unpack TARGET FOLDER  makes a file of each input to begin with
//   pack TARGET FOLDER    keeps the inputs of a folder, the smallest first, up to so many bytes
let arguments = CommandLine.arguments.dropFirst(), mostKept = 48 << 10

func named(_ name: String?) -> FuzzTarget {
    guard let target = name.flatMap(FuzzTarget.named) else { fatalError("there is no target '\(name ?? "")'") }
    return target
}

switch (arguments.first, arguments.count) {
case ("list", 1):
    for target in FuzzTarget.all { print(target.name) }
case ("explain", 1):
    for target in FuzzTarget.all { print("  \(target.name): \(target.summary).") }
case ("longest", 2): print(named(arguments[2]).longest)
case ("words", 3):
    let lines = named(arguments[2]).words.map { word in
        let pieces = word.components(separatedBy: "\\x"), first = Array(pieces[0].utf8)
        let bytes = pieces.dropFirst().reduce(first) {
            $0 + [UInt8($1.prefix(2), radix: 16) ?? 0] + $1.dropFirst(2).utf8
        }
        return "\"" + bytes.map { String(format: "\\x%02x", $0) }.joined() + "\"\n"
    }
    try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: arguments[3]))
case ("unpack", 3):
    let target = named(arguments[2])
    let inputs = try target.seeds() + Corpus.inputs(of: target).map(\.bytes)
    for (number, input) in inputs.enumerated() {
        try Data(input).write(to: URL(fileURLWithPath: arguments[3]).appendingPathComponent("seed-\(number)"))
    }
case ("pack", 3):
    let target = named(arguments[2]), folder = URL(fileURLWithPath: arguments[3])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let inputs = try names.map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }
        .sorted { ($0.count, $0.description) < ($1.count, $1.description) }
    var room = mostKept
    let kept = inputs.prefix { input in
        room -= input.count + 4
        return room >= 0
    }
    try Corpus.keep(Array(kept), of: target)
    print("\(target.name): \(kept.count) inputs of \(inputs.count) are kept, \(mostKept - max(0, room)) bytes")
default:
    var count = CommandLine.argc
    var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(
        withUnsafeMutablePointer(to: &values) { pointer in
            LLVMFuzzerRunDriver(
                &count,
                UnsafeMutableRawPointer(pointer).assumingMemoryBound(
                    to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self)
            ) { bytes, count in
                Fuzzing.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
                return 0
            }
        })
}
