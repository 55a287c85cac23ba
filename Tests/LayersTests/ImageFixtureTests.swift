import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// Image layers against PyTorch, forward and backward.
@Suite struct ImageFixtureTests {
    static let sets = InstructionSet.available.flatMap { [($0, 1), ($0, 3)] }

    static func tensor(_ array: ArrayND) -> Tensor { Tensor(array.floats, shape: Shape(array.shape)) }
    static func parameter(_ name: String, _ array: ArrayND) -> Parameter { Parameter(name, tensor(array)) }

    /// The layer's output and the gradients by the images and the parameters.
    static func expect(
        _ fixture: Fixture, prefix: String = "", input: String = "input", upstream: String,
        parameters: [(String, Parameter)], in context: ComputeContext, layer: (ImageBlocks) -> ImageBlocks
    ) throws {
        let tape = Tape(in: context), x = tape.variable(tensor(try fixture["input"])), y = layer(x.inBlocks()).rows()
        let expected = try fixture[prefix + "output"], name = "\(fixture.name) \(prefix)"
        #expect(y.shape.dimensions == expected.shape, "\(name)")
        expectValuesMatch(engine: y.value.values, oracle: expected.values, name + "output", tolerance: 2e-6)
        let gradients = tape.backward(from: [(y, tensor(try fixture[upstream]))])
        expectGradientsMatch(
            engine: try #require(gradients[x]).values, oracle: try fixture.gradient(of: prefix + input).values,
            name + "input")
        for (key, parameter) in parameters {
            expectGradientsMatch(
                engine: try #require(gradients[parameter]).values,
                oracle: try fixture.gradient(of: prefix + key).values, name + key)
        }
    }

    @Test(arguments: sets)
    func convolutions(_ set: InstructionSet, _ threads: Int) throws {
        let context = ComputeContext(threads: threads, instructionSet: set)
        for name in ["convolution", "transposed_convolution"] {
            let fixture = try Fixture.load(name), transposed = name == "transposed_convolution"
            let weight = Self.parameter("c.weight", try fixture["weight"])
            let bias = Self.parameter("c.bias", try fixture["bias"])
            let geometry = ConvolutionGeometry(
                kernel: Size2D(height: 3, width: 2), stride: Size2D(height: 2, width: 1), padding: 1,
                dilation: Size2D(height: 1, width: 2), outputPadding: transposed ? Size2D(height: 1, width: 0) : 0)
            try Self.expect(
                fixture, upstream: "weight_of_output", parameters: [("weight", weight), ("bias", bias)], in: context
            ) { x in
                transposed
                    ? TransposedConvolution2D(weight: weight, bias: bias, geometry: geometry)(x)
                    : Convolution2D(weight: weight, bias: bias, geometry: geometry)(x)
            }
            guard !transposed else { continue }
            let reference = ConvolutionAsMatrixProduct(weight: weight, bias: bias, geometry: geometry)
            try Self.expect(
                fixture, upstream: "weight_of_output", parameters: [("weight", weight), ("bias", bias)], in: context
            ) { reference($0.rows()).inBlocks() }
        }
    }

    @Test(arguments: sets)
    func batchNormalization(_ set: InstructionSet, _ threads: Int) throws {
        let context = ComputeContext(threads: threads, instructionSet: set)
        let fixture = try Fixture.load("batch_normalization"), layer = BatchNormalization2D("bn", channels: 3)
        layer.weight.value = Self.tensor(try fixture["weight"])
        layer.bias.value = Self.tensor(try fixture["bias"])
        let statistics = [("mean", layer.runningMean), ("var", layer.runningVariance)]
        for (part, buffer) in statistics { buffer.value = Self.tensor(try fixture["running_\(part)"]) }
        for (prefix, mode) in [("training.", Mode.training(RandomStream(seed: 1))), ("inference.", .inference)] {
            try Self.expect(
                fixture, prefix: prefix, upstream: "weight_of_output",
                parameters: [("weight", layer.weight), ("bias", layer.bias)], in: context
            ) { layer($0, mode: mode) }
            layer.commitBuffers()
            for (part, buffer) in statistics {
                expectValuesMatch(
                    engine: buffer.value.values, oracle: try fixture["running_\(part).after"].values,
                    "running \(part) after \(prefix)")
            }
        }
    }

    @Test(arguments: sets)
    func groupNormalization(_ set: InstructionSet, _ threads: Int) throws {
        let fixture = try Fixture.load("group_normalization")
        let layer = GroupNormalization("gn", groups: 3, channels: 6)
        layer.weight.value = Self.tensor(try fixture["weight"])
        layer.bias.value = Self.tensor(try fixture["bias"])
        try Self.expect(
            fixture, upstream: "weight_of_output", parameters: [("weight", layer.weight), ("bias", layer.bias)],
            in: ComputeContext(threads: threads, instructionSet: set)
        ) { layer($0) }
    }

    @Test(arguments: sets)
    func poolingAndResampling(_ set: InstructionSet, _ threads: Int) throws {
        let context = ComputeContext(threads: threads, instructionSet: set)
        let uneven = (Size2D(height: 2, width: 3), Size2D(height: 1, width: 2), Size2D(height: 1, width: 0))
        let layers: [(String, String, (ImageBlocks) -> ImageBlocks)] = [
            ("pooling", "max_2", { MaxPool2D(2)($0) }),
            ("pooling", "max_3_2_1", { MaxPool2D(3, stride: 2, padding: 1)($0) }),
            ("pooling", "max_uneven", { MaxPool2D(uneven.0, stride: uneven.1, padding: uneven.2)($0) }),
            ("pooling", "average_2", { AveragePool2D(2)($0) }),
            ("pooling", "average_3_2_1", { AveragePool2D(3, stride: 2, padding: 1)($0) }),
            (
                "pooling", "average_uneven",
                { AveragePool2D(uneven.0, stride: uneven.1, padding: uneven.2)($0) }
            ),
            ("resampling", "nearest_2", { NearestUpsample2D(factor: 2)($0) }),
            ("resampling", "nearest_7x5", { NearestUpsample2D(height: 7, width: 5)($0) }),
            ("resampling", "nearest_2x9", { NearestUpsample2D(height: 2, width: 9)($0) }),
            ("resampling", "bilinear_2", { BilinearUpsample2D(factor: 2)($0) }),
            ("resampling", "bilinear_7x5", { BilinearUpsample2D(height: 7, width: 5)($0) }),
            ("resampling", "bilinear_2x9", { BilinearUpsample2D(height: 2, width: 9)($0) }),
        ]
        for (name, key, layer) in layers {
            try Self.expect(
                try Fixture.load(name), prefix: "\(key).", upstream: "\(key).weight_of_output", parameters: [],
                in: context, layer: layer)
        }
    }
}
