import ByteStreams
import Digests
package import FileTrees
import Glibc

extension ImageCollection {
    /// The SHA-256 of what the collection is: of each picture in order its name, the length of its file, and bytes of it.
    /// A run that goes on later compares it to see that it has the same pictures.
    ///
    /// Of a file up to 64 KB every byte counts, of a longer one sixteen blocks of 4 KB, evenly spaced, the first and the
    /// last among them: so the cost is at most 64 KB of reading a picture, whatever its size. That is enough for what is
    /// compressed, where any change of a pixel moves the data behind it, and in PNG also alters the check sum at the
    /// end. Arrays are not compressed, so of a NumPy file up to 64 MB every byte counts and of a longer one 16,384
    /// blocks, and of an IDX array every value. Labels, and where the paths lie, do not count.
    package func fingerprint() -> String { fingerprint(naming: \.lasting) }

    /// The same as older programs took it: of several paths each counts as it was typed.
    package func fingerprintByPaths() -> String { fingerprint(naming: \.shown) }

    private func fingerprint(naming name: KeyPath<Names, String>) -> String {
        var hash = SHA256()
        var arrays = Set<ObjectIdentifier>()
        for item in items {
            hash.update(Array(DisplayName.text(ByteText.bytes(item.names[keyPath: name])).utf8) + [0])
            switch item.source {
            case .file(let path):
                hash.update(fileAt: path, blocks: 16)
            case .idx(let array, _):
                if arrays.insert(ObjectIdentifier(array)).inserted { hash.update(array.values) }
            case .numPy(let array, _):
                if arrays.insert(ObjectIdentifier(array)).inserted { hash.update(fileAt: array.path, blocks: 16_384) }
            case .memory(let picture): hash.update(picture.pixels)
            }
        }
        return hash.finish()
    }
}

extension SHA256 {
    private static let blockLength = 4096

    /// Adds a file's length and its bytes, or so many blocks of them. A file that cannot be read counts as one of no
    /// length: what it was before has another digest.
    fileprivate mutating func update(fileAt path: RawPath, blocks: Int) {
        guard let file = try? InputFile<ImageError>(path), let size = file.size else { return update(Array("-".utf8)) }
        update(Array("\(size) ".utf8))
        let block = Self.blockLength
        let isWhole = size <= blocks * block
        let starts = (0..<(isWhole ? (size + block - 1) / block : blocks)).map { index in
            isWhole ? index * block : Int((Double(size - block) * Double(index) / Double(blocks - 1)).rounded(.down))
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 16)
        defer { buffer.deallocate() }
        for start in starts {
            let count = (try? file.read(into: buffer, at: start)) ?? 0
            update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

/// Names of pictures as they stand in the fingerprint of a collection, which must stay as it is.
enum DisplayName {
    /// Bytes that are no UTF-8 become `\xNN`.
    static func text(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        var decoder = UTF8()
        var position = bytes.startIndex
        while position < bytes.endIndex {
            var iterator = bytes[position...].makeIterator()
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                text.unicodeScalars.append(scalar)
                position = bytes.index(position, offsetBy: UTF8.width(scalar))
            case .error, .emptyInput:
                let digits = String(bytes[position], radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
                position = bytes.index(after: position)
            }
            decoder = UTF8()
        }
        return text
    }
}

extension ImageCollection.Item {
    /// Whether two items, also of different collections, are one and the same picture: of the same file, by whatever path,
    /// and at the same place in it.
    package func isSame(as other: Self) -> Bool {
        guard let place, let otherPlace = other.place, place.index == otherPlace.index,
            let file = FileIdentity(place.path)
        else { return false }
        return FileIdentity(otherPlace.path) == file
    }

    /// The file that the picture is in, and its number there; nil for one in memory.
    private var place: (path: RawPath, index: Int)? {
        switch source {
        case .file(let path): (path, 0)
        case .idx(let array, let index): (array.paths[0], index)
        case .numPy(let array, let index): (array.path, index)
        case .memory: nil
        }
    }
}

extension ImageCollection {
    /// The files that the pictures are in, each once: what must never be written over.
    package var files: Set<FileIdentity> {
        var files: Set<FileIdentity> = [], arrays: Set<ObjectIdentifier> = []
        for item in items {
            switch item.source {
            case .file(let path): FileIdentity(path).map { _ = files.insert($0) }
            case .idx(let array, _):
                guard arrays.insert(ObjectIdentifier(array)).inserted else { continue }
                for path in array.paths { FileIdentity(path).map { _ = files.insert($0) } }
            case .numPy(let array, _):
                guard arrays.insert(ObjectIdentifier(array)).inserted else { continue }
                FileIdentity(array.path).map { _ = files.insert($0) }
            case .memory: break
            }
        }
        return files
    }
}
