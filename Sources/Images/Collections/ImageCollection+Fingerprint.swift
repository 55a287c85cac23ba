import Digests
import FileTrees

extension ImageCollection {
    /// The SHA-256 of what the collection is: of each picture in order its name, the length of its file, and bytes of it.
    /// A run that goes on later compares it to see that it has the same pictures.
    ///
    /// Of a file up to 64 KB every byte counts, of a longer one sixteen blocks of 4 KB, evenly spaced, the first and the
    /// last among them: so the cost is at most 64 KB of reading a picture, whatever its size. That is enough for what is
    /// compressed, where any change of a pixel moves the data behind it, and in PNG also alters the check sum at the
    /// end. Arrays are not compressed, so of a NumPy file up to 64 MB every byte counts and of a longer one 16,384
    /// blocks, and of an IDX array every value. Labels, and where the folder lies, do not count.
    package func fingerprint() -> String {
        var hash = SHA256()
        var arrays = Set<ObjectIdentifier>()
        for item in items {
            hash.update(Array(DisplayName.text(ByteText.bytes(item.name)).utf8) + [0])
            switch item.source {
            case .file(let path):
                hash.update(fileAt: path, blocks: 16)
            case .idx(let array, _):
                if arrays.insert(ObjectIdentifier(array)).inserted { hash.update(array.values) }
            case .numPy(let array, _):
                if arrays.insert(ObjectIdentifier(array)).inserted { hash.update(fileAt: array.path, blocks: 16_384) }
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
        guard let file = try? InputFile(path), let size = file.size else { return update(Array("-".utf8)) }
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
