import Glibc

/// A buffer of floats, 64-byte aligned, with room for whole vectors past the last element: kernels may read and
/// write up to the next multiple of 16, and read 16 more.
final class TensorStorage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    private let capacity: Int
    private let workspace: Workspace?

    init(count: Int, workspace: Workspace?) {
        let capacity = (count + 15) / 16 * 16 + 16
        self.capacity = capacity
        self.workspace = workspace
        if let recycled = workspace?.take(capacity: capacity) {
            pointer = recycled
        } else {
            pointer = Self.allocate(capacity: capacity)
        }
        // Lanes past the end take part in elementwise loops: keep them finite.
        for index in max(0, capacity - 32)..<capacity where index >= count { pointer[index] = 0 }
    }

    deinit {
        if let workspace { workspace.recycle(pointer, capacity: capacity) } else { free(pointer) }
    }

    private static func allocate(capacity: Int) -> UnsafeMutablePointer<Float> {
        let bytes = capacity * MemoryLayout<Float>.stride, hugePage = 2 << 20
        let alignment = bytes >= 2 * hugePage ? hugePage : 64
        var raw: UnsafeMutableRawPointer?
        let status = posix_memalign(&raw, alignment, bytes)
        guard status == 0, let raw else { preconditionFailure("out of memory: \(bytes) bytes for a tensor") }
        if alignment == hugePage { madvise(raw, bytes / hugePage * hugePage, Int32(MADV_HUGEPAGE)) }
        return raw.bindMemory(to: Float.self, capacity: capacity)
    }
}
