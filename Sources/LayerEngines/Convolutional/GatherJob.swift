import CKernels
import Kernels
import TensorCore

/// What the threads of a ``GatherPass`` do. Pointers and integers only.
///
/// The work is cut into blocks; a block whose input exceeds the second-level cache into bands of rows,
/// whose input all classes and output tiles share; and, if there are fewer of these than the threads need, into groups of
/// output tiles and narrower bands. Each element is one sum by one thread, so no cut changes a bit.
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
    private let inputBlock: Int
    private let outputBlock: Int
    private let call: CKGather
    private let blocks: Int
    private var bandRows: Int
    private var bands: Int { (rows + bandRows - 1) / bandRows }
    private var groups = 1

    init(_ plan: GatherPlan, _ call: CKGather, blocks: Int, in context: ComputeContext) {
        gather = context.kernels.gather
        classes = plan.classes.pointer
        classCount = plan.classes.count
        tiles = plan.tiles.pointer
        tileCount = plan.tiles.count
        inputs = plan.inputs
        pieces = plan.pieces
        rows = plan.outputSize.height
        bandRows = plan.bandRows
        inputBlock = plan.inputs * plan.inputSize.area * 16
        outputBlock = plan.outputs * plan.outputSize.area * 16
        self.call = call
        self.blocks = blocks
        divide(threads: context.workers.count)
    }

    private mutating func divide(threads: Int) {
        guard threads > 1, blocks % threads != 0 else { return }
        while blocks * bands * groups < 4 * threads, groups < tileCount { groups += 1 }
        while blocks * bands * groups < 4 * threads, bandRows > 1 { bandRows -= 1 }
    }

    /// Some units of all blocks, the blocks one after the other.
    func run(_ units: Range<Int>) {
        var call = call
        for unit in units {
            let group = unit % groups, band = unit / groups % bands, block = unit / groups / bands
            let firstTile = tileCount * group / groups
            call.tiles = tiles + firstTile
            call.tile_count = tileCount * (group + 1) / groups - firstTile
            call.x = self.call.x + block * inputBlock
            call.y = self.call.y + block * outputBlock
            let top = band * bandRows, bottom = min(rows, top + bandRows)
            for piece in 0..<pieces {
                let inputs = self.inputs * piece / pieces..<self.inputs * (piece + 1) / pieces
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
