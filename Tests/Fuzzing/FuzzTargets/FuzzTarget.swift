/// One way by which data from anywhere come in: what reads them, given any bytes at all.
///
/// Errors of the readers are answers. What is wrong stops the program (a trap, an access outside of memory, an endless
/// loop), or contradicts something that must hold, which ``run`` throws as ``Contradiction``.
package struct FuzzTarget: Sendable {
    /// As it is typed; its inputs are kept in `Corpora` under this name.
    package let name: String
    /// What it reads, and what must hold, in a sentence.
    package let summary: String
    /// Words of the format that chance would be long in finding.
    package let words: [String]
    /// The longest input that is worth trying, in bytes.
    package let longest: Int
    /// Makes an input's lengths and check sums right, as far as the format has any: else every change would be refused
    /// at the door. Gets the bytes after a change and gives them back.
    package let mend: (@Sendable ([UInt8]) -> [UInt8])?
    /// Inputs to begin with.
    package let seeds: @Sendable () throws -> [[UInt8]]
    /// - Throws: ``Contradiction``
    package let run: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, _ summary: String, words: [String] = [], longest: Int = 4096,
        mend: (@Sendable ([UInt8]) -> [UInt8])? = nil, seeds: @escaping @Sendable () throws -> [[UInt8]],
        run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        (self.name, self.summary, self.words, self.longest) = (name, summary, words, longest)
        (self.mend, self.seeds, self.run) = (mend, seeds, run)
    }

    package static let all: [FuzzTarget] = [
        text, gzip, vocabulary, plans, options, words, idx, numPy, codes, png, jpeg, orientation, pictures, safetensors,
        weights, store, requests,
    ]

    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Something that must hold does not.
package struct Contradiction: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// - Throws: ``Contradiction``
func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
    guard holds else { throw Contradiction(what()) }
}

/// What `body` gives; nil where it refuses, which it must say in words that a terminal can show.
/// - Throws: ``Contradiction``
func attempt<Result>(_ body: () throws -> Result) throws -> Result? {
    do {
        return try body()
    } catch let error as Contradiction {
        throw error
    } catch {
        try demand(!"\(error)".isEmpty, "an error of type \(type(of: error)) without words")
        return nil
    }
}
