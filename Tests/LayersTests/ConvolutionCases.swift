import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// One layer on one batch, with everything random but fixed.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
    var images = 2
    var inputs: Int
    var outputs: Int
    var size: (Int, Int)
    var kernel: (Int, Int)
    var settings = ConvolutionSettings()
    var transposed = false
    var activation = Activation.linear

    init(
        _ images: Int, _ inputs: Int, _ outputs: Int, size: (Int, Int), kernel: (Int, Int), stride: (Int, Int) = (1, 1),
        padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), outputPadding: (Int, Int) = (0, 0),
        transposed: Bool = false, activation: Activation = .linear
    ) {
        (self.images, self.inputs, self.outputs, self.size, self.kernel) = (images, inputs, outputs, size, kernel)
        settings = ConvolutionSettings(
            stride: stride, padding: padding, dilation: dilation, outputPadding: outputPadding)
        (self.transposed, self.activation) = (transposed, activation)
    }

    var testDescription: String {
        "\(images) images, \(inputs) -> \(outputs) channels, \(size), kernel \(kernel), stride \(settings.stride), "
            + "padding \(settings.padding), dilation \(settings.dilation)"
            + (transposed ? ", transposed, output padding \(settings.outputPadding)" : "") + ", \(activation)"
    }

    var x: ArrayND { array([images, inputs, size.0, size.1], 1) }
    var weight: ArrayND {
        array(transposed ? [inputs, outputs, kernel.0, kernel.1] : [outputs, inputs, kernel.0, kernel.1], 2)
    }
    var bias: ArrayND { array([outputs], 3) }
    func outputGradient(_ shape: [Int]) -> ArrayND { array(shape, 4) }

    /// Odd multiples of 1/1024 in (-1, 1), by SplitMix64 (Steele et al., 2014).
    private func array(_ shape: [Int], _ seed: UInt64) -> ArrayND {
        var state = seed << 32 + UInt64(inputs * 31 + outputs)
        return ArrayND(
            shape: shape,
            values: (0..<shape.reduce(1, *)).map { _ in
                state &+= 0x9E37_79B9_7F4A_7C15
                var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
                return Double(Int64((z ^ z >> 31) >> 54) - 512) / 512 + 0x1p-10
            })
    }

    /// Before the activation.
    func sums(_ x: ArrayND, _ weight: ArrayND, _ bias: ArrayND) -> ArrayND {
        transposed
            ? Oracle.transposedConvolution(x, weight: weight, bias: bias, settings)
            : Oracle.convolution(x, weight: weight, bias: bias, settings)
    }

    func activated(_ x: Double) -> Double {
        switch activation {
        case .linear: x
        case .tanh: Oracle.tanh(x)
        case .sigmoid: Oracle.sigmoid(x)
        case .relu: Oracle.relu(x)
        case .leakyReLU(let slope): Oracle.leakyReLU(x, slope: Double(slope))
        case .gelu: Oracle.gelu(x)
        }
    }

    func derivative(_ x: Double) -> Double {
        switch activation {
        case .linear: return 1
        case .tanh: return 1 - Oracle.tanh(x) * Oracle.tanh(x)
        case .sigmoid: return Oracle.sigmoid(x) * (1 - Oracle.sigmoid(x))
        case .relu: return x > 0 ? 1 : 0
        case .leakyReLU(let slope): return x > 0 ? 1 : Double(slope)
        case .gelu: return centralDifferences(at: [x]) { Oracle.gelu($0[0]) }[0]
        }
    }

    struct Result: Equatable {
        var y, dx, dw, db: Tensor
    }

    /// The engine's result and gradients, rows to rows.
    func run(in context: ComputeContext, _ precision: ProductPrecision = .single) -> Result {
        func tensor(_ array: ArrayND) -> Tensor { Tensor(array.floats, shape: Shape(array.shape)) }
        func pair(_ both: (Int, Int)) -> Size2D { Size2D(height: both.0, width: both.1) }
        let weight = Parameter("c.weight", tensor(weight)), bias = Parameter("c.bias", tensor(bias))
        let geometry = ConvolutionGeometry(
            kernel: pair(kernel), stride: pair(settings.stride), padding: pair(settings.padding),
            dilation: pair(settings.dilation), outputPadding: pair(settings.outputPadding))
        let layer: any ImageLayer =
            transposed
            ? TransposedConvolution2D(weight: weight, bias: bias, geometry: geometry, activation: activation)
            : Convolution2D(weight: weight, bias: bias, geometry: geometry, activation: activation)
        let tape = Tape(in: context, precision: precision), x = tape.variable(tensor(x))
        let y = layer(x.inBlocks()).rows()
        let gradients = tape.backward(from: [(y, tensor(outputGradient(y.shape.dimensions)))])
        return Result(y: y.value, dx: gradients[x]!, dw: gradients[weight]!, db: gradients[bias]!)
    }

    /// Compares all of it with the oracle.
    func check(in context: ComputeContext, sourceLocation: SourceLocation = #_sourceLocation) {
        let found = run(in: context), sums = sums(x, weight, bias)
        #expect(found.y.shape.dimensions == sums.shape, sourceLocation: sourceLocation)
        expectValuesMatch(
            engine: found.y.values, oracle: sums.map(activated).values, "result", tolerance: 3e-6,
            sourceLocation: sourceLocation)
        let g = outputGradient(sums.shape).zip(sums.map(derivative), *)
        let expected = Oracle.convolutionGradients(
            x, weight: weight, outputGradient: g, transposed: transposed, settings)
        for (name, engine, oracle) in [
            ("input", found.dx, expected.input), ("weight", found.dw, expected.weight),
            ("bias", found.db, expected.bias),
        ] {
            #expect(engine.shape.dimensions == oracle.shape, sourceLocation: sourceLocation)
            expectGradientsMatch(
                engine: engine.values, oracle: oracle.values, name, sourceLocation: sourceLocation)
        }
    }
}
