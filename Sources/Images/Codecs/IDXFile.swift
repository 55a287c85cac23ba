package import FileTrees

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
        try IDXHeader(DataStream(path))
    }

    /// Reads a whole file.
    ///
    /// - Throws: `noSuchFile`, `unreadable`, `unsupported` (no IDX file, or values other than unsigned bytes),
    ///   `truncated`, `damaged`, `outOfMemory`. The size is held against that of the file before anything is allocated.
    package static func read(path: String) throws(ImageError) -> IDXFile { try read(RawPath(path)) }

    package static func read(_ rawPath: RawPath) throws(ImageError) -> IDXFile {
        let stream = try DataStream(rawPath)
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

extension DataStream {
    /// Whether no byte is left.
    func isAtEnd() throws(ImageError) -> Bool {
        let byte = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
        defer { byte.deallocate() }
        return try read(into: byte) == 0
    }
}
