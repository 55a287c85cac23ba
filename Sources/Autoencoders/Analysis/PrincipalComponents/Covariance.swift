import CKernels
import Requirements
import TensorCore

/// The covariance C of rows around their mean, as what power iteration needs of it: its product with a basis.
struct Covariance {
    let mean: [Double]
    /// The trace of C: the mean squared distance of the rows from their mean.
    let totalVariance: Double
    private let form: Form

    private enum Form {
        /// C itself, [D, D].
        case matrix(Tensor)
        /// The rows, read again for every product.
        case blocks(CenteredBlocks)
    }

    /// Up to this many columns C is formed, by one reading of the rows; more make a product of the rows cheaper.
    static let matrixLimit = 2048

    init(_ blocks: CenteredBlocks, in context: ComputeContext) throws {
        let columns = blocks.columns, formed = columns <= Self.matrixLimit
        var sums = [Double](repeating: 0, count: columns), squares = 0.0
        var products = [Double](repeating: 0, count: formed ? columns * columns : 0)
        try blocks.forEach(in: context) { block in
            context.columnSums(block).add(to: &sums)
            squares += block.sumOfSquares(in: context)
            if formed { MatrixProduct.multiply(block, transposeA: true, block, in: context).add(to: &products) }
        }
        // The blocks are centered about a first guess of the mean: this is what it was wrong by.
        let count = Double(blocks.count), offset = sums.map { $0 / count }
        mean = zip(blocks.center, offset).map { Double($0) + $1 }
        totalVariance = max(0, squares / count - offset.reduce(0) { $0 + $1 * $1 })
        if formed {
            var matrix = Tensor(uninitialized: [columns, columns])
            matrix.withUnsafeMutablePointer { c in
                for i in 0..<columns {
                    for j in 0..<columns {
                        c[i * columns + j] = Float(products[i * columns + j] / count - offset[i] * offset[j])
                    }
                }
            }
            form = .matrix(matrix)
        } else {
            var blocks = blocks
            blocks.offset = offset
            form = .blocks(blocks)
        }
    }

    /// - Parameter basis: B [L, D].
    /// - Returns: B C [L, D], and B C B^T [L, L].
    func product(_ basis: Tensor, in context: ComputeContext) throws -> (image: Tensor, projection: [Double]) {
        switch form {
        case .matrix(let matrix):
            let image = MatrixProduct.multiply(basis, matrix, in: context)
            let projection = MatrixProduct.multiply(image, basis, transposeB: true, in: context)
            return (image, projection.values.map(Double.init))
        case .blocks(let blocks):
            return try blocks.covarianceProduct(basis, in: context)
        }
    }
}

/// Rows in blocks, less a guess of their mean: numbers of the size of the differences, so that nothing cancels.
struct CenteredBlocks {
    let center: [Float]
    /// The true mean less `center`, [D]; empty until it is known.
    var offset: [Double] = []
    private let source: RowSource
    private let rows: [Int]
    /// The blocks, where they fit the memory allowed.
    private let kept: [Tensor]

    var columns: Int { source.columns }
    var count: Int { rows.count }
    private var blockRows: Int { Self.blockRows(columns: columns) }

    /// 16 MB of numbers, 16 to 512 rows.
    static func blockRows(columns: Int) -> Int { min(512, max(16, (1 << 22) / max(1, columns))) }

    init(_ source: RowSource, rows: [Int], memoryLimit: Int, in context: ComputeContext) throws {
        let blockRows = Self.blockRows(columns: source.columns)
        let first = try source.block(Array(rows.prefix(blockRows)), in: context)
        let center = context.affine(context.columnSums(first), scale: 1 / Float(first.shape.rows)).values
        var kept: [Tensor] = []
        if source.columns > Covariance.matrixLimit, rows.count * source.columns * 4 <= memoryLimit {
            for start in stride(from: 0, to: rows.count, by: blockRows) {
                let part = Array(rows[start..<min(rows.count, start + blockRows)])
                kept.append(try source.block(part, in: context).less(center, in: context))
            }
        }
        (self.source, self.rows, self.center, self.kept) = (source, rows, center, kept)
    }

    func forEach(in context: ComputeContext, _ body: (Tensor) throws -> Void) throws {
        if !kept.isEmpty {
            for block in kept { try body(block) }
            return
        }
        for start in stride(from: 0, to: rows.count, by: blockRows) {
            let part = Array(rows[start..<min(rows.count, start + blockRows)])
            try body(try source.block(part, in: context).less(center, in: context))
        }
    }

    /// Y = X B^T block by block, and from it Y^T X and Y^T Y. Cost: 4 N D L operations.
    func covarianceProduct(
        _ basis: Tensor, in context: ComputeContext
    ) throws -> (image: Tensor, projection: [Double]) {
        let size = basis.shape.rows, packed = PackedMatrix(basis, transposed: true, in: context)
        var image = Tensor(zeros: basis.shape), projection = [Double](repeating: 0, count: size * size)
        try forEach(in: context) { block in
            let y = MatrixProduct.multiply(block, packed, in: context)
            image = context.map(image, MatrixProduct.multiplyTall(y, block, in: context), context.kernels.add)
            MatrixProduct.multiplyTall(y, y, in: context).add(to: &projection)
        }
        // C = X^T X / N - m m^T with m the offset.
        let scale = 1 / Double(count), columns = columns
        let shares = basis.times(offset)
        image.withUnsafeMutablePointer { p in
            for i in 0..<size {
                for j in 0..<columns {
                    p[i * columns + j] = Float(Double(p[i * columns + j]) * scale - shares[i] * offset[j])
                }
            }
        }
        for i in 0..<size {
            for j in 0..<size { projection[i * size + j] = projection[i * size + j] * scale - shares[i] * shares[j] }
        }
        return (image, projection)
    }
}

extension Tensor {
    /// Adds the elements to sums in double precision.
    func add(to sums: inout [Double]) {
        require(sums.count == count, "\(count) numbers added to \(sums.count) sums")
        withUnsafePointer { p in
            for index in sums.indices { sums[index] += Double(p[index]) }
        }
    }

    /// Each row by the kernel, the rows in double precision in order.
    func sumOfSquares(in context: ComputeContext) -> Double {
        let columns = shape.columns
        return withUnsafePointer { p in
            (0..<shape.rows).reduce(0) { $0 + Double(context.kernels.sum_of_squares(p + $1 * columns, columns)) }
        }
    }

    /// Each row less one row.
    func less(_ row: [Float], in context: ComputeContext) -> Tensor {
        var result = self
        let columns = shape.columns, negative = Tensor(row.map { -$0 }, shape: [row.count]), kernels = context.kernels
        let target = result.mutablePointer
        negative.withUnsafePointer { negative in
            context.parallel(over: shape.rows, work: count) { part in
                kernels.add_row(target + part.lowerBound * columns, negative, part.count, columns)
            }
        }
        return result
    }

    /// The scalar product of each row with one vector, in double precision.
    func times(_ vector: [Double]) -> [Double] {
        let columns = shape.columns
        return withUnsafePointer { p in
            (0..<shape.rows).map { row in
                var sum = 0.0
                for column in 0..<columns { sum += Double(p[row * columns + column]) * vector[column] }
                return sum
            }
        }
    }
}
