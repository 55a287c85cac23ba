package import Autodiff
package import Kernels
import LayerEngines
package import Layers
package import TensorCore

/// A recurrent layer with what follows it in a stack: output projection and dropout.
package struct StackedLayer {
    private enum Recurrence {
        case fused(RecurrentLayer)
        /// Through the reference unroller: right, and slow.
        case reference(Unroller<GRUCell>)
    }
    private let recurrence: Recurrence
    let projection: Dense?
    private let dropout: Dropout
    private let inputs: Int

    /// - Parameter initializer: how all matrices start; as PyTorch's do if nil.
    package init(
        _ layer: LayerSpecification, index: Int, inputs: Int, dropout rate: Double, initializer: Initializer? = nil,
        weights: RandomStream,
        projection projectionStream: RandomStream, in context: ComputeContext
    ) {
        let name = "layers.\(index)"
        self.inputs = inputs
        if let kind = CellKind(rawValue: layer.cell.rawValue) {
            recurrence = .fused(
                // A forget bias of 1 is the usual advice. With state carried over the whole text it costs: on a million
                // characters of plays 1.97 against 1.89 nats after one epoch, and an epoch's delay later on.
                RecurrentLayer(
                    "\(name).cell", kind: kind, inputs: inputs, hidden: layer.hidden, initializer: initializer,
                    forgetBias: 0, stream: weights, in: context))
        } else {
            let cell = GRUCell(
                CellParameters(
                    "\(name).cell", gates: 3, inputs: inputs, hidden: layer.hidden, twoBiases: true,
                    weights: initializer, from: weights, in: context), variant: .resetBefore)
            recurrence = .reference(Unroller(cell))
        }
        projection = layer.projection.map { outputs in
            Dense(
                "\(name).projection", inputs: layer.hidden, outputs: outputs,
                weights: initializer ?? .uniform(bound: 1 / Float(layer.hidden).squareRoot()), from: projectionStream,
                in: context)
        }
        dropout = Dropout(rate: Float(rate), stream: 0x2000 + UInt64(index))
    }

    package var parameters: [Parameter] {
        let cell =
            switch recurrence {
            case .fused(let layer): layer.parameters
            case .reference(let unroller): unroller.parameters
            }
        return cell + (projection?.parameters ?? [])
    }

    /// Whether the layer can gather rows itself.
    var isFused: Bool { if case .fused = recurrence { true } else { false } }

    /// The recurrent layer, if at inference it is all there is: no projection after it.
    var steppable: RecurrentLayer? {
        if case .fused(let layer) = recurrence, projection == nil { layer } else { nil }
    }

    /// The layer with weights rounded to bytes.
    /// - Parameters:
    ///   - columns: [gates H, V], what is gathered in the place of an input; nil for a layer on another one.
    ///   - below: the projection between that one and this.
    func bytes(gathering columns: Tensor?, below: Dense?, in context: ComputeContext) -> ByteLayer {
        let cell = cell
        // A projection changes nothing but the weights after it.
        let input = below.map { $0.composed(before: cell.weightIH, cell.biasIH, in: context) }
        return ByteLayer(
            kind: cell.kind, resetsBefore: cell.resetsBefore,
            input: columns.map { .columns(of: $0) } ?? .states(input?.weight ?? cell.weightIH), weightHH: cell.weightHH,
            biasIH: input?.bias ?? cell.biasIH, biasHH: cell.biasHH, in: context)
    }

    /// [gates H, V], what each unit adds to the gates' sums.
    /// - Parameter table: [V, D]; nil for a one-hot input.
    func columns(of table: Tensor?, in context: ComputeContext) -> Tensor {
        let weight = cell.weightIH
        return table.map { MatrixProduct.multiply(weight, $0, transposeB: true, in: context) } ?? weight
    }

    private var cell:
        (kind: CellKind, resetsBefore: Bool, weightIH: Tensor, weightHH: Tensor, biasIH: Tensor, biasHH: Tensor?)
    {
        switch recurrence {
        case .fused(let layer):
            return (
                layer.kind, false, layer.weightIH.value, layer.weightHH.value, layer.biasIH.value,
                layer.biasHH?.value
            )
        case .reference(let unroller):
            let weights = unroller.cell.weights
            return (
                .gru, true, weights.weightIH.value, weights.weightHH.value, weights.biasIH.value, weights.biasHH?.value
            )
        }
    }

    package func callAsFunction(
        _ input: RecurrentLayer.Input, state: LanguageModelState.Layer, mode: Mode, precision: ProductPrecision,
        on tape: Tape
    ) -> (output: RecurrentLayer.Input, state: LanguageModelState.Layer) {
        let output: Variable, after: LanguageModelState.Layer
        switch recurrence {
        case .fused(let layer):
            let start = RecurrentLayer.State(h: tape.constant(state.h), c: state.c.map { tape.constant($0) })
            let (y, end) = layer.grouped(input, state: start, precision: precision)
            after = LanguageModelState.Layer(h: end.h.value, c: end.c?.value)
            guard projection != nil else { return (.grouped(y.map { dropout($0, mode: mode) }), after) }
            output = y.rows()
        case .reference(let unroller):
            let (y, end) = unroller(dense(input, lanes: state.h.shape[0], on: tape), from: tape.constant(state.h))
            (output, after) = (y, LanguageModelState.Layer(h: end.value, c: nil))
        }
        return (.sequence(dropout(projection?(output, mode: mode) ?? output, mode: mode)), after)
    }

    private func dense(_ input: RecurrentLayer.Input, lanes: Int, on tape: Tape) -> Variable {
        switch input {
        case .sequence(let x): return x
        case .grouped(let x): return x.rows()
        case .oneHot(let ids, let lanes):
            return tape.constant(Tensor.oneHot(ids, shape: [ids.count / lanes, lanes], classes: inputs))
        case .rows(let ids, let table, let lanes):
            return table.gatherRows(ids, shape: [ids.count / lanes, lanes])
        }
    }
}

extension Dense {
    /// A product after this layer as one with its input: weight [J, out] and bias [J] become [J, in] and [J].
    func composed(before weight: Tensor, _ bias: Tensor, in context: ComputeContext) -> (weight: Tensor, bias: Tensor) {
        let product = MatrixProduct.multiply(weight, self.weight.value, in: context)
        guard let own = self.bias?.value else { return (product, bias) }
        let added = MatrixProduct.multiply(weight, own.reshaped(to: [own.count, 1]), in: context)
        return (product, Tensor(zip(bias.values, added.values).map { $0 + $1 }, shape: bias.shape))
    }
}
