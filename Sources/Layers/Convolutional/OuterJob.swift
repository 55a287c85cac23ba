import CKernels
import TensorCore

extension OuterPlan {
    /// Rows of pixels that are turned at a time.
    fileprivate var chunkRows: Int { max(1, min(sides.small.height, Self.turnedPixels / sides.small.width)) }
    /// Floats of the turned pixels of a thread.
    var turnedSize: Int {
        isTurned ? blockGroup * chunkRows * sides.small.width * 16 * min(Self.turnedRows, sides.smallChannels) : 0
    }
}

/// What a thread of an ``OuterPass`` does. Pointers and integers only.
struct OuterJob {
    /// Groups of blocks that are summed in one go.
    let blockGroups: Int
    /// Units of work of one group of blocks: some of the rows of one part of the columns.
    let units: Int
    private let kernels: CKKernels
    private let groups: UnsafePointer<OuterPlan.Group>
    private let parts: UnsafePointer<Int>
    private let partCount: Int
    private let rowGroups: Int
    private let blockGroup: Int
    private let blocks: Int
    private let rows: Int
    private let small: UnsafePointer<Float>
    private let big: UnsafePointer<Float>
    private let smallBlock: Int
    private let bigBlock: Int
    private let size: Size2D
    private let chunkRows: Int
    private let ahead: Int

    init(_ plan: OuterPlan, small: Tensor, big: Tensor, threads: Int, isApart: Bool, in context: ComputeContext) {
        kernels = context.kernels
        groups = plan.groups.pointer
        parts = plan.parts.pointer
        partCount = plan.parts.count - 1
        blockGroup = plan.blockGroup
        blocks = small.shape[0]
        rows = plan.sides.smallChannels
        self.small = small.pointer
        self.big = big.pointer
        size = plan.sides.small
        smallBlock = rows * size.area * 16
        bigBlock = plan.sides.bigChannels * plan.sides.big.area * 16
        chunkRows = plan.chunkRows
        ahead = plan.groups.count == partCount ? 12 * plan.sides.big.area * 16 : 0
        blockGroups = (blocks + blockGroup - 1) / blockGroup
        if plan.isTurned {
            rowGroups = (rows + OuterPlan.turnedRows - 1) / OuterPlan.turnedRows
        } else {
            let whole = partCount * (isApart ? blockGroups : 1)
            rowGroups = whole >= 4 * threads || threads == 1 ? 1 : max(1, min(rows / 8, 4 * threads / max(1, whole)))
        }
        units = rowGroups * partCount
    }

    /// The lane tree, for some units and one group of blocks.
    func lanes(_ blockIndex: Int, _ units: Range<Int>, _ gradient: UnsafeMutablePointer<Float>) {
        var call = call(blockIndex)
        call.small_plane = size.area * 16
        call.small_block = smallBlock
        let block = blockIndex * blockGroup
        for unit in units {
            let rowGroup = unit / partCount, part = unit % partCount
            let first = rows * rowGroup / rowGroups
            call.rows = rows * (rowGroup + 1) / rowGroups - first
            call.gradient = gradient + first
            for index in parts[part]..<parts[part + 1] {
                let group = groups[index]
                call.small = small + block * smallBlock + (first * size.area + group.top * size.width + group.left) * 16
                call.big = big + block * bigBlock + group.big
                call.columns_at = group.columns
                call.columns = group.columnCount
                call.pixels = group.pixels
                call.pixel_count = group.height * group.width
                kernels.outer(&call)
            }
        }
    }

    /// The turned form, one chunk of pixels after the other.
    func turned(
        _ blockIndex: Int, _ units: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) {
        guard !units.isEmpty else { return }
        var call = call(blockIndex)
        call.ahead = ahead
        let block = blockIndex * blockGroup
        for top in stride(from: 0, to: size.height, by: chunkRows) {
            let bottom = min(top + chunkRows, size.height)
            for rowGroup in units.lowerBound / partCount...(units.upperBound - 1) / partCount {
                let first = rowGroup * OuterPlan.turnedRows, height = min(OuterPlan.turnedRows, rows - first)
                let turnedBlock = (bottom - top) * size.width * 16 * height
                for index in 0..<call.blocks {
                    kernels.turn(
                        small + (block + index) * smallBlock + (first * size.area + top * size.width) * 16,
                        size.area * 16, height, (bottom - top) * size.width, scratch + index * turnedBlock)
                }
                call.small_block = turnedBlock
                call.rows = height
                call.gradient = gradient + first
                let mine = units.clamped(to: rowGroup * partCount..<(rowGroup + 1) * partCount)
                guard !mine.isEmpty else { continue }
                let start = parts[mine.lowerBound - rowGroup * partCount]
                for index in start..<parts[mine.upperBound - rowGroup * partCount] {
                    let group = groups[index]
                    let low = max(top, group.top), high = min(bottom, group.top + group.height)
                    guard low < high else { continue }
                    call.small =
                        UnsafePointer(scratch) + ((group.top - top) * size.width + group.left) * 16 * height
                    call.big = big + block * bigBlock + group.big
                    call.columns_at = group.columns
                    call.columns = group.columnCount
                    call.pixels = group.pixels + (low - group.top) * group.width
                    call.pixel_count = (high - low) * group.width
                    kernels.outer_turned(&call)
                }
            }
        }
    }

    private func call(_ blockIndex: Int) -> CKOuter {
        var call = CKOuter()
        call.blocks = min(blockGroup, blocks - blockIndex * blockGroup)
        call.big_block = bigBlock
        return call
    }
}
