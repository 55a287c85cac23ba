import CKernels
import Kernels
import TensorCore

extension OuterPlan {
    /// Rows of pixels that are turned at a time.
    fileprivate var chunkRows: Int { max(1, min(sides.small.height, Self.turnedPixels / sides.small.width)) }
    /// Floats of the turned pixels of a thread, or of the small side's pairs; and behind them of the big side's pairs.
    var smallScratch: Int {
        if isTurned {
            return blockGroup * chunkRows * sides.small.width * places * min(Self.turnedTogether, sides.smallChannels)
        }
        return precision == .single ? 0 : blockGroup / 2 * sides.smallChannels * sides.small.area * places
    }
    var bigScratch: Int { precision == .single ? 0 : blockGroup * sides.bigChannels * sides.big.area * 8 }
    /// Floats of a copy of the gradient: kernels run on to the next multiple of 16.
    var copySize: Int { (columns * sides.smallChannels + 15) / 16 * 16 }
    /// So many that they are 4 MB together at most, and each has a group of blocks at least.
    func copies(blocks: Int) -> Int { min((blocks + blockGroup - 1) / blockGroup, max(1, (1 << 20) / copySize)) }
}

/// What the threads of an ``OuterPass`` do, in this order: clear, compute, add, order. Pointers and integers only.
struct OuterJob {
    /// Copies of the gradient, each of consecutive groups of blocks.
    let copies: Int
    /// Floats of one: kernels run on to the next multiple of 16.
    let copySize: Int
    /// Units of work of one copy: some of the rows of one part of the columns.
    let units: Int
    private let gradient: UnsafeMutablePointer<Float>
    /// For each thread what becomes of the small side, and of the big one.
    private let scratch: UnsafeMutablePointer<Float>
    /// [small channels, big channels, taps].
    private let result: UnsafeMutablePointer<Float>
    private let isTurned: Bool
    private let smallScratch: Int
    private let scratchSize: Int
    private let places: Int
    private let isPaired: Bool
    private let vertical: AxisGeometry
    private let bigSize: Size2D
    private let blockGroups: Int
    let channels: Int
    private let taps: Int
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

    init(
        _ plan: OuterPlan, small: Tensor, big: Tensor, gradient: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, result: UnsafeMutablePointer<Float>, in context: ComputeContext
    ) {
        let threads = context.workers.count
        self.gradient = gradient
        self.scratch = scratch
        self.result = result
        kernels = context.kernels
        groups = plan.groups.pointer
        parts = plan.parts.pointer
        partCount = plan.parts.count - 1
        blockGroup = plan.blockGroup
        blocks = small.shape[0]
        rows = plan.sides.smallChannels
        channels = plan.sides.bigChannels
        taps = plan.geometry.kernel.area
        self.small = small.pointer
        self.big = big.pointer
        size = plan.sides.small
        smallBlock = rows * size.area * 16
        bigBlock = plan.sides.bigChannels * plan.sides.big.area * 16
        chunkRows = plan.chunkRows
        places = plan.places
        isPaired = plan.precision != .single
        vertical = plan.geometry.vertical
        bigSize = plan.sides.big
        ahead = plan.groups.count == partCount ? 12 * plan.sides.big.area * plan.places : 0
        isTurned = plan.isTurned
        smallScratch = plan.smallScratch
        scratchSize = plan.smallScratch + plan.bigScratch
        blockGroups = (blocks + blockGroup - 1) / blockGroup
        copySize = plan.copySize
        copies = plan.copies(blocks: blocks)
        if plan.isTurned {
            rowGroups = (rows + OuterPlan.turnedTogether - 1) / OuterPlan.turnedTogether
        } else {
            let whole = partCount * copies
            rowGroups = whole >= 4 * threads || threads == 1 ? 1 : max(1, min(rows / 8, 4 * threads / max(1, whole)))
        }
        units = rowGroups * partCount
    }

    /// The blocks of a copy.
    func blocks(ofCopy copy: Int) -> Range<Int> {
        blockGroups * copy / copies * blockGroup..<min(blocks, blockGroups * (copy + 1) / copies * blockGroup)
    }

    /// Zeros for some floats of all copies.
    func clear(_ floats: Range<Int>) {
        (gradient + floats.lowerBound).update(repeating: 0, count: floats.count)
    }

    /// Some units of all copies, the copies one after the other.
    func compute(_ range: Range<Int>, thread: Int) {
        guard !range.isEmpty else { return }
        for copy in range.lowerBound / units...(range.upperBound - 1) / units {
            let part = range.clamped(to: copy * units..<(copy + 1) * units)
            let mine = part.lowerBound - copy * units..<part.upperBound - copy * units
            for group in blockGroups * copy / copies..<blockGroups * (copy + 1) / copies {
                if isTurned {
                    turned(group, mine, scratch + thread * scratchSize, gradient + copy * copySize)
                } else {
                    lanes(group, mine, scratch + thread * scratchSize, gradient + copy * copySize)
                }
            }
        }
    }

    /// Adds some floats of the later copies to the first.
    func add(_ floats: Range<Int>) {
        guard !floats.isEmpty else { return }
        let sum = gradient + floats.lowerBound
        for copy in 1..<copies { kernels.accumulate(sum + copy * copySize, 1, sum, floats.count) }
    }

    /// Puts some channels of the big side in order: [tap][channel][row] to [row][channel][tap].
    func order(_ range: Range<Int>) {
        for channel in range {
            kernels.transpose(
                gradient + channel * rows, channels * rows, taps, rows, result + channel * taps, channels * taps)
        }
    }

    /// The lane tree, for some units and one group of blocks.
    private func lanes(
        _ blockIndex: Int, _ units: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) {
        var call = call(blockIndex)
        call.small_plane = size.area * 16
        call.small_block = smallBlock
        let block = blockIndex * blockGroup
        var small = small + block * smallBlock, big = big + block * bigBlock
        let multiply = (isPaired ? kernels.outer_pairs : kernels.outer)!
        if isPaired {
            kernels.pair_rows(small, smallBlock, call.blocks, smallBlock, scratch, smallBlock)
            kernels.pair_rows(big, bigBlock, call.blocks, bigBlock, scratch + smallScratch, bigBlock)
            (small, big) = (UnsafePointer(scratch), UnsafePointer(scratch + smallScratch))
            call.blocks = (call.blocks + 1) / 2
        }
        for unit in units {
            let rowGroup = unit / partCount, part = unit % partCount
            let first = rows * rowGroup / rowGroups
            call.rows = rows * (rowGroup + 1) / rowGroups - first
            call.gradient = gradient + first
            for index in parts[part]..<parts[part + 1] {
                let group = groups[index]
                call.small = small + (first * size.area + group.top * size.width + group.left) * 16
                call.big = big + group.big
                call.columns_at = group.columns
                call.columns = group.columnCount
                call.pixels = group.pixels
                call.pixel_count = group.height * group.width
                multiply(&call)
            }
        }
    }

    /// The turned form, one chunk of pixels after the other.
    private func turned(
        _ blockIndex: Int, _ units: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) {
        guard !units.isEmpty else { return }
        var call = call(blockIndex)
        call.ahead = ahead
        let block = blockIndex * blockGroup, turn = (isPaired ? kernels.turn_pairs : kernels.turn)!
        let multiply = (isPaired ? kernels.outer_turned_pairs : kernels.outer_turned)!
        let pairs = scratch + smallScratch
        var pairedRows = 0
        if isPaired { call.big_block = channels * bigSize.area * places }
        for rowGroup in units.lowerBound / partCount...(units.upperBound - 1) / partCount {
            let first = rowGroup * OuterPlan.turnedTogether, all = min(OuterPlan.turnedTogether, rows - first)
            let mine = units.clamped(to: rowGroup * partCount..<(rowGroup + 1) * partCount)
            let start = parts[mine.lowerBound - rowGroup * partCount]
            let end = parts[mine.upperBound - rowGroup * partCount]
            for top in stride(from: 0, to: size.height, by: chunkRows) {
                let bottom = min(top + chunkRows, size.height), pixels = (bottom - top) * size.width
                if isPaired {
                    let seen = min(bigSize.height, (bottom - 1) * vertical.stride - vertical.padding + vertical.extent)
                    if pairedRows < seen { pairImages(pairedRows..<seen, block..<block + call.blocks, pairs) }
                    pairedRows = max(pairedRows, seen)
                }
                for row in stride(from: 0, to: all, by: OuterPlan.turnedRows) {
                    let height = min(OuterPlan.turnedRows, all - row)
                    for index in 0..<call.blocks {
                        turn(
                            small + (block + index) * smallBlock + ((first + row) * size.area + top * size.width) * 16,
                            size.area * 16, height, pixels,
                            scratch + (row * call.blocks + index * height) * pixels * places)
                    }
                }
                for index in start..<end {
                    let group = groups[index]
                    let low = max(top, group.top), high = min(bottom, group.top + group.height)
                    guard low < high else { continue }
                    call.big = (isPaired ? UnsafePointer(pairs) : big + block * bigBlock) + group.big
                    call.columns_at = group.columns
                    call.columns = group.columnCount
                    call.pixels = group.pixels + (low - group.top) * group.width
                    call.pixel_count = (high - low) * group.width
                    for row in stride(from: 0, to: all, by: OuterPlan.turnedRows) {
                        let height = min(OuterPlan.turnedRows, all - row)
                        call.rows = height
                        call.small_block = pixels * places * height
                        call.small =
                            UnsafePointer(scratch) + row * call.blocks * pixels * places
                            + ((group.top - top) * size.width + group.left) * places * height
                        call.gradient = gradient + first + row
                        multiply(&call)
                    }
                }
            }
        }
    }

    /// Pairs of neighboring images of some rows of the big side.
    private func pairImages(_ rows: Range<Int>, _ blocks: Range<Int>, _ pairs: UnsafeMutablePointer<Float>) {
        let start = rows.lowerBound * bigSize.width, pixels = rows.count * bigSize.width
        for (index, block) in blocks.enumerated() {
            for channel in 0..<channels {
                let plane = channel * bigSize.area + start
                kernels.pair_neighbors(
                    big + block * bigBlock + plane * 16, pixels * 16,
                    pairs + (index * channels * bigSize.area + plane) * places)
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
