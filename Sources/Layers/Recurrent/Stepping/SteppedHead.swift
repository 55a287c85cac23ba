import CKernels
import Kernels
import TensorCore

/// A dense layer that takes its input in groups of 16 columns, for a few rows.
struct SteppedHead {
    let outputs: Int
    private let inputs: Int
    private let lanes: Int
    private let weight: PackedMatrix
    private let bias: Tensor

    init(_ layer: Dense, lanes: Int, in context: ComputeContext) {
        (outputs, inputs) = (layer.weight.value.shape[0], layer.weight.value.shape[1])
        self.lanes = lanes
        weight = layer.packedTranspose(in: context)
        bias = layer.bias?.value ?? Tensor(zeros: [outputs])
    }

    var multiplyAdds: Int { outputs * inputs }

    /// - Parameter input: [inputs / 16, N, 16]
    func pass(input: UnsafePointer<Float>, lanes: Int, result: UnsafeMutablePointer<Float>) -> Pass {
        Pass(
            lanes: lanes, inputs: inputs, outputs: outputs, input: input, weight: weight.pointer, bias: bias.pointer,
            result: result)
    }

    struct Pass {
        let lanes, inputs, outputs: Int
        let input, weight, bias: UnsafePointer<Float>
        let result: UnsafeMutablePointer<Float>

        /// Panels of 64 outputs.
        var panels: Int { (outputs + 63) / 64 }

        func run(panels: Range<Int>, _ kernels: CKKernels) {
            var p = CKPanelProduct()
            (p.a_row, p.a_k, p.a_group) = (16, 1, lanes * 16)
            (p.b_k, p.b_group) = (64, 16 * 64)
            (p.c_row, p.c_vector, p.start_vector) = (outputs, 16, 16)
            p.rows = lanes
            for panel in panels {
                p.columns = min(64, outputs - panel * 64)
                p.c = result + panel * 64
                (p.start, p.start_row) = (bias + panel * 64, 0)
                (p.a, p.b) = (input, weight + panel * inputs * 64)
                (p.groups, p.inner) = (inputs / 16, 16)
                kernels.panel_product(&p)
                // The rest of the last group: the weights have no rows beyond the last input.
                guard inputs % 16 > 0 else { continue }
                (p.start, p.start_row) = (UnsafePointer(p.c), outputs)
                (p.a, p.b) = (p.a + p.groups * p.a_group, p.b + p.groups * p.b_group)
                (p.groups, p.inner) = (1, inputs % 16)
                kernels.panel_product(&p)
            }
        }
    }
}
