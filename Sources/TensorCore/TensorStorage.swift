import Glibc
import Requirements

/// A buffer of floats, 64-byte aligned, with room for whole vectors past the last element: kernels may read and
/// write up to the next multiple of 16, and read 16 more.
final class TensorStorage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    private let capacity: Int
    private let workspace: Workspace?

    init(count: Int, workspace: Workspace?, isKept: Bool = false) {
        require(count <= Int.max / 8, "no memory holds a tensor of \(count) elements")
        let needed = (count + 15) / 16 * 16 + 16
        self.workspace = workspace
        (pointer, capacity) =
            workspace?.take(capacity: needed, isKept: isKept) ?? (Self.allocate(capacity: needed), needed)
        // Lanes past the end take part in elementwise loops: keep them finite.
        for index in count..<needed { pointer[index] = 0 }
    }

    deinit {
        if let workspace {
            workspace.recycle(pointer, capacity: capacity)
        } else {
            Self.deallocate(pointer, capacity: capacity)
        }
    }

    // MARK: Memory

    private static let hugePage = 2 << 20

    /// Large buffers are mapped one by one: `malloc` would put those that follow upon freed ones side by side, and the
    /// gaps that huge pages leave between them stay in memory.
    private static func isMapped(_ bytes: Int) -> Bool { bytes >= 2 * hugePage }

    private static func allocate(capacity: Int) -> UnsafeMutablePointer<Float> {
        let bytes = capacity * MemoryLayout<Float>.stride
        guard let raw = isMapped(bytes) ? map(bytes) : aligned(bytes) else {
            fatalError("out of memory: the system has no \(bytes) bytes for a tensor")
        }
        return raw.bindMemory(to: Float.self, capacity: capacity)
    }

    /// For what ``allocate(capacity:)`` gave.
    static func deallocate(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
        let bytes = capacity * MemoryLayout<Float>.stride
        if isMapped(bytes) { munmap(pointer, bytes) } else { free(pointer) }
    }

    private static func aligned(_ bytes: Int) -> UnsafeMutableRawPointer? {
        var raw: UnsafeMutableRawPointer?
        return posix_memalign(&raw, 64, bytes) == 0 ? raw : nil
    }

    /// Pages from the beginning of a huge page on.
    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let page = Int(sysconf(Int32(_SC_PAGESIZE))), length = (bytes + page - 1) / page * page
        guard
            let start = mmap(nil, length + hugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else { return nil }
        let before = -Int(bitPattern: start) & (hugePage - 1)
        if before > 0 { munmap(start, before) }
        munmap(start + before + length, hugePage - before)
        madvise(start + before, bytes / hugePage * hugePage, Int32(MADV_HUGEPAGE))
        return start + before
    }
}
