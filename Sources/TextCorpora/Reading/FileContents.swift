/// What the files read so far hold: so that a text reached twice (by a link, a copy, another compression or encoding)
/// is read once.
struct FileContents {
    private var files: [Range<Int>] = []
    /// Which files have so many units, and the same ones at both ends.
    private var candidates: [Sketch: [Int]] = [:]

    private struct Sketch: Hashable {
        let count: Int
        let ends: [Int]

        init(_ units: Range<Int>, in storage: IdStorage) {
            count = units.count
            ends = (units.prefix(32) + units.suffix(32)).map { storage[$0] }
        }
    }

    /// The file that holds the same units, by its number in the order of `add`. They are compared one by one.
    func file(holding units: Range<Int>, in storage: IdStorage) -> Int? {
        candidates[Sketch(units, in: storage)]?.first { storage.isEqual(files[$0], units) }
    }

    mutating func add(_ units: Range<Int>, in storage: IdStorage) {
        candidates[Sketch(units, in: storage), default: []].append(files.count)
        files.append(units)
    }
}
