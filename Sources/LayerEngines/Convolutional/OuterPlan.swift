import CKernels
import Kernels
import TensorCore

/// The gradient of a convolution's weights as tables for the kernels `outer` and `outer_turned`.
///
/// The columns of the gradient, one for each tap and channel of the big side, come in groups that sum over the same pixels,
/// a rectangle of the small side. There are two ways to group them, and two orders of summing; which are used follows from
/// the layer's shape alone, because they differ in bits:
///
/// - by tap: all channels under one tap, over the pixels whose tap falls on the image;
/// - by class of pixels (``AxisClass``): all taps that the pixels of a class see. On large planes, and where there are few
///   channels, it is worth much that neighboring taps read the same cache lines.
/// - lane tree: each lane sums over the pixels, then the lanes are summed;
/// - turned: the channels of the small side become the lanes, and the sum runs over pixels and images. The small side is
///   transposed first, 64 pixels at a time; for many columns that is nothing.
///
/// In half precision both sides are pairs: of neighboring images where they are turned, else of neighboring blocks.
final class OuterPlan {
    struct Group {
        let columns: UnsafePointer<CKColumn>
        let columnCount: Int
        /// The pixels: `height` rows of the small side from `top` on, of `width` pixels from `left` on.
        let top: Int
        let height: Int
        let left: Int
        let width: Int
        let pixels: UnsafePointer<CKOuterPixel>
        /// Where the first pixel stands on the big side, in places; a column adds its tap and channel.
        let big: Int
    }

    let sides: ConvolutionSides
    let geometry: ConvolutionGeometry
    let isTurned: Bool
    /// Of the product: half only where making the pairs costs less than they save.
    let precision: ProductPrecision
    /// Of a pixel: its 16 images, or the pairs of them.
    let places: Int
    /// Taps x channels of the big side.
    let columns: Int
    let groups: ConstantTable<Group>
    /// Where in `groups` each part starts, and the end. No column is in two parts.
    let parts: ConstantTable<Int>
    /// Blocks that are summed in one go, so that planes of a few pixels are worth a sum.
    let blockGroup: Int
    private let tables: [AnyObject]

    /// Channels of the small side that become the lanes of one call of the kernel.
    static let turnedRows = 32
    /// Channels of the small side, and pixels, that are transposed before any of them is multiplied: the big side's pixels
    /// come from the third-level cache, and are then read once for as many channels as the second level has room for.
    static let turnedTogether = 128, turnedPixels = 64
    /// For each number that becomes half of a pair of blocks.
    private static let leastProducts = 16
    /// Columns of a tile of either kernel.
    private static let laneColumns = 6, turnedColumns = 12

    init(_ sides: ConvolutionSides, _ geometry: ConvolutionGeometry, _ wanted: ProductPrecision) {
        self.sides = sides
        self.geometry = geometry
        columns = sides.bigChannels * geometry.kernel.area
        isTurned = sides.smallChannels % 16 == 0 && columns >= 48
        let products = sides.smallChannels * sides.small.area * columns
        let numbers = sides.smallChannels * sides.small.area + sides.bigChannels * sides.big.area
        precision = isTurned || products >= Self.leastProducts * numbers ? wanted : .single
        places = isTurned ? 16 / precision.numbersPerPlace : 16
        let group = max(1, Self.turnedPixels / sides.small.area)
        blockGroup = isTurned || precision == .single ? group : (group + 1) / 2 * 2
        var tables = OuterTables(
            sides, geometry, places: places, tileColumns: isTurned ? Self.turnedColumns : Self.laneColumns,
            tiles: isTurned ? 1 : 2)
        if sides.bigChannels <= 4 || (!isTurned && sides.small.area > 80) {
            tables.groupByClass()
        } else {
            tables.groupByTap()
        }
        groups = ConstantTable(tables.groups)
        parts = ConstantTable(tables.parts + [tables.groups.count])
        self.tables = tables.tables
    }
}

/// Builds the groups of an ``OuterPlan``.
private struct OuterTables {
    let sides: ConvolutionSides
    let geometry: ConvolutionGeometry
    /// Of a pixel.
    let places: Int
    let tileColumns: Int
    /// Of channels under one tap that are a part.
    let tiles: Int
    var groups: [OuterPlan.Group] = []
    var parts: [Int] = []
    var tables: [AnyObject] = []
    private var pixelTables: [Int: UnsafePointer<CKOuterPixel>] = [:]

    init(_ sides: ConvolutionSides, _ geometry: ConvolutionGeometry, places: Int, tileColumns: Int, tiles: Int) {
        self.sides = sides
        self.geometry = geometry
        self.places = places
        self.tileColumns = tileColumns
        self.tiles = tiles
    }

    /// Some channels under one tap are a part. Taps of the same channels follow one another, those first that read
    /// the same pixels of the big side.
    mutating func groupByTap() {
        let kernel = geometry.kernel, stride = geometry.stride, dilation = geometry.dilation
        let taps = (0..<kernel.area).sorted { a, b in
            func phase(_ tap: Int) -> Int {
                tap / kernel.width * dilation.height % stride.height * stride.width
                    + tap % kernel.width * dilation.width % stride.width
            }
            return (phase(a), a) < (phase(b), b)
        }
        for channels in slices(of: sides.bigChannels, width: tileColumns, together: tiles) {
            for tap in taps {
                let row = tap / kernel.width, column = tap % kernel.width
                let rows = geometry.vertical.positions(seeing: row, small: sides.small.height, big: sides.big.height)
                let columns = geometry.horizontal.positions(
                    seeing: column, small: sides.small.width, big: sides.big.width)
                guard !rows.isEmpty, !columns.isEmpty else { continue }  // always over the edge: its gradient is zero
                parts.append(groups.count)
                append(channels.map { ($0, row, column) }, rows: rows, columns: columns)
            }
        }
    }

    /// Some channels, with all their taps, are a part.
    mutating func groupByClass() {
        let tall = AxisClass.down(geometry.vertical, small: sides.small.height, big: sides.big.height)
        let wide = AxisClass.down(geometry.horizontal, small: sides.small.width, big: sides.big.width)
        let area = geometry.kernel.area
        for channels in slices(of: sides.bigChannels, width: max(1, 4 * tileColumns / area), together: 1) {
            parts.append(groups.count)
            for y in tall {
                for x in wide where !y.taps.isEmpty && !x.taps.isEmpty {
                    let columns = channels.flatMap { channel in
                        y.taps.flatMap { row in x.taps.map { (channel, row, $0) } }
                    }
                    append(
                        columns, rows: y.positions[0]..<y.positions[0] + y.positions.count,
                        columns: x.positions[0]..<x.positions[0] + x.positions.count)
                }
            }
        }
    }

    private mutating func append(
        _ columns: [(channel: Int, row: Int, column: Int)], rows: Range<Int>, columns across: Range<Int>
    ) {
        let kernel = geometry.kernel, padding = geometry.padding, dilation = geometry.dilation, width = sides.big.width
        let table = ConstantTable(
            columns.map { channel, row, column in
                let step = (row * dilation.height - padding.height) * width + column * dilation.width - padding.width
                let number = (row * kernel.width + column) * sides.bigChannels + channel
                return CKColumn(
                    big: Int32((channel * sides.big.area + step) * places),
                    gradient: Int32(number * sides.smallChannels))
            })
        tables.append(table)
        let first = rows.lowerBound * geometry.stride.height * width + across.lowerBound * geometry.stride.width
        groups.append(
            OuterPlan.Group(
                columns: table.pointer, columnCount: columns.count, top: rows.lowerBound, height: rows.count,
                left: across.lowerBound, width: across.count, pixels: pixels(across.count), big: first * places))
    }

    /// Rows of so many pixels, from (0, 0) on; a rectangle of fewer rows is its beginning.
    private mutating func pixels(_ columns: Int) -> UnsafePointer<CKOuterPixel> {
        if let found = pixelTables[columns] { return found }
        let small = sides.small.width, big = sides.big.width, stride = geometry.stride
        let table = ConstantTable(
            (0..<sides.small.height * columns).map { index in
                let y = index / columns, x = index % columns
                return CKOuterPixel(
                    small: Int32((y * small + x) * places),
                    big: Int32((y * stride.height * big + x * stride.width) * places))
            })
        tables.append(table)
        pixelTables[columns] = table.pointer
        return table.pointer
    }

    /// Even tiles of at most `width`, some of them together.
    private func slices(of count: Int, width: Int, together: Int) -> [Range<Int>] {
        let tiles = (count + width - 1) / width
        return stride(from: 0, to: tiles, by: together).map { tile in
            count * tile / tiles..<count * min(tile + together, tiles) / tiles
        }
    }
}
