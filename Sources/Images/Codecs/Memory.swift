#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An array that cannot be had ends the process, so large ones are asked for by way of trial first.
enum Memory {
    static func check(bytes: Int, for path: String) throws(ImageError) {
        guard bytes > 1 << 24 else { return }
        guard let trial = malloc(bytes) else { throw .outOfMemory(path: path, bytes: bytes) }
        free(trial)
    }
}
