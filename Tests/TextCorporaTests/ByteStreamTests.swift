import ByteStreams
import FileTrees
import Foundation
import Testing
import TestSupport
import TextCorpora

/// The bytes of a file in order, compressed or not, however they are asked for.
@Suite struct ByteStreamTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func stream(_ bytes: [UInt8], _ largestExpansion: Int = .max) throws -> ByteStream<TextError> {
        try folder.write("bytes", bytes)
        return try ByteStream(RawPath(folder.file("bytes")), largestExpansion: largestExpansion)
    }

    /// No period, and nothing that compresses much.
    private func noise(_ count: Int) -> [UInt8] {
        var state = UInt32(count) &+ 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }

    private func read(_ stream: ByteStream<TextError>, _ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xAA, count: count)
        let got = try bytes.withUnsafeMutableBytes { try stream.read(into: $0) }
        #expect(bytes[got...].allSatisfy { $0 == 0xAA })
        return Array(bytes[..<got])
    }

    /// Sizes about that of its buffer, and pieces that do not divide them.
    @Test(arguments: [0, 1, 2, 262_143, 262_144, 262_145, 600_000], [false, true])
    func everyWayToReadGivesTheSame(count: Int, isCompressed: Bool) throws {
        let bytes = noise(count), file = isCompressed ? gzip(bytes) : bytes
        let stream = try stream(file)
        #expect(stream.isCompressed == isCompressed && stream.fileSize == file.count)
        #expect(stream.largestSize == (isCompressed ? 1032 * file.count : count))
        var found: [UInt8] = [], piece = 1
        while try !stream.isAtEnd() {
            let left = count - found.count
            let peeked = try stream.peek(piece)
            #expect(Array(peeked) == Array(bytes[found.count..<found.count + min(piece, left)]))
            // Asked for again, the same; and less of it.
            #expect(
                try Array(stream.peek(piece)) == Array(peeked) && stream.peek(piece / 2).count == min(piece / 2, left))
            let skipped = peeked.count / 3
            found += peeked.prefix(skipped)
            stream.skip(skipped)
            found += try read(stream, piece % 2 == 0 ? piece : 2 * piece)
            piece = piece * 7 % 100_003
        }
        #expect(found == bytes)
        #expect(try read(stream, 10).isEmpty && stream.peek(10).isEmpty)
        #expect(stream.bytesGiven == count && stream.bytesTaken == file.count)
    }

    @Test func allAtOnce() throws {
        let bytes = noise(700_001)
        for file in [bytes, gzip(bytes)] {
            let whole = try stream(file)
            #expect(try read(whole, bytes.count) == bytes && whole.isAtEnd())
            let more = try stream(file)
            #expect(try read(more, bytes.count + 5) == bytes)
            let parts = try stream(file)
            #expect(try Array(parts.peek(300_000)) == Array(bytes[..<300_000]))
            #expect(try read(parts, 1_000_000) == bytes)
        }
    }

    /// Just two hundred times as many, with zeros behind the data, which are passed over and count.
    @Test(arguments: [(10_000, true), (9_999, false)]) func twoHundredTimesAsManyAreAllowed(size: Int, isRead: Bool)
        throws
    {
        let zeros = [UInt8](repeating: 0, count: 2_000_000), packed = gzip(zeros)
        let file = packed + [UInt8](repeating: 0, count: size - packed.count), limit = zeros.count - 1
        if isRead {
            #expect(try read(stream(file, limit), zeros.count + 1) == zeros)
        } else {
            #expect(throws: TextError.self) { try read(stream(file, limit), zeros.count + 1) }
            #expect(try read(stream(file, limit + 1), zeros.count + 1) == zeros)
        }
    }

    /// Python reads such a file so; zlib and gzip leave out what stands behind the zeros.
    @Test func zerosBetweenMembersArePassedOver() throws {
        let first = noise(1000), second = noise(700), zeros = [UInt8](repeating: 0, count: 300_000)
        #expect(try read(stream(gzip(first) + zeros + gzip(second) + [0, 0, 0]), 2000) == first + second)
    }

    @Test(arguments: [false, true]) func aBufferOfNothingTakesNothing(isCompressed: Bool) throws {
        let bytes = noise(1000), stream = try stream(isCompressed ? gzip(bytes) : bytes)
        let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        #expect(try stream.read(into: nothing) == 0 && stream.peek(0).isEmpty)
        #expect(try InputFile<TextError>(RawPath(folder.file("bytes"))).read(into: nothing) == 0)
        #expect(try Array(stream.peek(2)) == Array(bytes[..<2]) && stream.read(into: nothing) == 0)
        #expect(try read(stream, 1001) == bytes)
    }

    /// More than allowed and more than two hundred times what they were: only both are refused.
    @Test func howFarDataMayExpand() throws {
        let zeros = [UInt8](repeating: 0, count: 3 << 20), file = gzip(zeros)
        try #require(file.count * 200 < zeros.count)
        #expect(try read(stream(file, zeros.count), zeros.count + 1).count == zeros.count)
        #expect(throws: TextError.self) { try read(stream(file, zeros.count - 1), zeros.count + 1) }
        // A hundred times as many, whatever is allowed.
        let mixed = noise(40_000) + [UInt8](repeating: 0, count: 4_000_000)
        let packed = gzip(mixed)
        try #require(packed.count * 90 < mixed.count && packed.count * 200 > mixed.count)
        #expect(try read(stream(packed, 1000), mixed.count + 1).count == mixed.count)
    }

    /// What was opened is closed, also where it cannot be read.
    @Test func nothingStaysOpen() throws {
        func open(_ path: String) -> Int {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            return names.count {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
            }
        }
        try folder.write("bytes", gzip(noise(5000)))
        let path = try #require(RawPath(folder.file("bytes")).resolved),
            place = try #require(RawPath(folder.path).resolved)
        do {
            let stream = try ByteStream<TextError>(path)
            #expect(try stream.peek(3).count == 3 && open(path.text) == 1)
        }
        #expect(open(path.text) == 0)
        #expect(throws: TextError.self) { _ = try ByteStream<TextError>(place) }
        #expect(open(place.text) == 0)
    }
}
