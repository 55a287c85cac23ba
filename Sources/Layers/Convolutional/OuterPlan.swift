import CKernels
import TensorCore

/// The gradient of a convolution's weights as tables for the kernels `outer` and `outer_turned`.
///
/// The columns of the gradient, one for each (tap, channel of the big side), come in groups that sum over the same
/// pixels. Two ways to group them, and two orders of summing; which is used follows from the layer's shape alone,
/// because the orders differ in bits:
///
/// - by tap: the channels under one tap; pixels whose tap falls outside of the image are left out;
/// - together: with few channels on the big side the taps of one channel are columns side by side, which needs a copy of
///   that side in a ring of zeros. It is small.
/// - lane tree: each lane sums over the pixels, then the lanes are summed;
/// - turned: many channels on the small side become the lanes, in order over pixels and images; the small side is
///   transposed first, some rows of pixels at a time. Wins where planes are too large for the first-level cache.
final class OuterPlan {
    struct Group {
        /// Where each column lies in the big side's block, or its padded copy, from the place of the first pixel.
        let columns: UnsafePointer<Int32>
        let columnCount: Int
        let big: Int
        /// The pixels: rows of the small side from `top` on, each of `width` pixels from column `left` on.
        let top: Int
        let height: Int
        let left: Int
        let width: Int
        let pixels: UnsafePointer<CKOuterPixel>
        /// Of the packed gradient [column][row].
        let firstColumn: Int
    }

    let sides: ConvolutionSides
    let geometry: ConvolutionGeometry
    let isTurned: Bool
    let isTogether: Bool
    /// Of the padded copy; the big side's own size if there is none.
    let paddedSize: Size2D
    let groups: ConstantTable<Group>
    let columns: Int
    private let tables: [AnyObject]

    /// Columns of a group: two tiles of the lane tree's kernel, one of the other's.
    static let groupWidth = 12
    /// Rows of the turned form's lanes, and pixels that are turned at a time.
    static let turnedRows = 32, turnedPixels = 64

    init(_ sides: ConvolutionSides, _ geometry: ConvolutionGeometry) {
        self.sides = sides
        self.geometry = geometry
        let area = geometry.kernel.area, kernel = geometry.kernel, small = sides.small, big = sides.big
        columns = sides.bigChannels * area
        isTurned = Self.prefersTurned(sides, columns: columns)
        isTogether = sides.bigChannels <= 4 || (!isTurned && small.area > 80)
        let stride = geometry.stride, padding = geometry.padding, dilation = geometry.dilation
        // The last row and column that any tap sees.
        let seen = Size2D(
            height: (small.height - 1) * stride.height + geometry.vertical.extent,
            width: (small.width - 1) * stride.width + geometry.horizontal.extent)
        paddedSize = isTogether ? seen : big
        let width = paddedSize.width, plane = paddedSize.area

        var tables: [AnyObject] = []
        var groups: [[Group]] = []  // by slice: taps of the same channels follow one another
        var pixelTables: [Int: ConstantTable<CKOuterPixel>] = [:]
        /// Rows of so many pixels, from (0, 0) on; a lower rectangle is its beginning.
        func pixels(width columns: Int) -> UnsafePointer<CKOuterPixel> {
            if let found = pixelTables[columns] { return found.pointer }
            let table = ConstantTable(
                (0..<small.height * columns).map { index in
                    let y = index / columns, x = index % columns
                    return CKOuterPixel(
                        small: Int32((y * small.width + x) * 16),
                        big: Int32((y * stride.height * width + x * stride.width) * 16))
                })
            pixelTables[columns] = table
            tables.append(table)
            return table.pointer
        }
        func append(_ offsets: [Int], big: Int, rows: Range<Int>, columns: Range<Int>, firstColumn: Int) {
            let table = ConstantTable(offsets.map { Int32($0 * 16) })
            tables.append(table)
            let count = offsets.count, slices = (count + Self.groupWidth - 1) / Self.groupWidth
            for slice in 0..<slices {
                let first = count * slice / slices, end = count * (slice + 1) / slices
                if groups.count == slice { groups.append([]) }
                groups[slice].append(
                    Group(
                        columns: table.pointer + first, columnCount: end - first, big: big * 16, top: rows.lowerBound,
                        height: rows.count, left: columns.lowerBound, width: columns.count,
                        pixels: pixels(width: columns.count), firstColumn: firstColumn + first))
            }
        }
        if isTogether {
            let offsets = (0..<columns).map { column in
                let tap = column % area
                return column / area * plane + tap / kernel.width * dilation.height * width
                    + tap % kernel.width * dilation.width
            }
            append(offsets, big: 0, rows: 0..<small.height, columns: 0..<small.width, firstColumn: 0)
        } else {
            // Taps that touch the same pixels of the big side follow one another.
            let order = (0..<area).sorted { a, b in
                func phase(_ tap: Int) -> Int {
                    tap / kernel.width * dilation.height % stride.height * stride.width
                        + tap % kernel.width * dilation.width % stride.width
                }
                return (phase(a), a) < (phase(b), b)
            }
            for tap in order {
                let row = tap / kernel.width, column = tap % kernel.width
                let rows = geometry.vertical.positions(seeing: row, small: small.height, big: big.height)
                let columns = geometry.horizontal.positions(seeing: column, small: small.width, big: big.width)
                let y = rows.lowerBound * stride.height + row * dilation.height - padding.height
                let x = columns.lowerBound * stride.width + column * dilation.width - padding.width
                let isEmpty = rows.isEmpty || columns.isEmpty
                append(
                    (0..<sides.bigChannels).map { $0 * plane }, big: isEmpty ? 0 : y * width + x,
                    rows: isEmpty ? 0..<0 : rows, columns: isEmpty ? 0..<1 : columns,
                    firstColumn: tap * sides.bigChannels)
            }
        }
        self.groups = ConstantTable(groups.flatMap { $0 })
        self.tables = tables
    }

    private static func prefersTurned(_ sides: ConvolutionSides, columns: Int) -> Bool {
        sides.smallChannels % 16 == 0 && columns >= 128 && sides.small.area >= 200
    }
}
