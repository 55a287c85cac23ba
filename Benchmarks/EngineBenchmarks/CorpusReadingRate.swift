import Foundation
import Kernels
import TextCorpora

/// From a file of UTF-8 to ids under the vocabulary of its training part: time and memory.
struct CorpusReadingRate: Encodable {
    let benchmark = "corpus"
    let bytes: Int
    let characters: Int
    let distinctCharacters: Int
    /// Of one reading: the median of the repetitions.
    let seconds: Double
    let nanosecondsPerCharacter: Double
    /// Of reading the file with `read` and doing nothing with it.
    let plainReadSeconds: Double
    let idBytes: Int
    let memoryBytesBefore, memoryBytesPeak: Int
    let memoryBytesPerCharacter: Double

    init(_ path: String, repetitions: Int) throws {
        plainReadSeconds = try Self.secondsToRead(path)
        memoryBytesBefore = ProcessMemory.resident
        let clock = ContinuousClock()
        var times: [Double] = []
        var counts = (characters: 0, distinct: 0, idBytes: 0)
        var peak = 0
        for _ in 0..<max(1, repetitions) {
            let start = clock.now
            let corpus = try TextCorpus.read([path])
            let split = try corpus.split(validation: 0.1)
            let vocabulary = try Vocabulary(counting: corpus, in: split.training)
            let tokens = try corpus.tokens(using: vocabulary)
            times.append((clock.now - start).seconds)
            // The first reading's: a second one may find memory that the first has given back.
            if peak == 0 { peak = ProcessMemory.peak }
            counts = (tokens.count, vocabulary.count, corpus.memory)
        }
        times.sort()
        seconds = times[times.count / 2]
        (characters, distinctCharacters, idBytes) = counts
        memoryBytesPeak = peak
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        bytes = (attributes[.size] as? NSNumber)?.intValue ?? 0
        nanosecondsPerCharacter = seconds / Double(characters) * 1e9
        memoryBytesPerCharacter = Double(memoryBytesPeak - memoryBytesBefore) / Double(characters)
    }

    private static func secondsToRead(_ path: String) throws -> Double {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let size = 1 << 22
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        defer { buffer.deallocate() }
        let clock = ContinuousClock(), start = clock.now
        while read(file.fileDescriptor, buffer, size) > 0 {}
        return (clock.now - start).seconds
    }
}
