import CKernels
import Kernels
import Requirements
import TensorCore

/// The two sides of a convolution: it goes from the big one to the small one, a transposed convolution back. The weight
/// is [small channels, big channels, kernel height, kernel width] either way.
struct ConvolutionSides: Hashable {
    let smallChannels: Int
    let bigChannels: Int
    let small: Size2D
    let big: Size2D
}

/// One direction of a convolution as tables for the kernel `gather`.
///
/// Pixels of the output are grouped in classes, the products of the classes of the two axes; all pixels of a class have
/// the same terms. The outputs are cut into tiles of the shapes that the instruction set has.
final class GatherPlan {
    /// What a class needs in a parallel region.
    struct Class {
        let terms: UnsafePointer<CKTerm>
        let termCount: Int
        let pixels: UnsafePointer<CKPixel>
        /// Pixels in a row of the class, and the same again if such a row lies in one piece in the input, else 0.
        let columns: Int
        let run: Int
        /// For each row of the output, and for the end: the rows of this class above it.
        let rowsAbove: UnsafePointer<Int32>
    }

    /// Input rows that a row of the output sees; none if `end` is 0.
    struct Rows {
        var first = Int32.max
        var end: Int32 = 0
    }

    /// Of the product; single for one channel.
    let precision: ProductPrecision
    /// Of the input, and how many places they make: in half precision one for each two.
    let channels: Int
    let inputs: Int
    let outputs: Int
    let inputSize: Size2D
    let outputSize: Size2D
    let tiles: ConstantTable<CKOutputs>
    /// For each row of the output.
    let rowsSeen: ConstantTable<Rows>
    /// Rows of the output that share their input in the second-level cache, one piece of the inputs after the other.
    let bandRows: Int
    let pieces: Int
    let classes: ConstantTable<Class>
    /// Places of a block of the input.
    var inputBlock: Int { inputs * inputSize.area * 16 }
    /// Terms of one output: inputs x kernel area.
    let weightTerms: Int
    /// Floats in the weight from one output to the next, and from one channel to the next.
    let weightRow: Int
    let weightInput: Int
    /// For each input and tap which term of the packed weights it is.
    let places: ConstantTable<Int32>
    private let tables: [AnyObject]
    private let packed = LatestValue<Int, Tensor>()

    enum Direction { case down, up }

    init(
        _ direction: Direction, _ sides: ConvolutionSides, _ geometry: ConvolutionGeometry,
        _ wanted: ProductPrecision, in context: ComputeContext
    ) {
        let down = direction == .down, area = geometry.kernel.area
        channels = down ? sides.bigChannels : sides.smallChannels
        precision = channels > 1 ? wanted : .single
        let numbers = precision.numbersPerPlace
        inputs = (channels + numbers - 1) / numbers
        outputs = down ? sides.smallChannels : sides.bigChannels
        inputSize = down ? sides.big : sides.small
        outputSize = down ? sides.small : sides.big
        weightTerms = inputs * area
        weightRow = down ? sides.bigChannels * area : area
        require(
            max(channels * inputSize.area, outputSize.area) * 16 <= Int(Int32.max)
                && sides.smallChannels * weightRow < 1 << 31,
            "a convolution from \(channels) planes of \(inputSize) to \(outputs) of \(outputSize) is too large")

        // Taps that the same pixels see lie side by side in the packed weights.
        func phases(_ axis: AxisGeometry) -> [[Int]] {
            guard !down else { return [Array(0..<axis.kernel)] }
            return (0..<axis.stride).map { phase in
                (0..<axis.kernel).filter { $0 * axis.dilation % axis.stride == phase }
            }
        }
        weightInput = down ? area : sides.bigChannels * area
        let kernelWidth = geometry.kernel.width
        var places = [Int32](repeating: 0, count: weightTerms), term: Int32 = 0
        for rows in phases(geometry.vertical) {
            for columns in phases(geometry.horizontal) {
                for input in 0..<inputs {
                    for row in rows {
                        for column in columns {
                            places[input * area + row * kernelWidth + column] = term
                            term += 1
                        }
                    }
                }
            }
        }
        self.places = ConstantTable(places)

        func axisClasses(_ axis: AxisGeometry, _ small: Int, _ big: Int) -> [AxisClass] {
            down ? AxisClass.down(axis, small: small, big: big) : AxisClass.up(axis, small: small, big: big)
        }
        var tables: [AnyObject] = [], classes: [Class] = [], sizes: [GatherTiling.ClassSize] = []
        let width = inputSize.width, plane = inputSize.area
        var seen = [Rows](repeating: Rows(), count: outputSize.height)
        for y in axisClasses(geometry.vertical, sides.small.height, sides.big.height) {
            let rowsAbove = (0...outputSize.height).map { row in y.positions.prefix { $0 < row }.count }
            let above = ConstantTable(rowsAbove.map { Int32($0) })
            tables.append(above)
            if let first = y.steps.min(), let last = y.steps.max() {
                for (row, base) in zip(y.positions, y.bases) {
                    seen[row] = Rows(first: Int32(base + first), end: Int32(base + last + 1))
                }
            }
            for x in axisClasses(geometry.horizontal, sides.small.width, sides.big.width) {
                var terms: [CKTerm] = [], pixels: [CKPixel] = []
                for input in 0..<inputs {
                    for (row, rowStep) in zip(y.taps, y.steps) {
                        for (column, columnStep) in zip(x.taps, x.steps) {
                            terms.append(
                                CKTerm(
                                    x: Int32((input * plane + rowStep * width + columnStep) * 16),
                                    weight: places[input * area + row * kernelWidth + column]))
                        }
                    }
                }
                for (row, rowBase) in zip(y.positions, y.bases) {
                    for (column, columnBase) in zip(x.positions, x.bases) {
                        pixels.append(
                            CKPixel(
                                x: Int32((rowBase * width + columnBase) * 16),
                                y: Int32((row * outputSize.width + column) * 16)))
                    }
                }
                let termTable = ConstantTable(terms), pixelTable = ConstantTable(pixels)
                tables += [termTable, pixelTable]
                sizes.append(
                    GatherTiling.ClassSize(
                        terms: terms.count, columns: x.positions.count, rowsAbove: rowsAbove))
                classes.append(
                    Class(
                        terms: termTable.pointer, termCount: terms.count, pixels: pixelTable.pointer,
                        columns: x.positions.count,
                        run: zip(x.bases, x.bases.dropFirst()).allSatisfy { $1 == $0 + 1 } ? x.bases.count : 0,
                        rowsAbove: above.pointer))
            }
        }
        self.classes = ConstantTable(classes)
        rowsSeen = ConstantTable(seen)
        self.tables = tables
        let rowBytes = inputs * width * 16 * MemoryLayout<Float>.stride, height = inputSize.height
        let tiling = GatherTiling(
            inputs: inputs, outputs: outputs, rows: outputSize.height, sizes,
            bandBytes: { rows in
                let axis = geometry.vertical
                return rowBytes
                    * min(
                        height,
                        down
                            ? (rows - 1) * axis.stride + axis.extent
                            : (rows + axis.extent + axis.stride - 2) / axis.stride)
            }, in: context)
        tiles = ConstantTable(tiling.tiles)
        bandRows = tiling.bandRows
        pieces = tiling.pieces
    }

    /// The weights as [tile of outputs][term][output in the tile], made again when the version changes. In half precision
    /// they are pairs.
    func packed(_ weight: Tensor, version: Int, in context: ComputeContext) -> Tensor {
        packed.value(for: version) { pack(weight, in: context) }
    }

    private func pack(_ weight: Tensor, in context: ComputeContext) -> Tensor {
        var result = Tensor(uninitialized: [outputs, weightTerms], in: context.workspace, isKept: true)
        let target = result.mutablePointer, tiles = self.tiles.pointer, terms = weightTerms, inputs = self.inputs
        let area = terms / inputs, isPaired = precision != .single, atOnce = GatherPacking.inputsAtOnce
        let chunks = (inputs + atOnce - 1) / atOnce
        let scratchSize = isPaired ? GatherPacking.scratchSize(area: area) : 0
        var scratch = Tensor(uninitialized: [context.workers.count, scratchSize], in: context.workspace)
        let scratchPointer = scratch.mutablePointer
        let packing = GatherPacking(
            channels: channels, area: area, row: weightRow, channel: weightInput,
            weight: weight.pointer, places: places.pointer, kernels: context.kernels)
        withExtendedLifetime((weight, scratch)) {
            context.parallel(over: self.tiles.count * chunks, work: outputs * terms) { thread, range in
                for index in range {
                    let tile = tiles[index / chunks], first = index % chunks * atOnce
                    let some = first..<min(first + atOnce, inputs), target = target + Int(tile.first) * terms
                    if isPaired {
                        packing.pairs(tile, some, into: target, scratchPointer + thread * scratchSize)
                    } else {
                        packing.numbers(tile, some, into: target)
                    }
                }
            }
        }
        return result
    }
}
