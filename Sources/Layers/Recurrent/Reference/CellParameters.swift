package import Autodiff
import Requirements
package import TensorCore

/// The parameters of one recurrent layer in PyTorch's names and order, G gates one above the other (tanh RNN 1, GRU 3,
/// LSTM 4).
package struct CellParameters {
    /// [G H, D]
    package let weightIH: Parameter
    /// [G H, H]
    package let weightHH: Parameter
    /// [G H]
    package let biasIH: Parameter
    /// [G H]; nil for cells in which it would only be added to the other bias.
    package let biasHH: Parameter?

    package init(weightIH: Parameter, weightHH: Parameter, biasIH: Parameter, biasHH: Parameter? = nil) {
        let (ih, hh) = (weightIH.value.shape, weightHH.value.shape)
        require(
            ih.rank == 2 && hh.rank == 2 && ih[0] == hh[0] && hh[1] > 0 && hh[0] % hh[1] == 0,
            "\(weightIH.name) of shape \(ih) beside \(weightHH.name) of shape \(hh)")
        for bias in [biasIH, biasHH ?? biasIH] {
            require(
                bias.value.shape == [hh[0]], "\(bias.name) of shape \(bias.value.shape) for \(hh[0]) gate units")
        }
        (self.weightIH, self.weightHH, self.biasIH, self.biasHH) = (weightIH, weightHH, biasIH, biasHH)
    }

    /// New parameters `<name>.weight_ih_l<layer>` and so on; biases start at zero.
    /// - Parameters:
    ///   - weights: how each gate's block starts; uniform within 1 / √H, as in PyTorch, if nil.
    ///   - stream: another one for each layer.
    package init(
        _ name: String, layer: Int = 0, gates: Int, inputs: Int, hidden: Int, twoBiases: Bool = false,
        weights: Initializer? = nil, from stream: RandomStream, in context: ComputeContext
    ) {
        let weights = weights ?? .uniform(bound: 1 / Float(hidden).squareRoot())
        func blocks(_ columns: Int, firstStep: Int) -> Tensor {
            let matrices = (0..<gates).map { gate in
                var own = stream
                own.step = UInt64(firstStep + gate)
                return weights.matrix(hidden, columns, from: own, in: context)
            }
            return Tensor(matrices.flatMap(\.values), shape: [gates * hidden, columns])
        }
        func bias(_ side: String) -> Parameter {
            Parameter("\(name).bias_\(side)_l\(layer)", Tensor(zeros: [gates * hidden]))
        }
        self.init(
            weightIH: Parameter("\(name).weight_ih_l\(layer)", blocks(inputs, firstStep: 0)),
            weightHH: Parameter("\(name).weight_hh_l\(layer)", blocks(hidden, firstStep: gates)),
            biasIH: bias("ih"), biasHH: twoBiases ? bias("hh") : nil)
    }

    package var all: [Parameter] { [weightIH, weightHH, biasIH] + (biasHH.map { [$0] } ?? []) }
    /// H
    package var hiddenSize: Int { weightHH.value.shape[1] }
    /// G
    package var gates: Int { weightHH.value.shape[0] / hiddenSize }

    /// x W_ih^T + b_ih: [N, D] to [N, G H].
    func input(_ x: Variable) -> Variable {
        let product = x.multiplied(by: x.tape(weightIH), transposeOther: true)
        return product + x.tape(biasIH).broadcast(to: product.shape)
    }

    /// h W_hh^T + b_hh for the gates in `range`: [N, H] to [N, range.count H].
    func recurrent(_ h: Variable, gates range: Range<Int>) -> Variable {
        let rows = range.lowerBound * hiddenSize..<range.upperBound * hiddenSize
        let product = h.multiplied(by: h.tape(weightHH).rows(rows), transposeOther: true)
        guard let biasHH else { return product }
        return product + h.tape(biasHH).rows(rows).broadcast(to: product.shape)
    }

    func zeros(batch: Int, on tape: Tape) -> Variable { tape.constant(Tensor(zeros: [batch, hiddenSize])) }

    func check(gates expected: Int, for cell: String) {
        require(gates == expected, "\(cell) has \(expected) gate blocks, \(weightHH.name) has \(gates)")
    }
}
