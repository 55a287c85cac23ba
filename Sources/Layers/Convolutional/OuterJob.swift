import CKernels
import TensorCore

extension OuterPlan {
    /// Rows of pixels that are turned at a time.
    fileprivate var chunkRows: Int { max(1, Self.turnedPixels / sides.small.width) }
    fileprivate var turnedSize: Int { isTurned ? chunkRows * sides.small.width * 16 * Self.turnedRows : 0 }
    fileprivate var paddedCount: Int { isTogether ? sides.bigChannels * paddedSize.area * 16 : 0 }
    /// Floats that a thread needs: turned pixels, and a padded copy of the big side.
    var scratchSize: Int { turnedSize + paddedCount }
}

/// What a thread of an ``OuterPass`` does. Pointers and integers only.
struct OuterJob {
    /// Groups of rows that become the lanes of the turned form.
    let rowGroups: Int
    private let kernels: CKKernels
    private let groups: UnsafePointer<OuterPlan.Group>
    private let groupCount: Int
    private let isTogether: Bool
    private let rows: Int
    private let bigChannels: Int
    private let small: UnsafePointer<Float>
    private let big: UnsafePointer<Float>
    private let smallSize: Size2D
    private let bigSize: Size2D
    private let paddedSize: Size2D
    private let padding: Size2D
    private let chunkRows: Int
    private let turnedSize: Int
    private let ahead: Int

    init(_ plan: OuterPlan, small: UnsafePointer<Float>, big: UnsafePointer<Float>, in context: ComputeContext) {
        rowGroups = (plan.sides.smallChannels + OuterPlan.turnedRows - 1) / OuterPlan.turnedRows
        kernels = context.kernels
        groups = plan.groups.pointer
        groupCount = plan.groups.count
        isTogether = plan.isTogether
        rows = plan.sides.smallChannels
        bigChannels = plan.sides.bigChannels
        self.small = small
        self.big = big
        smallSize = plan.sides.small
        bigSize = plan.sides.big
        paddedSize = plan.paddedSize
        padding = plan.geometry.padding
        chunkRows = plan.chunkRows
        turnedSize = plan.turnedSize
        ahead = plan.isTogether ? 0 : OuterPlan.groupWidth * plan.sides.big.area * 16
    }

    /// The lane tree over all pixels of a block, for some groups of columns and all rows.
    func lanes(
        _ block: Int, _ range: Range<Int>, accumulate: Bool, _ scratch: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) {
        guard !range.isEmpty else { return }
        let big = bigSide(block, scratch), small = small + block * rows * smallSize.area * 16
        var call = call(rows: rows, accumulate: accumulate)
        call.small_plane = smallSize.area * 16
        call.first = 1
        call.last = 1
        for index in range {
            let group = groups[index]
            call.small = small + (group.top * smallSize.width + group.left) * 16
            call.big = big + group.big
            call.column_at = group.columns
            call.columns = group.columnCount
            call.pixels = group.pixels
            call.pixel_count = group.height * group.width
            call.gradient = gradient + group.firstColumn * rows
            kernels.outer(&call)
        }
    }

    /// The turned form, one chunk of pixels after the other. Unit: a group of columns for one group of rows.
    func turned(
        _ block: Int, _ units: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) {
        guard !units.isEmpty else { return }
        let big = bigSide(block, scratch), small = small + block * rows * smallSize.area * 16
        for top in stride(from: 0, to: smallSize.height, by: chunkRows) {
            let bottom = min(top + chunkRows, smallSize.height)
            for rowGroup in units.lowerBound / groupCount...(units.upperBound - 1) / groupCount {
                let first = rowGroup * OuterPlan.turnedRows, height = min(OuterPlan.turnedRows, rows - first)
                turn(small + first * smallSize.area * 16, height, top..<bottom, scratch)
                var call = call(rows: height, accumulate: block > 0 || top > 0)
                call.ahead = ahead
                let mine = units.clamped(to: rowGroup * groupCount..<(rowGroup + 1) * groupCount)
                for unit in mine {
                    let group = groups[unit - rowGroup * groupCount]
                    let start = max(top, group.top), end = max(start, min(bottom, group.top + group.height))
                    guard start < end || call.accumulate == 0 else { continue }
                    call.small =
                        UnsafePointer(scratch)
                        + ((group.top - top) * smallSize.width + group.left) * 16 * height
                    call.big = big + group.big
                    call.column_at = group.columns
                    call.columns = group.columnCount
                    call.pixels = group.pixels + (start < end ? (start - group.top) * group.width : 0)
                    call.pixel_count = (end - start) * group.width
                    call.gradient = gradient + group.firstColumn * rows + first
                    kernels.outer_turned(&call)
                }
            }
        }
    }

    private func call(rows height: Int, accumulate: Bool) -> CKOuter {
        var call = CKOuter()
        call.rows = height
        call.gradient_row = rows
        call.accumulate = accumulate ? 1 : 0
        return call
    }

    /// [row][pixel][16 images] to [pixel][16 images][row].
    private func turn(
        _ small: UnsafePointer<Float>, _ height: Int, _ range: Range<Int>, _ turned: UnsafeMutablePointer<Float>
    ) {
        let plane = smallSize.area * 16, first = range.lowerBound * smallSize.width
        for pixel in first..<range.upperBound * smallSize.width {
            kernels.transpose(
                small + pixel * 16, plane, height, 16, turned + (pixel - first) * 16 * height, height)
        }
    }

    /// The big side of a block, or its copy with zeros around it.
    private func bigSide(_ block: Int, _ scratch: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
        let source = big + block * bigChannels * bigSize.area * 16
        guard isTogether else { return source }
        let padded = scratch + turnedSize
        let height = min(bigSize.height, paddedSize.height - padding.height)
        let width = min(bigSize.width, paddedSize.width - padding.width)
        guard height > 0, width > 0 else { return UnsafePointer(padded) }
        for channel in 0..<bigChannels {
            for row in 0..<height {
                let from = source + (channel * bigSize.height + row) * bigSize.width * 16
                let place = (channel * paddedSize.height + row + padding.height) * paddedSize.width + padding.width
                (padded + place * 16).update(from: from, count: width * 16)
            }
        }
        return UnsafePointer(padded)
    }

    /// The zeros around the padded copies of all blocks.
    func clearRing(_ scratch: UnsafeMutablePointer<Float>) {
        guard isTogether else { return }
        (scratch + turnedSize).update(repeating: 0, count: bigChannels * paddedSize.area * 16)
    }
}
