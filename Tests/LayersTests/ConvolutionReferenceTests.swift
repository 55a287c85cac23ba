import Autodiff
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// The convolution as a matrix product: against its definition, and the tuned layer against it.
@Suite struct ConvolutionReferenceTests {
    static let cases = [
        ConvolutionCase(2, 3, 4, size: (5, 4), kernel: (3, 2)),
        ConvolutionCase(3, 2, 5, size: (6, 7), kernel: (3, 3), stride: (2, 3), padding: (1, 2)),
        ConvolutionCase(2, 1, 2, size: (7, 6), kernel: (2, 3), padding: (2, 0), dilation: (3, 2)),
        ConvolutionCase(17, 2, 3, size: (3, 3), kernel: (1, 1), stride: (2, 1)),
    ]

    static func layer(_ c: ConvolutionCase) -> ConvolutionAsMatrixProduct {
        func both(_ pair: (Int, Int)) -> Size2D { Size2D(height: pair.0, width: pair.1) }
        func parameter(_ name: String, _ array: ArrayND) -> Parameter {
            Parameter(name, Tensor(array.floats, shape: Shape(array.shape)))
        }
        return ConvolutionAsMatrixProduct(
            weight: parameter("c.weight", c.weight), bias: parameter("c.bias", c.bias),
            geometry: ConvolutionGeometry(
                kernel: both(c.kernel), stride: both(c.settings.stride), padding: both(c.settings.padding),
                dilation: both(c.settings.dilation)))
    }

    @Test(arguments: cases)
    func equalsTheDefinition(_ c: ConvolutionCase) {
        let layer = Self.layer(c)
        LaneChecks.check(
            "convolution as a product", c.x, parameters: layer.parameters,
            oracle: { x, p in Oracle.convolution(x, weight: p["c.weight"]!, bias: p["c.bias"]!, c.settings) },
            engine: { layer($0.rows()).inBlocks() })
    }

    @Test(arguments: cases)
    func theTunedLayerIsTheSame(_ c: ConvolutionCase) throws {
        let reference = Self.layer(c), context = ComputeContext(threads: 2)
        let tuned = Convolution2D(weight: reference.weight, bias: reference.bias, geometry: reference.geometry)
        func run(_ layer: (Variable) -> Variable) throws -> [Tensor] {
            let tape = Tape(in: context), x = tape.variable(Tensor(c.x.floats, shape: Shape(c.x.shape)))
            let y = layer(x), g = c.outputGradient(y.shape.dimensions)
            let gradients = tape.backward(from: [(y, Tensor(g.floats, shape: y.shape))])
            return [y.value, try #require(gradients[x])]
                + (try reference.parameters.map { try #require(gradients[$0]) })
        }
        for (a, b) in zip(try run { tuned($0.inBlocks()).rows() }, try run { reference($0) }) {
            expectGradientsMatch(engine: a.values, oracle: b.values.map(Double.init), "tuned beside reference")
        }
    }

    /// A mean filter is an average pool with a stride of one; a batch of them stays a batch.
    @Test func meanFilter() {
        let context = ComputeContext(threads: 2), x = ConvolutionCase(18, 1, 1, size: (9, 7), kernel: (5, 5)).x
        let weight = Parameter("w", Tensor(repeating: 1 / 25, shape: [1, 1, 5, 5])),
            geometry = ConvolutionGeometry(
                kernel: 5, padding: 2)
        let tape = Tape(in: context, recording: false), input = tape.constant(Tensor(x.floats, shape: Shape(x.shape)))
        let pooled = AveragePool2D(5, stride: 1, padding: 2)(input.inBlocks()).rows().value.values
        let expected = Oracle.averagePool(x, kernel: (5, 5), stride: (1, 1), padding: (2, 2)).values
        expectValuesMatch(engine: pooled, oracle: expected, "pool")
        for (name, y) in [
            ("convolution", Convolution2D(weight: weight, bias: nil, geometry: geometry)(input.inBlocks()).rows()),
            ("product", ConvolutionAsMatrixProduct(weight: weight, bias: nil, geometry: geometry)(input)),
        ] {
            expectValuesMatch(engine: y.value.values, oracle: expected, name)
        }
    }

    @Test func otherShapesStopTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let weight = Parameter("w", Tensor(zeros: [2, 3, 3, 3]))
            let layer = ConvolutionAsMatrixProduct(weight: weight, bias: nil, geometry: ConvolutionGeometry(kernel: 3))
            _ = layer(Tape(in: ComputeContext(threads: 1)).constant(Tensor(zeros: [2, 4, 5, 5])))
        }
        expectMessage("[2, 4, 5, 5]", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let weight = Parameter("w", Tensor(zeros: [2, 3, 3, 2]))
            _ = ConvolutionAsMatrixProduct(weight: weight, bias: nil, geometry: ConvolutionGeometry(kernel: 3))
        }
        expectMessage("w of shape [2, 3, 3, 2]", from: result2)
    }
}
