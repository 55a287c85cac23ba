import CKernels
import Kernels
import TensorCore

/// What the threads of a ``GatherPass`` do. Pointers and integers only.
///
/// The work is cut into blocks; a block whose input exceeds the second-level cache into bands of rows,
/// whose input all classes and output tiles share; and, if there are fewer of these than the threads need, into groups of
/// output tiles and narrower bands. Each element is one sum by one thread, so no cut changes a bit.
///
/// In half precision a band's rows become pairs just before they are needed, and stay in the cache for all its products:
/// each row once for each thread that sees it.
struct GatherJob {
    /// Units of work of one block, and of all.
    var unitsOfBlock: Int { bands * groups }
    var units: Int { blocks * bands * groups }
    private let gather: @convention(c) (UnsafePointer<CKGather>?) -> Void
    private let classes: UnsafePointer<GatherPlan.Class>
    private let classCount: Int
    private let tiles: UnsafePointer<CKOutputs>
    private let tileCount: Int
    private let inputs: Int
    private let pieces: Int
    private let rows: Int
    private let x: UnsafePointer<Float>
    private let inputBlock: Int
    private let outputBlock: Int
    private let pairing: Pairing?
    private let call: CKGather
    private let blocks: Int
    private var bandRows: Int
    private var bands: Int { (rows + bandRows - 1) / bandRows }
    private var groups = 1

    /// - Parameters:
    ///   - x: [blocks, channels, height, width, 16].
    ///   - pairs: in half precision [threads, inputs, height, width, 16].
    init(
        _ plan: GatherPlan, _ call: CKGather, x: Tensor, pairs: UnsafeMutablePointer<Float>, in context: ComputeContext
    ) {
        gather = plan.precision == .single ? context.kernels.gather : context.kernels.gather_pairs
        classes = plan.classes.pointer
        classCount = plan.classes.count
        tiles = plan.tiles.pointer
        tileCount = plan.tiles.count
        inputs = plan.inputs
        pieces = plan.pieces
        rows = plan.outputSize.height
        bandRows = plan.bandRows
        self.x = x.pointer
        inputBlock = plan.channels * plan.inputSize.area * 16
        outputBlock = plan.outputs * plan.outputSize.area * 16
        pairing =
            plan.precision == .single
            ? nil
            : Pairing(
                pairRows: context.kernels.pair_rows, seen: plan.rowsSeen.pointer, channels: plan.channels,
                plane: plan.inputSize.area * 16, row: plan.inputSize.width * 16, pairs: pairs, size: plan.inputBlock)
        self.call = call
        blocks = x.shape[0]
        divide(threads: context.workers.count)
    }

    private mutating func divide(threads: Int) {
        guard threads > 1, blocks % threads != 0 else { return }
        while blocks * bands * groups < 4 * threads, groups < tileCount { groups += 1 }
        while blocks * bands * groups < 4 * threads, bandRows > 1 { bandRows -= 1 }
    }

    /// Some units of all blocks, the blocks one after the other.
    func run(_ units: Range<Int>, thread: Int) {
        var call = call, paired = (block: -1, rows: 0..<0)
        for unit in units {
            let group = unit % groups, band = unit / groups % bands, block = unit / groups / bands
            let firstTile = tileCount * group / groups
            call.tiles = tiles + firstTile
            call.tile_count = tileCount * (group + 1) / groups - firstTile
            let source = x + block * inputBlock
            call.x = source
            call.y = self.call.y + block * outputBlock
            let top = band * bandRows, bottom = min(rows, top + bandRows)
            var new = 0..<0
            if let pairing {
                let seen = pairing.rows(seenBy: top..<bottom), known = paired.rows
                // A band may see no row, and dilated ones skip some that a later band sees: what is paired is one piece,
                // and where the next rows do not touch it, it starts anew.
                if !seen.isEmpty {
                    if paired.block != block || !(known.lowerBound...known.upperBound).contains(seen.lowerBound) {
                        paired = (block, seen.lowerBound..<seen.lowerBound)
                    }
                    new = paired.rows.upperBound..<max(paired.rows.upperBound, seen.upperBound)
                    paired.rows = paired.rows.lowerBound..<new.upperBound
                }
                call.x = UnsafePointer(pairing.pairs + thread * pairing.size)
            }
            for piece in 0..<pieces {
                let inputs = self.inputs * piece / pieces..<self.inputs * (piece + 1) / pieces
                if let pairing, !new.isEmpty { pairing.pair(new, of: inputs, source, thread: thread) }
                call.continues = piece == 0 ? 0 : 1
                call.activation = piece == pieces - 1 ? self.call.activation : Int32(CK_LINEAR.rawValue)
                for index in 0..<classCount {
                    let one = classes[index], terms = one.termCount / self.inputs
                    let first = Int(one.rowsAbove[top]), last = Int(one.rowsAbove[bottom])
                    guard first < last else { continue }
                    call.terms = one.terms + inputs.lowerBound * terms
                    call.term_count = inputs.count * terms
                    call.pixels = one.pixels + first * one.columns
                    call.pixel_count = (last - first) * one.columns
                    call.run = one.run
                    gather(&call)
                }
            }
        }
    }
}

/// Makes pairs of neighboring channels. Pointers and integers only.
private struct Pairing {
    let pairRows: @convention(c) (UnsafePointer<Float>?, Int, Int, Int, UnsafeMutablePointer<Float>?, Int) -> Void
    let seen: UnsafePointer<GatherPlan.Rows>
    let channels: Int
    /// Floats of a channel, and of a row of it.
    let plane: Int
    let row: Int
    /// `size` places for each thread.
    let pairs: UnsafeMutablePointer<Float>
    let size: Int

    func rows(seenBy rows: Range<Int>) -> Range<Int> {
        var low = Int32.max, high: Int32 = 0
        for row in rows { (low, high) = (min(low, seen[row].first), max(high, seen[row].end)) }
        return low < high ? Int(low)..<Int(high) : 0..<0
    }

    /// Some rows of some inputs of a block that begins at `source`.
    func pair(_ rows: Range<Int>, of inputs: Range<Int>, _ source: UnsafePointer<Float>, thread: Int) {
        let start = rows.lowerBound * row
        pairRows(
            source + 2 * inputs.lowerBound * plane + start, plane,
            min(2 * inputs.count, channels - 2 * inputs.lowerBound), rows.count * row,
            pairs + thread * size + inputs.lowerBound * plane + start, plane)
    }
}
