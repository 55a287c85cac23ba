import Foundation
import Images
import Testing
import TestSupport

/// An IDX file of unsigned bytes.
func idx(_ dimensions: [Int], _ values: [UInt8], type: UInt8 = 8) -> [UInt8] {
    [0, 0, type, UInt8(dimensions.count)] + dimensions.flatMap { bigEndian($0) } + values
}

@Suite struct CodecsIDXTests {
    static let gray = (0..<3 * 4 * 5).map { UInt8($0 * 4) }

    @Test(arguments: [false, true])
    func images(isCompressed: Bool) throws {
        let scratch = try TemporaryFolder()
        let bytes = idx([3, 4, 5], Self.gray)
        let path = try scratch.write("images", isCompressed ? gzip(bytes) : bytes)
        let header = try IDXFile.header(path: path)
        #expect(header.holdsImages && !header.holdsLabels && header.dimensions == [3, 4, 5])
        let images = try IDXFile.read(path: path).images()
        #expect(images.count == 3 && images.height == 4 && images.width == 5 && images.channels == 1)
        for index in 0..<3 {
            let own = Array(Self.gray[index * 20..<index * 20 + 20])
            #expect(images[index] == Picture(width: 5, height: 4, channels: 1, pixels: own))
        }
    }

    /// Channels last, and channels first.
    @Test func color() throws {
        let scratch = try TemporaryFolder()
        let interleaved = (0..<2 * 4 * 5 * 3).map { UInt8($0 * 2) }
        let last = try IDXFile.read(path: scratch.write("last", idx([2, 4, 5, 3], interleaved))).images()
        var planar = interleaved
        for image in 0..<2 {
            for pixel in 0..<20 {
                for channel in 0..<3 {
                    planar[(image * 3 + channel) * 20 + pixel] = interleaved[(image * 20 + pixel) * 3 + channel]
                }
            }
        }
        let first = try IDXFile.read(path: scratch.write("first", idx([2, 3, 4, 5], planar))).images()
        for images in [last, first] {
            #expect(images.count == 2 && images.height == 4 && images.width == 5 && images.channels == 3)
            #expect(images[1].pixels == Array(interleaved[60...]))
        }
        // One channel on either side, and three on both: then the last.
        let one = Array(interleaved.prefix(40))
        #expect(try IDXFile.read(path: scratch.write("one", idx([2, 4, 5, 1], one))).images().channels == 1)
        #expect(try IDXFile.read(path: scratch.write("one", idx([2, 1, 4, 5], one))).images().width == 5)
        let both = try IDXFile.read(path: scratch.write("both", idx([1, 3, 2, 3], Array(interleaved.prefix(18)))))
            .images()
        #expect(both.height == 3 && both.width == 2 && both[0].pixels == Array(interleaved.prefix(18)))
    }

    @Test func severalMembersAndPadding() throws {
        let scratch = try TemporaryFolder()
        let bytes = idx([3, 4, 5], Self.gray)
        let members = gzip(Array(bytes.prefix(21))) + gzip([]) + gzip(Array(bytes.dropFirst(21)))
        let path = try scratch.write("images.gz", members + [UInt8](repeating: 0, count: 100_000))
        #expect(try IDXFile.read(path: path).values == Self.gray)
        let garbage = try scratch.write("garbage.gz", members + Array("more".utf8))
        #expect(isDamaged(failure { () throws(ImageError) in try IDXFile.read(path: garbage) }))
    }

    /// Larger than what is decompressed at a time.
    @Test func large() throws {
        let scratch = try TemporaryFolder()
        var state: UInt32 = 7
        let values = (0..<40 * 70 * 71).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let bytes = idx([40, 70, 71], values)
        for content in [bytes, gzip(bytes), gzip(Array(bytes.prefix(100_000))) + gzip(Array(bytes.dropFirst(100_000)))]
        {
            #expect(try IDXFile.read(path: scratch.write("images", content)).values == values)
        }
    }

    @Test func labels() throws {
        let scratch = try TemporaryFolder()
        let labels: [UInt8] = [7, 2, 1]
        let path = try scratch.write("t10k-labels-idx1-ubyte.gz", gzip(idx([3], labels)))
        let file = try IDXFile.read(path: path)
        #expect(try file.labels(forImages: 3) == labels)
        #expect(
            failure { () throws(ImageError) in try file.labels(forImages: 4) }
                == .labelCount(path: path, labels: 3, images: 4))
        #expect(isUnsupported(failure { () throws(ImageError) in try file.images() }))
        let images = try IDXFile.read(path: scratch.write("images", idx([3, 4, 5], Self.gray)))
        #expect(isUnsupported(failure { () throws(ImageError) in try images.labels(forImages: 3) }))
    }

    @Test func labelsBeside() throws {
        let scratch = try TemporaryFolder()
        func beside(_ images: String) -> String? { IDXFile.labelsPath(besideImages: scratch(images)) }
        #expect(beside("train-images-idx3-ubyte.gz") == nil)
        try scratch.write("train-labels-idx1-ubyte.gz", [])
        try scratch.write("train-labels.idx1-ubyte", [])
        try scratch.write("images-of-clothes-labels-idx1-ubyte", [])
        #expect(beside("train-images-idx3-ubyte.gz") == scratch("train-labels-idx1-ubyte.gz"))
        #expect(beside("train-images-idx3-ubyte") == scratch("train-labels-idx1-ubyte.gz"))
        #expect(beside("train-images.idx3-ubyte") == scratch("train-labels.idx1-ubyte"))
        #expect(beside("train-images-idx4-ubyte") == scratch("train-labels-idx1-ubyte.gz"))
        #expect(beside("images-of-clothes-images-idx3-ubyte") == scratch("images-of-clothes-labels-idx1-ubyte"))
        #expect(beside("train-pictures-idx3-ubyte") == nil)
    }

    @Test func truncated() throws {
        let scratch = try TemporaryFolder()
        let bytes = idx([3, 4, 5], Self.gray)
        for content in [bytes, gzip(bytes)] {
            for count in 4..<content.count {
                let path = try scratch.write("images", Array(content.prefix(count)))
                guard case .truncated(path, _)? = failure({ () throws(ImageError) in try IDXFile.read(path: path) })
                else {
                    Issue.record("\(count) bytes")
                    return
                }
            }
        }
    }

    /// What a head of 16 bytes claims is neither believed nor allocated.
    @Test func impossibleSizes() throws {
        let scratch = try TemporaryFolder()
        let most = 0xffff_ffff
        let overflow = idx([most, most, most, most], [])
        #expect(isDamaged(try read(scratch, overflow)))
        for content in [
            idx([most, 1000, 1], []), idx([most, 1, 1], []), gzip(idx([most, 1000, 1], [])),
            gzip(idx([60_000, 28, 28], [])),
        ] {
            guard case .truncated? = try read(scratch, content) else {
                Issue.record("was believed")
                return
            }
        }
        let path = try scratch.write("images", idx([2, 0, 5], []))
        #expect(isDamaged(failure { () throws(ImageError) in try IDXFile.read(path: path).images() }))
        let none = try scratch.write("images", idx([0, 28, 28], []))
        #expect(try IDXFile.read(path: none).images().count == 0)
    }

    @Test func otherContent() throws {
        let scratch = try TemporaryFolder()
        #expect(isDamaged(try read(scratch, idx([3, 4, 5], Self.gray + [0]))))
        #expect(isDamaged(try read(scratch, gzip(idx([3, 4, 5], Self.gray + [0])))))
        #expect(isUnsupported(try read(scratch, idx([3, 4, 5], Self.gray, type: 0x0d))))
        #expect(isUnsupported(try read(scratch, Array("hello, world".utf8))))
        #expect(isUnsupported(try read(scratch, gzip(Array("hello, world".utf8)))))
        var sum = gzip(idx([3, 4, 5], Self.gray))
        sum[sum.count - 6] ^= 1
        #expect(isDamaged(try read(scratch, sum)))
        guard case .truncated? = try read(scratch, []) else {
            Issue.record("an empty file was read")
            return
        }
    }

    private func read(_ scratch: TemporaryFolder, _ bytes: [UInt8]) throws -> ImageError? {
        let path = try scratch.write("file", bytes)
        return failure { () throws(ImageError) in try IDXFile.read(path: path) }
    }
}

func isDamaged(_ error: ImageError?) -> Bool { if case .damaged? = error { true } else { false } }
func isUnsupported(_ error: ImageError?) -> Bool { if case .unsupported? = error { true } else { false } }
func isTruncated(_ error: ImageError?) -> Bool { if case .truncated? = error { true } else { false } }
