import CKernels
package import TensorCore

extension RandomStream {
    /// The numbers from 0 to count − 1 in an order that only the stream and the count decide, all orders equally likely
    /// (Fisher and Yates). For the order of the pictures in an epoch: the epoch is the stream's step.
    package func permutation(of count: Int, in context: ComputeContext) -> [Int] {
        var order = Array(0..<count)
        guard count > 1 else { return order }
        let draws = [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { context.kernels.random_bits(key, 0, base, count) }
            initialized = count
        }
        for last in stride(from: count - 1, to: 0, by: -1) {
            // Multiply and shift (Lemire 2019): off by less than count / 2³² from equal chances.
            order.swapAt(last, Int((UInt64(draws[last]) * UInt64(last + 1)) >> 32))
        }
        return order
    }
}
