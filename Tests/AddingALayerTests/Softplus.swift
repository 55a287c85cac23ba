import Jacquard

// What Documentation/AddingALayer.md builds, word for word. This target sees public declarations only.

/// log(1 + exp(x)), a smooth ReLU (Dugas et al., 2001); its derivative is the sigmoid of x.
struct Softplus: Operation {
    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
        let y = context.map(inputs[0]) { x in
            // max(x, 0) + log(1 + exp(-|x|)): exp never sees a large number.
            let x = Double(x)
            return Float(max(x, 0) + DeterministicMath.log(1 + DeterministicMath.exp(-abs(x))))
        }
        return ([y], inputs[0])
    }

    func backward(_ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
        [
            gradients[0].map { dy in
                context.map(x, dy) { x, dy in dy / Float(1 + DeterministicMath.exp(-Double(x))) }
            }
        ]
    }
}

extension Variable {
    func softplus() -> Variable { tape(Softplus(), self) }
}

/// Each row divided by its length, √(Σ x²): [N, K] to [N, K].
struct RowDirections: Operation {
    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: (x: Tensor, y: Tensor)) {
        let x = inputs[0], rows = x.shape.rows, columns = x.shape.columns
        var y = Tensor(uninitialized: x.shape, in: context)
        y.withUnsafeMutablePointer { y in
            x.withUnsafePointer { x in
                context.parallel(over: rows, work: rows * columns) { range in
                    for row in range {
                        var squares: Float = 0
                        for i in row * columns..<(row + 1) * columns { squares += x[i] * x[i] }
                        let length = squares.squareRoot()
                        for i in row * columns..<(row + 1) * columns { y[i] = x[i] / length }
                    }
                }
            }
        }
        return ([y], (x, y))
    }

    /// dx = (dy - y (y · dy)) / |x|.
    func backward(
        _ gradients: [Tensor?], saved: (x: Tensor, y: Tensor), wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let dy = gradients[0] else { return [nil] }
        let (x, y) = saved, rows = x.shape.rows, columns = x.shape.columns
        var dx = dy
        dx.withUnsafeMutablePointer { dx in
            x.withUnsafePointer { x in
                y.withUnsafePointer { y in
                    context.parallel(over: rows, work: rows * columns) { range in
                        for row in range {
                            let elements = row * columns..<(row + 1) * columns
                            var product: Float = 0, squares: Float = 0
                            for i in elements {
                                product += y[i] * dx[i]
                                squares += x[i] * x[i]
                            }
                            let length = squares.squareRoot()
                            for i in elements { dx[i] = (dx[i] - y[i] * product) / length }
                        }
                    }
                }
            }
        }
        return [dx]
    }
}

/// softplus(x W^T + b) times a scale for each output that is learned too.
struct ScaledSoftplus: Layer {
    let dense: Dense
    let scale: Parameter

    init(_ inputs: Int, _ outputs: Int) {
        dense = Dense(inputs, outputs)
        scale = Parameter(shape: [outputs], .constant(1))
    }

    func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
        let y = dense(x, mode: mode).softplus()
        return y * x.tape(scale).broadcast(to: y.shape)
    }
}
