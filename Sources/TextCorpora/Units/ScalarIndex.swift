/// The id of every Unicode scalar above ASCII that was met: two table look-ups a scalar.
///
/// 17 KB, and 1 KB for every block of 256 scalars in use.
final class ScalarIndex {
    private static let pageCount = 0x110000 >> 8

    /// Where the page of a block begins in `pages`; page 0 is empty and stands for all that were never used.
    let pageStart: UnsafeMutablePointer<Int32>
    /// Ids; 0 means none (the ids of ASCII are not kept here).
    private(set) var pages: UnsafeMutablePointer<UInt32>
    private var pagesInUse = 1

    init() {
        pageStart = .allocate(capacity: Self.pageCount)
        pageStart.initialize(repeating: 0, count: Self.pageCount)
        pages = .allocate(capacity: 256)
        pages.initialize(repeating: 0, count: 256)
    }

    deinit {
        pageStart.deallocate()
        pages.deallocate()
    }

    func id(of scalar: UInt32) -> UInt32 {
        pages[Int(pageStart[Int(scalar >> 8)]) + Int(scalar & 0xff)]
    }

    /// May move `pages`.
    func set(_ scalar: UInt32, to id: UInt32) {
        let block = Int(scalar >> 8)
        if pageStart[block] == 0 {
            let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: 256 * (pagesInUse + 1))
            grown.moveInitialize(from: pages, count: 256 * pagesInUse)
            (grown + 256 * pagesInUse).initialize(repeating: 0, count: 256)
            pages.deallocate()
            pages = grown
            pageStart[block] = Int32(256 * pagesInUse)
            pagesInUse += 1
        }
        pages[Int(pageStart[block]) + Int(scalar & 0xff)] = id
    }
}
