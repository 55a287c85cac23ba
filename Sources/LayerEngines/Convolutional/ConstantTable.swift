/// Plain values at an address that stays: what a parallel region may read without counting references.
final class ConstantTable<Element> {
    let pointer: UnsafePointer<Element>
    let count: Int
    private let storage: UnsafeMutablePointer<Element>

    init(_ elements: [Element]) {
        count = elements.count
        storage = .allocate(capacity: max(1, count))
        storage.initialize(from: elements, count: count)
        pointer = UnsafePointer(storage)
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }
}
