import Foundation

/// Prints a result as one line of JSON, keys sorted and in snake case: what other programs read.
func printLine(_ result: some Encodable) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        let line = try encoder.encode(result) + Data("\n".utf8)
        try FileHandle.standardOutput.write(contentsOf: line)
    } catch {
        // Not a number where a measurement was expected, or nobody reads any more.
        FileHandle.standardError.write(Data("EngineBenchmarks: \(error)\n".utf8))
        exit(1)
    }
}
