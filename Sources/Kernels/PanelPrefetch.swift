package import CKernels

extension CKPanelProduct {
    /// Lets the first four tiles draw a block of as many rows of 64 columns as this product's B has into the
    /// second-level cache, a quarter each. Nil draws nothing. Needs `groups` and `inner`.
    @inline(__always)
    package mutating func prefetchPanel(_ block: UnsafePointer<Float>?) {
        guard let block else { return prefetch = (nil, nil, nil, nil) }
        let share = groups * inner * 16
        prefetch = (block, block + share, block + 2 * share, block + 3 * share)
    }
}
