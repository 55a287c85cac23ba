import CKernels
package import Images
package import Kernels
package import TensorCore
import TrainingRuns

/// What every report compares an autoencoder with: principal components of the training pictures, as many as the code
/// has numbers. Kept with the run.
package struct PictureBaseline: Sendable, Equatable {
    package let format: PictureFormat
    package let principal: PrincipalComponents

    /// As many as the code has numbers, or as the training pictures vary in.
    package var components: Int { principal.components.shape[0] }

    private static let meanName = "baseline.mean"
    private static let componentsName = "baseline.components"
    private static let variancesName = "baseline.variances"

    /// - Throws: `ImageError`, ``AnalysisError``.
    package init(
        fittedTo source: any PictureSource, _ indices: [Int], components: Int, in context: ComputeContext
    ) throws {
        format = source.format
        principal = try PrincipalComponents.fit(
            RowSource(source, indices, in: context), components: components, options: Self.options(.current),
            in: context)
    }

    /// Pictures are kept where they fit into an eighth of the memory, and otherwise read again in each pass.
    package static func options(_ limit: MemoryLimit) -> PrincipalComponents.Options {
        var options = PrincipalComponents.Options()
        options.memoryLimit = min(options.memoryLimit, limit.bytes / 8)
        return options
    }

    /// Whether there is memory for fitting it, in which a few copies of the directions and a block of pictures are held.
    /// - Parameter pictures: how many there are; they vary in no more directions.
    /// - Throws: `RunError.notEnoughMemory`.
    static func checkMemory(
        components: Int, pictures: Int, format: PictureFormat, limit: MemoryLimit = .current
    ) throws(RunError) {
        let directions = min(components + max(16, components / 4), pictures)
        // Where the pictures are kept, eight times as much as they take is there: room for these as well.
        let planned = (20 * PlannedAmount(directions) * PlannedAmount(format.count)).value
        guard planned <= limit.bytes else {
            throw .notEnoughMemory(
                planned: planned, limit: limit,
                remedy: "Pictures of \(format.width) x \(format.height) are too large for it: choose a smaller `size`")
        }
    }

    /// From a checkpoint; nil where it has none, or none that fits.
    /// - Parameter totalVariance: as the record of the run has it.
    init?(_ tensors: NamedTensors, totalVariance: Double?, format: PictureFormat) {
        guard let mean = tensors[Self.meanName], let components = tensors[Self.componentsName],
            let variances = tensors[Self.variancesName], mean.shape == [format.count], components.shape.rank == 2,
            components.shape[1] == format.count, variances.count == components.shape[0]
        else { return nil }
        self.format = format
        principal = PrincipalComponents(
            mean: mean, components: components, variances: variances.values.map(Double.init),
            totalVariance: totalVariance, fittedRows: 0)
    }

    var tensors: NamedTensors {
        NamedTensors([
            (name: Self.meanName, tensor: principal.mean), (name: Self.componentsName, tensor: principal.components),
            (
                name: Self.variancesName,
                tensor: Tensor(principal.variances.map(Float.init), shape: [principal.variances.count])
            ),
        ])
    }

    /// `pca_mse`: the mean squared error of a value, pixels in 0...1, when pictures are brought back from as many
    /// principal components as the code has numbers.
    package func meanSquaredError(
        of source: any PictureSource, _ indices: [Int], in context: ComputeContext
    ) throws -> Double {
        try principal.meanSquaredError(of: RowSource(source, indices, in: context), in: context)
    }

    /// The sum of squared differences of pictures [N, C, H, W] in 0...1 from what the components bring back.
    func squaredErrors(of pictures: Tensor, in context: ComputeContext) -> Double {
        let rows = pictures.reshaped(to: [pictures.shape[0], format.count])
        let back = principal.rows(from: principal.codes(of: rows, in: context), in: context)
        return context.map(rows, back, context.kernels.subtract).sumOfSquares(in: context)
    }
}

extension RowSource {
    /// Pictures as rows. One that cannot be read counts as the row before it, so that rows keep their number.
    init(_ source: any PictureSource, _ indices: [Int], in context: ComputeContext) {
        let columns = source.format.count
        self.init(count: indices.count, columns: columns) { rows in
            let batch = try source.batch(rows.map { indices[$0] })
            let pixels = batch.tensor()
            guard batch.count < rows.count else { return pixels.reshaped(to: [rows.count, columns]) }
            guard batch.count > 0 else { return Tensor(zeros: [rows.count, columns]) }
            var filled = Tensor(uninitialized: [rows.count, columns])
            var read = -1
            filled.withUnsafeMutablePointer { target in
                pixels.withUnsafePointer { values in
                    for (slot, row) in rows.enumerated() {
                        if read + 1 < batch.count, batch.indices[read + 1] == indices[row] { read += 1 }
                        (target + slot * columns).update(from: values + max(0, read) * columns, count: columns)
                    }
                }
            }
            return filled
        }
    }
}
