import ByteStreams
import FileTrees

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of a file, or its first ones, in memory that is asked for and may be refused: an array that cannot be had
/// ends the process.
struct FileBytes: ~Copyable {
    /// Longer files are refused before they are read. Twice what the largest picture that is decoded takes without any
    /// compression.
    static let limit = 1 << 32

    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var count = 0
    /// The data go on after these bytes.
    private(set) var hasMore = true

    init() {}

    deinit {
        free(memory.baseAddress)
    }

    /// What has been read, for as long as this value lives and reads no more.
    var view: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// Reads on until there are `wanted` bytes or the file ends.
    mutating func extend(to wanted: Int, from file: borrowing InputFile<ImageError>) throws(ImageError) {
        guard wanted > count, hasMore else { return }
        // One more than the file holds, so that its end shows.
        var capacity = wanted
        if let size = file.size, size >= count { capacity = min(wanted, size + 1) }
        guard let larger = realloc(memory.baseAddress, capacity) else {
            throw .outOfMemory(path: file.path, bytes: capacity)
        }
        memory = .init(start: larger, count: capacity)
        let got = try file.read(into: .init(rebasing: memory[count...]))
        count += got
        hasMore = count == capacity
    }

    /// Reads the rest of the file.
    mutating func extendToEnd(of file: borrowing InputFile<ImageError>) throws(ImageError) {
        if let size = file.size, size > Self.limit { throw Self.tooLong(file) }
        // A file that grows while it is read, or a pipe: in pieces, each as long as all before it.
        while hasMore {
            guard count <= Self.limit else { throw Self.tooLong(file) }
            try extend(to: max((file.size ?? 0) + 1, 2 * count, 1 << 16), from: file)
        }
    }

    private static func tooLong(_ file: borrowing InputFile<ImageError>) -> ImageError {
        .unsupported(path: file.path, reason: "it is longer than \(limit >> 30) GiB")
    }
}

/// An array that cannot be had ends the process, so large ones are asked for by way of trial first.
enum Memory {
    /// Bytes that a process always gets: less than the arrays that it needs besides, and far less than any limit that
    /// somebody would set for it.
    private static let alwaysThere = 16 << 20

    /// - Throws: `outOfMemory` where an array of this many bytes cannot be had.
    static func check(bytes: Int, for path: String) throws(ImageError) {
        guard bytes > alwaysThere else { return }
        guard let trial = malloc(bytes) else { throw .outOfMemory(path: path, bytes: bytes) }
        free(trial)
    }
}
