import CKernels

/// Buffers of one thread, aligned to cache lines and filled with made-up numbers.
final class Arena {
    private var buffers: [UnsafeMutableRawPointer] = []
    private var state: UInt64

    init(thread: Int) { state = UInt64(thread) &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

    deinit { for buffer in buffers { buffer.deallocate() } }

    func bytes<Element>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
        let buffer = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count) * MemoryLayout<Element>.stride + 256, alignment: 4096)
        buffers.append(buffer)
        return buffer.bindMemory(to: Element.self, capacity: count)
    }

    /// Between low and high.
    func floats(_ count: Int, low: Float = -1, high: Float = 1) -> UnsafeMutablePointer<Float> {
        let buffer = bytes(count + 16, of: Float.self)
        for i in 0..<count + 16 { buffer[i] = low + (high - low) * Float(next() >> 40) * 0x1p-24 }
        return buffer
    }

    /// From 0 up to, not including, `limit`.
    func ids(_ count: Int, below limit: Int) -> UnsafeMutablePointer<Int32> {
        let buffer = bytes(count, of: Int32.self)
        for i in 0..<count { buffer[i] = Int32(Int(next() >> 33) % limit) }
        return buffer
    }

    func table<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let buffer = bytes(elements.count, of: Element.self)
        buffer.initialize(from: elements, count: elements.count)
        return buffer
    }

    private func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}
