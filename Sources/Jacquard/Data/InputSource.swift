import Digests
import Images
import Kernels
import Requirements
import TensorCore

/// Where the inputs of a data set come from, by index: numbers in memory, bytes that become numbers in a batch, or
/// pictures that are read when a batch asks for them.
struct InputSource: Sendable {
    enum Content: Sendable {
        case tensor(Tensor)
        /// Values 0…255, that many for each example; they become 0…1.
        case bytes([UInt8], perExample: Int)
        case pictures(any PictureSource)
    }

    let content: Content
    /// Of one example.
    var shape: Shape
    let pictureShape: Shape?
    var scales: [Standardization] = []
    /// Of the columns of a table.
    var names: [String] = []

    init(_ content: Content, shape: Shape, pictureShape: Shape? = nil) {
        (self.content, self.shape, self.pictureShape) = (content, shape, pictureShape)
    }

    var count: Int {
        switch content {
        case .tensor(let tensor): tensor.shape[0]
        case .bytes(let bytes, let perExample): perExample == 0 ? 0 : bytes.count / perExample
        case .pictures(let source): source.count
        }
    }

    /// - Returns: [N, …].
    func gather(_ indices: [Int]) throws(DatasetError) -> Tensor {
        var batch = try gatherAsStored(indices)
        for scale in scales { batch = scale(batch) }
        return batch.reshaped(to: Shape([indices.count] + shape.dimensions))
    }

    private func gatherAsStored(_ indices: [Int]) throws(DatasetError) -> Tensor {
        switch content {
        case .tensor(let tensor): return tensor.rows(indices)
        case .bytes(let bytes, let size):
            var result = Tensor(uninitialized: [indices.count, size])
            result.withUnsafeMutablePointer { target in
                bytes.withUnsafeBufferPointer { source in
                    for (row, index) in indices.enumerated() {
                        for i in 0..<size { target[row * size + i] = Float(source[index * size + i]) / 255 }
                    }
                }
            }
            return result
        case .pictures(let source):
            do throws(ImageError) {
                let batch = try source.batch(indices)
                if let failure = batch.failures.first { throw failure.error }
                return batch.tensor()
            } catch {
                throw .unreadable("\(error)")
            }
        }
    }

    /// What tells these inputs from others: a digest of the numbers, or of the names and sizes of pictures.
    func update(_ hash: inout SHA256, order: [Int]) {
        func add(_ numbers: [Int]) { numbers.withUnsafeBytes { hash.update($0) } }
        add(shape.dimensions + [order.count])
        add(order)
        switch content {
        case .tensor(let tensor):
            tensor.withUnsafePointer { hash.update(UnsafeRawBufferPointer(start: $0, count: 4 * tensor.count)) }
        case .bytes(let bytes, _): hash.update(bytes)
        case .pictures(let source):
            for item in source.collection.items { hash.update(Array("\(item.name) \(item.size)\0".utf8)) }
        }
        for scale in scales {
            for tensor in [scale.mean, scale.deviation] {
                tensor.withUnsafePointer { hash.update(UnsafeRawBufferPointer(start: $0, count: 4 * tensor.count)) }
            }
        }
    }
}

extension Dataset {
    /// What tells these examples from others, in 64 hexadecimal digits.
    var fingerprint: String {
        var hash = SHA256()
        inputs.update(&hash, order: order)
        switch targets {
        case .labels(let labels): labels.withUnsafeBytes { hash.update($0) }
        case .values(let values):
            values.withUnsafePointer { hash.update(UnsafeRawBufferPointer(start: $0, count: 4 * values.count)) }
        }
        return hash.finish()
    }
}

/// Mean and standard deviation of each input number over some examples: with them inputs of any size become numbers
/// around zero, which networks learn from best.
///
/// Fit it to the examples to learn from alone: what is held out must not be known before.
///
/// ```swift
/// let (training, heldOut) = houses.split(heldOut: 500)
/// let scale = try Standardization(fittedTo: training)
/// try trainer.fit(
///     training.standardized(by: scale), batch: 32, epochs: 50, validation: heldOut.standardized(by: scale))
/// ```
public struct Standardization: Sendable, Equatable {
    /// Of each input number.
    public let mean: Tensor
    /// Of each input number, with the N of the examples below the fraction; 1 where all examples have the same number.
    public let deviation: Tensor

    /// Cost: two passes over the examples, in batches.
    /// - Parameters:
    ///   - data: the examples to learn from.
    ///   - isShared: one mean and one deviation for all input numbers, as for the pixels of a picture, which are alike.
    /// - Throws: ``DatasetError`` for an input that is not finite, and where inputs are read from files.
    public init(fittedTo data: Dataset, isShared: Bool = false) throws(DatasetError) {
        require(data.count > 0, "a standardization is fitted to examples, and there are none")
        let size = data.inputShape.count, groups = isShared ? 1 : size
        require(
            size > 0, "a standardization is fitted to input numbers, and inputs of shape \(data.inputShape) have none")
        let count = Double(data.count * size / groups)
        func sums(_ term: (Double, Int) -> Double) throws(DatasetError) -> [Double] {
            var sums = [Double](repeating: 0, count: groups)
            try data.forEachBatch { positions throws(DatasetError) in
                let values = try data.batch(positions).inputs.values
                for (index, value) in values.enumerated() {
                    sums[index % groups] += term(Double(value), index % groups)
                }
            }
            return sums
        }
        let mean = try sums { value, _ in value }.map { $0 / count }
        if !mean.allSatisfy(\.isFinite) {
            try data.forEachBatch { positions throws(DatasetError) in
                try data.checkFinite(positions, areHeldOut: false)
            }
        }
        let squares = try sums { value, index in (value - mean[index]) * (value - mean[index]) }
        func tensor(_ numbers: [Double]) -> Tensor {
            Tensor((0..<size).map { Float(numbers[$0 % groups]) }, shape: [size])
        }
        self.mean = tensor(mean)
        deviation = tensor(squares.map { $0 > 0 ? ($0 / count).squareRoot() : 1 })
    }

    /// Inputs [N, …] that were not standardized.
    public func callAsFunction(_ inputs: Tensor) -> Tensor {
        let size = mean.count
        require(
            size > 0 && inputs.count % size == 0,
            "inputs of shape \(inputs.shape) for a standardization of \(size) numbers")
        var result = inputs
        result.withUnsafeMutablePointer { values in
            mean.withUnsafePointer { mean in
                deviation.withUnsafePointer { deviation in
                    for start in stride(from: 0, to: inputs.count, by: size) {
                        for i in 0..<size { values[start + i] = (values[start + i] - mean[i]) / deviation[i] }
                    }
                }
            }
        }
        return result
    }
}
