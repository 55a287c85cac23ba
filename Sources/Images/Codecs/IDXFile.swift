import ByteStreams
package import FileTrees
import Requirements

/// A file in the format of the MNIST data, plain or gzip: an array of unsigned bytes.
package struct IDXFile: Sendable {
    package let path: String
    package let header: IDXHeader
    /// Row-major.
    package let values: [UInt8]

    /// Reads the head alone, decompressing no more than that.
    ///
    /// - Throws: as `read`.
    package static func header(path: String) throws(ImageError) -> IDXHeader { try header(RawPath(path)) }

    package static func header(_ path: RawPath) throws(ImageError) -> IDXHeader {
        try IDXHeader(ByteStream<ImageError>(path))
    }

    /// Reads a whole file.
    ///
    /// - Throws: `noSuchFile`, `unreadable`, `unsupported` (no IDX file, or values other than unsigned bytes),
    ///   `truncated`, `damaged`, `outOfMemory`. The size is held against that of the file before anything is allocated.
    package static func read(path: String) throws(ImageError) -> IDXFile { try read(RawPath(path)) }

    package static func read(_ rawPath: RawPath) throws(ImageError) -> IDXFile {
        let stream = try ByteStream<ImageError>(rawPath)
        let header = try IDXHeader(stream)
        let path = stream.path
        guard header.typeCode == 0x08 else {
            let name = IDXHeader.typeCodes[header.typeCode] ?? "values of another kind"
            throw .unsupported(path: path, reason: "it holds \(name); IDX files of unsigned bytes are read")
        }
        guard let count = header.valueCount else {
            throw .damaged(path: path, reason: "its dimensions \(header.text) are impossible")
        }
        if let largest = stream.largestSize, count > largest - stream.bytesGiven {
            throw .truncated(path: path, reason: "it cannot hold the \(header.text) values that it announces")
        }
        try Memory.check(bytes: count, for: path)
        var failure: ImageError?
        let values = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(ImageError) {
                initialized = try stream.read(into: .init(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        guard values.count == count else {
            throw .truncated(
                path: path, reason: "it holds \(values.count) of the \(header.text) values that it announces")
        }
        // Also the place where a gzip file's check sum is compared.
        guard try stream.isAtEnd() else {
            throw .damaged(path: path, reason: "data follow the \(header.text) values that it announces")
        }
        return IDXFile(path: path, header: header, values: values)
    }

    /// The values as pictures.
    ///
    /// - Throws: `unsupported` where the dimensions are none of [count, height, width], [count, height, width, 3 or 1],
    ///   [count, 3 or 1, height, width].
    package func images() throws(ImageError) -> IDXImages { try IDXImages(self) }

    /// The values as labels of so many images.
    ///
    /// - Throws: `unsupported` where there is not exactly one dimension; `labelCount`.
    package func labels(forImages count: Int) throws(ImageError) -> [UInt8] {
        guard header.holdsLabels else {
            throw .unsupported(path: path, reason: "it holds \(header.text) values, not one label for each image")
        }
        guard values.count == count else { throw .labelCount(path: path, labels: values.count, images: count) }
        return values
    }

    /// Where the labels of a file of images lie by the naming of the MNIST files ("train-images-idx3-ubyte.gz" and
    /// "train-labels-idx1-ubyte.gz"; a dot before "idx", and ".gz" on one of them only, are usual too).
    ///
    /// - Returns: nil where the name is not of that kind or there is no such file.
    package static func labelsPath(besideImages path: String) -> String? {
        // By scalars: a name may begin with a mark that would be one character with the slash.
        let scalars = path.unicodeScalars
        let slash = scalars.lastIndex(of: "/").map { scalars.index(after: $0) } ?? path.startIndex
        var name = String(path[slash...])
        guard let images = name.ranges(of: "images").last else { return nil }
        name.replaceSubrange(images, with: "labels")
        for kind in ["idx3", "idx4"] {
            if let range = name.ranges(of: kind).last { name.replaceSubrange(range, with: "idx1") }
        }
        let other = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name + ".gz"
        return [name, other].map { path[..<slash] + $0 }.first { candidate in
            FileTree.status(RawPath(candidate)) != nil && !FileTree.isFolder(RawPath(candidate))
        }
    }
}

extension IDXHeader {
    /// "10000 × 28 × 28".
    var text: String { dimensions.map(String.init).joined(separator: " × ") }
}

/// The head of an IDX file, the format of the MNIST data: two zero bytes, a type, the number of dimensions, and the
/// dimensions as 32-bit integers, most significant byte first. The values follow, row-major.
package struct IDXHeader: Sendable, Hashable {
    /// Byte 2: 0x08 stands for unsigned bytes.
    package let typeCode: UInt8
    package let dimensions: [Int]

    /// Names of the type codes.
    static let typeCodes: [UInt8: String] = [
        0x08: "unsigned bytes", 0x09: "signed bytes", 0x0b: "16-bit integers", 0x0c: "32-bit integers",
        0x0d: "32-bit floats", 0x0e: "64-bit floats",
    ]

    /// Images by what the head says: unsigned bytes of three or four dimensions.
    package var holdsImages: Bool { typeCode == 0x08 && (3...4).contains(dimensions.count) }
    /// Labels by what the head says: unsigned bytes of one dimension.
    package var holdsLabels: Bool { typeCode == 0x08 && dimensions.count == 1 }

    /// How many values the dimensions make; nil where that is beyond what a machine can address.
    var valueCount: Int? {
        dimensions.reduce(1 as Int?) { product, dimension in
            guard let product else { return nil }
            let (next, overflows) = product.multipliedReportingOverflow(by: dimension)
            return overflows ? nil : next
        }
    }

    /// Reads the head from the beginning of the data.
    init(_ stream: ByteStream<ImageError>) throws(ImageError) {
        let mark = try Self.take(4, from: stream)
        guard !mark.isEmpty else { throw .truncated(path: stream.path, reason: "it is empty") }
        guard mark.count == 4, mark[0] == 0, mark[1] == 0, Self.typeCodes[mark[2]] != nil, mark[3] > 0 else {
            throw .unsupported(path: stream.path, reason: "it is no IDX file: it does not begin like one")
        }
        let sizes = try Self.take(4 * Int(mark[3]), from: stream)
        guard sizes.count == 4 * Int(mark[3]) else {
            throw .truncated(path: stream.path, reason: "the data end inside the dimensions")
        }
        typeCode = mark[2]
        dimensions = (0..<Int(mark[3])).map { index in
            sizes[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) }
        }
    }

    private static func take(_ count: Int, from stream: ByteStream<ImageError>) throws(ImageError) -> [UInt8] {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { bytes.deallocate() }
        return Array(bytes.prefix(try stream.read(into: bytes)))
    }
}

/// The pictures in an IDX file.
package struct IDXImages: Sendable {
    package let count: Int
    package let height: Int
    package let width: Int
    /// 1 or 3.
    package let channels: Int
    /// The channels of a picture lie one after another, not interleaved.
    let isPlanar: Bool
    let values: [UInt8]

    init(_ file: IDXFile) throws(ImageError) {
        let sizes = file.header.dimensions
        let isChannels = { (size: Int) in size == 1 || size == 3 }
        switch sizes.count {
        case 3:
            (height, width, channels, isPlanar) = (sizes[1], sizes[2], 1, false)
        // Three numbers side by side are a color, rather than a picture three pixels wide.
        case 4 where sizes[3] == 3 || isChannels(sizes[3]) && !isChannels(sizes[1]):
            (height, width, channels, isPlanar) = (sizes[1], sizes[2], sizes[3], false)
        case 4 where isChannels(sizes[1]):
            (height, width, channels, isPlanar) = (sizes[2], sizes[3], sizes[1], true)
        default:
            throw .unsupported(
                path: file.path,
                reason: "its dimensions \(file.header.text) are not those of pictures (count × height × width, "
                    + "or with 1 or 3 channels besides)")
        }
        count = sizes[0]
        guard count == 0 || height > 0 && width > 0 else {
            throw .damaged(path: file.path, reason: "its pictures have \(width) × \(height) pixels")
        }
        values = file.values
    }

    /// Picture `index` in the order of the file.
    package subscript(index: Int) -> Picture {
        require(index >= 0 && index < count, "picture \(index) of \(count)")
        let size = height * width * channels
        let own = values[index * size..<(index + 1) * size]
        guard isPlanar && channels > 1 else {
            return Picture(width: width, height: height, channels: channels, pixels: Array(own))
        }
        let plane = height * width
        var picture = Picture(width: width, height: height, channels: channels, pixels: Array(own))
        for channel in 0..<channels {
            for pixel in 0..<plane {
                picture.pixels[pixel * channels + channel] = own[own.startIndex + channel * plane + pixel]
            }
        }
        return picture
    }
}
