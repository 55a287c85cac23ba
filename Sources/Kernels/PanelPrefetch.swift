package import CKernels

extension CKPanelProduct {
    /// Lets the first four tiles draw a block of as many rows of 64 columns as this product's B has into the
    /// second-level cache, a quarter each. Nil draws nothing. Needs `groups` and `inner`.
    @inline(__always)
    package mutating func prefetchPanel(_ block: UnsafePointer<Float>?) {
        guard let block else { return prefetch = (CKPrefetch(), CKPrefetch(), CKPrefetch(), CKPrefetch()) }
        let group = inner * 16, share = groups * group
        prefetch = (
            CKPrefetch(lines: block, group: group), CKPrefetch(lines: block + share, group: group),
            CKPrefetch(lines: block + 2 * share, group: group), CKPrefetch(lines: block + 3 * share, group: group)
        )
    }
}
