public import Autodiff
public import TensorCore

/// How the weights of a layer start. Each takes a random stream, so that a layer's weights depend on the seed and
/// its own stream, not on the layers made before it.
public enum Initializer: Hashable, Codable, Sendable {
    /// Uniform in [-a, a], a = sqrt(6 / (fan in + fan out)). Glorot & Bengio 2010, eq. 16.
    case glorotUniform
    /// Normal with variance 2 / (fan in + fan out).
    case glorotNormal
    /// Normal with variance 2 / fan in, for ReLU. He et al. 2015, eq. 10.
    case heNormal
    /// Rows (or columns, if there are more rows) orthonormal. Saxe et al. 2014.
    case orthogonal
    /// Normal with this standard deviation.
    case normal(deviation: Float)
    /// Uniform in [-bound, bound]; PyTorch's default for recurrent layers with bound = 1 / sqrt(hidden).
    case uniform(bound: Float)
    /// The same number everywhere.
    case constant(Float)

    /// A matrix [fan out, fan in], PyTorch's order of a weight.
    package func matrix(_ fanOut: Int, _ fanIn: Int, from stream: RandomStream, in context: ComputeContext) -> Tensor {
        tensor([fanOut, fanIn], fanOut: fanOut, fanIn: fanIn, from: stream, in: context)
    }

    /// A weight whose fans are not its two dimensions, that of a convolution for instance. The orthogonal form sees a
    /// matrix of the first dimension by the others.
    package func tensor(
        _ shape: Shape, fanOut: Int, fanIn: Int, from stream: RandomStream, in context: ComputeContext
    ) -> Tensor {
        let total = Float(max(1, fanIn + fanOut))
        switch self {
        case .glorotUniform:
            let bound = (6 / total).squareRoot()
            return stream.uniform(shape, low: -bound, high: bound, in: context)
        case .glorotNormal:
            return stream.normal(shape, deviation: (2 / total).squareRoot(), in: context)
        case .heNormal:
            return stream.normal(shape, deviation: (2 / Float(max(1, fanIn))).squareRoot(), in: context)
        case .orthogonal:
            let rows = shape.rank == 0 ? 1 : shape[0]
            return Self.orthogonalMatrix(rows, rows == 0 ? 0 : shape.count / rows, from: stream, in: context)
                .reshaped(to: shape)
        case .normal(let deviation):
            return stream.normal(shape, deviation: deviation, in: context)
        case .uniform(let bound):
            return stream.uniform(shape, low: -bound, high: bound, in: context)
        case .constant(let value):
            return Tensor(repeating: value, shape: shape)
        }
    }

    /// Modified Gram-Schmidt, twice, in Double on the shorter side of a normal matrix. Cost O(rows^2 columns).
    private static func orthogonalMatrix(
        _ rows: Int, _ columns: Int, from stream: RandomStream, in context: ComputeContext
    ) -> Tensor {
        let count = min(rows, columns), length = max(rows, columns)
        var vectors = stream.normal([count, length], in: context).values.map(Double.init)
        vectors.withUnsafeMutableBufferPointer { v in
            for i in 0..<count {
                for _ in 0..<2 {
                    for j in 0..<i {
                        var dot = 0.0
                        for k in 0..<length { dot += v[i * length + k] * v[j * length + k] }
                        for k in 0..<length { v[i * length + k] -= dot * v[j * length + k] }
                    }
                }
                var square = 0.0
                for k in 0..<length { square += v[i * length + k] * v[i * length + k] }
                let scale = 1 / square.squareRoot()
                for k in 0..<length { v[i * length + k] *= scale }
            }
        }
        var result = Tensor(uninitialized: [rows, columns])
        result.withUnsafeMutablePointer { target in
            for r in 0..<rows {
                for c in 0..<columns {
                    target[r * columns + c] = Float(rows <= columns ? vectors[r * length + c] : vectors[c * length + r])
                }
            }
        }
        return result
    }
}

extension Parameter {
    /// Described: a model that it enters makes the value.
    ///
    /// The fans of a rule that asks for them are those of PyTorch: for a matrix [out, in] its two dimensions, each times
    /// the size of the window for a weight [out, in, height, width].
    public convenience init(shape: Shape, _ start: Initializer) {
        let window = shape.dimensions.dropFirst(2).reduce(1, *)
        let out = shape.rank > 0 ? shape[0] : 1, input = shape.rank > 1 ? shape[1] : out
        self.init(shape: shape, start, fanOut: out * window, fanIn: input * window)
    }

    /// Described, with fans of its own.
    convenience init(shape: Shape, _ start: Initializer, fanOut: Int, fanIn: Int) {
        self.init(shape: shape) { stream, context in
            start.tensor(shape, fanOut: fanOut, fanIn: fanIn, from: stream, in: context)
        }
    }
}
