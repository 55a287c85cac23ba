import Autodiff
import Autoencoders
import Foundation
import Images
import Layers
import TensorCore
import TestSupport
import Testing

/// Losses and gradients of whole models against central differences of the oracles in Double.
@Suite struct ModelGradientTests {
    static var context: ComputeContext { ComputeContext(threads: 1) }
    static let random = RandomStream(seed: 4, stream: 0, step: 6)

    struct Case: CustomTestStringConvertible, Sendable {
        let configuration: AutoencoderConfiguration
        /// Of the divergence.
        var weight = 1.0
        var testDescription: String {
            "\(configuration.architecture) \(configuration.kind) \(configuration.format) \(configuration.channels)"
        }
    }

    static let cases: [Case] = [
        Case(
            configuration: .init(format: .init(width: 6, height: 5, channels: 3), code: 2, channels: [2, 3], hidden: 4)),
        Case(configuration: .init(format: .init(width: 3, height: 4, channels: 1), code: 2, channels: [2], hidden: 0)),
        Case(configuration: .init(format: .init(width: 3, height: 2, channels: 1), code: 2, channels: [], hidden: 5)),
        Case(
            configuration: .init(
                format: .init(width: 4, height: 3, channels: 1), code: 2, channels: [2], hidden: 3,
                kind: .denoising(noise: 0.3, masking: 0.2))),
        Case(
            configuration: .init(
                format: .init(width: 4, height: 3, channels: 1), code: 4, channels: [2], hidden: 6,
                kind: .sparse(weight: 0.5))),
        Case(
            configuration: .init(
                format: .init(width: 4, height: 3, channels: 1), code: 3, channels: [2], hidden: 4,
                kind: .variational(freeNats: 0)), weight: 0.3),
        Case(
            configuration: .init(
                format: .init(width: 4, height: 3, channels: 1), code: 3, channels: [2], hidden: 4,
                kind: .variational(freeNats: 0.06))),
        Case(configuration: .init(.book, format: .init(width: 3, height: 4, channels: 1), code: 2)),
        Case(
            configuration: .init(
                .book, format: .init(width: 3, height: 2, channels: 1), code: 2, kind: .variational(freeNats: 0))),
    ]

    /// What a model computes, written again from the definition.
    struct Forward {
        let configuration: AutoencoderConfiguration
        let parameters: [String: ArrayND]
        /// The numbers nearest to a corner of a ReLU.
        var nearest = Double.infinity

        func p(_ name: String) -> ArrayND { parameters[name]! }

        mutating func relu(_ x: ArrayND) -> ArrayND {
            nearest = min(nearest, x.values.map(abs).min() ?? .infinity)
            return x.map { max(0, $0) }
        }

        func dense(_ name: String, _ x: ArrayND) -> ArrayND {
            Oracle.dense(x, weight: p("\(name).weight"), bias: p("\(name).bias"))
        }

        mutating func normalized(_ name: String, _ x: ArrayND) -> ArrayND {
            relu(Oracle.batchNormalization(x, weight: p("\(name).weight"), bias: p("\(name).bias"), epsilon: 1e-5))
        }

        /// Sides from the pictures inwards.
        var sides: [(height: Int, width: Int)] {
            var sides = [(configuration.format.height, configuration.format.width)]
            for _ in configuration.channels { sides.append(((sides.last!.0 + 1) / 2, (sides.last!.1 + 1) / 2)) }
            return sides
        }

        mutating func encode(_ x: ArrayND) -> ArrayND {
            let images = x.shape[0]
            var features = x
            if configuration.architecture == .book {
                features = features.map { 2 * $0 - 1 }
                for index in 0..<2 {
                    let name = "encoder.convolutions.\(index)"
                    features = Oracle.convolution(
                        features, weight: p("\(name).weight"), bias: p("\(name).bias"), .init(padding: (2, 2))
                    ).map(Oracle.tanh)
                }
                let code = dense("encoder.code", features.reshaped([images, features.count / images]))
                return configuration.kind.isVariational ? code : code.map(Oracle.tanh)
            }
            for index in configuration.channels.indices {
                let name = "encoder.levels.\(index)"
                features = Oracle.convolution(
                    features, weight: p("\(name).convolution.weight"), .init(stride: (2, 2), padding: (1, 1)))
                features = normalized("\(name).normalization", features)
            }
            features = features.reshaped([images, features.count / images])
            if configuration.hidden > 0 { features = relu(dense("encoder.hidden", features)) }
            return dense("encoder.code", features)
        }

        mutating func decode(_ codes: ArrayND) -> ArrayND {
            let images = codes.shape[0], format = configuration.format
            if configuration.architecture == .book {
                var features = dense("decoder.code", codes).map(Oracle.tanh)
                    .reshaped([images, 7, format.height, format.width])
                for index in 0..<2 {
                    let name = "decoder.convolutions.\(index)"
                    features = Oracle.convolution(
                        features, weight: p("\(name).weight"), bias: p("\(name).bias"), .init(padding: (2, 2)))
                    if index == 0 { features = features.map(Oracle.tanh) }
                }
                // The book's output is tanh o in -1...1.
                return features.map { 2 * $0 }
            }
            var features = codes
            if configuration.hidden > 0 { features = relu(dense("decoder.code", features)) }
            features = dense("decoder.hidden", features)
            let inner = configuration.channels.last ?? format.channels
            features = features.reshaped([images, inner, sides.last!.height, sides.last!.width])
            guard !configuration.channels.isEmpty else { return features }
            features = relu(features)
            for index in configuration.channels.indices.reversed() {
                let name = "decoder.levels.\(index)"
                features = Oracle.transposedConvolution(
                    features, weight: p("\(name).convolution.weight"),
                    bias: index == 0 ? p("\(name).convolution.bias") : nil, .init(stride: (2, 2), padding: (1, 1)))
                if index > 0 { features = normalized("\(name).normalization", features) }
            }
            return features
        }

        mutating func loss(_ pictures: ArrayND, shown: ArrayND, noise: ArrayND?, weight: Double) -> Double {
            let outputs = encode(shown), images = pictures.shape[0], code = configuration.code
            if case .variational(let freeNats) = configuration.kind, let noise {
                func columns(_ first: Int) -> ArrayND {
                    ArrayND(
                        shape: [images, code],
                        values: (0..<images * code).map { outputs[$0 / code, first + $0 % code] })
                }
                let mean = columns(0), logVariance = columns(code)
                let drawn = mean.zip(logVariance.zip(noise) { exp($0 / 2) * $1 }, +)
                let reconstruction =
                    Oracle.binaryCrossEntropy(decode(drawn), pictures) * Double(pictures.count) / Double(images)
                let divergences = Oracle.gaussianDivergences(mean: mean, logVariance: logVariance)
                return reconstruction + weight * divergences.reduce(0) { $0 + max(Double(Float(freeNats)), $1) }
            }
            var codes = outputs, penalty = 0.0
            if case .sparse(let sparsity) = configuration.kind {
                codes = relu(codes)
                penalty = sparsity * codes.values.reduce(0, +) / Double(codes.count)
            }
            let logits = decode(codes)
            if configuration.architecture == .book {
                // On the book's own scale, from its own outputs.
                return Oracle.meanSquaredError(
                    logits.map { Oracle.tanh($0 / 2) }, pictures.map { 2 * $0 - 1 }) + penalty
            }
            return Oracle.meanSquaredError(logits.map(Oracle.sigmoid), pictures) + penalty
        }
    }

    @Test(arguments: cases) func equalTheOracles(_ testCase: Case) throws {
        let configuration = testCase.configuration, format = configuration.format, images = 3
        let model = Autoencoder(configuration, seed: 5, in: Self.context)
        // Not where they start: zero biases would hide mistakes.
        for (index, parameter) in model.parameters.enumerated() where parameter.value.shape.rank == 1 {
            let isScale = parameter.name.hasSuffix("normalization.weight")
            parameter.value = RandomStream(seed: 9, stream: UInt64(index)).uniform(
                parameter.value.shape, low: isScale ? 0.5 : -0.5, high: isScale ? 1.5 : 0.5, in: Self.context)
        }
        // Large enough that few units are dead: their gradients would be zero.
        for parameter in model.parameters
        where parameter.value.shape.rank == 2 && configuration.architecture == .standard {
            parameter.value = Self.context.affine(parameter.value, scale: 2.5)
        }
        let parameters = Dictionary(
            uniqueKeysWithValues: model.parameters.map { ($0.name, Self.array($0.value)) })
        let loss = AutoencoderLoss(configuration: configuration)
        let noise = Self.noise(images, configuration)
        // Away from the corners of ReLUs, which central differences would straddle.
        var pictures = Tensor(zeros: [1]), shown = ArrayND(shape: [0]), nearest = 0.0
        for seed in UInt64(1)...200 where nearest < 0.004 {
            pictures = RandomStream(seed: seed, stream: 77).uniform(
                [images, format.channels, format.height, format.width], low: 0, high: 1, in: Self.context)
            shown = Self.array(Self.shown(pictures, configuration))
            var forward = Forward(configuration: configuration, parameters: parameters)
            _ = forward.loss(Self.array(pictures), shown: shown, noise: noise, weight: testCase.weight)
            nearest = forward.nearest
        }
        try #require(nearest >= 0.004)

        let tape = Tape(in: Self.context)
        let before = model.buffers.map(\.value)
        let value = loss.training(
            model, pictures, random: Self.random, divergenceWeight: testCase.weight, on: tape)
        let gradients = tape.backward(from: value).named(model.parameters)
        func oracle(_ parameters: [String: ArrayND]) -> Double {
            var forward = Forward(configuration: configuration, parameters: parameters)
            return forward.loss(Self.array(pictures), shown: shown, noise: noise, weight: testCase.weight)
        }
        expectMatch([Double(value.value.scalar)], [oracle(parameters)], "loss", tolerance: 2e-6)
        #expect(before.isEmpty == (configuration.channels.isEmpty))
        #expect(model.buffers.map(\.value) == before)  // until the step is committed
        for parameter in model.parameters {
            let point = Self.array(parameter.value)
            // Of large tensors some elements, spread over them.
            let stride = max(1, point.count / 40)
            let indices = Array(Swift.stride(from: 0, to: point.count, by: stride))
            var moved = parameters
            let expected = centralDifferences(at: point.values, indices: indices, step: 0x1p-13) { values in
                moved[parameter.name] = ArrayND(shape: point.shape, values: values)
                return oracle(moved)
            }
            let engine = gradients[parameter.name]!.values
            expectGradientsMatch(
                engine: indices.map { engine[$0] }, oracle: expected, parameter.name, tolerance: 3e-5)
        }
    }

    static func array(_ tensor: Tensor) -> ArrayND { ArrayND(shape: tensor.shape.dimensions, floats: tensor.values) }

    /// What the encoder sees.
    static func shown(_ pictures: Tensor, _ configuration: AutoencoderConfiguration) -> Tensor {
        guard case .denoising(let noise, let masking) = configuration.kind else { return pictures }
        return PictureNoise(deviation: Float(noise), masking: Float(masking))
            .spoil(pictures, by: random, streams: (0x4000, 0x4001), in: context)
    }

    /// What the code is drawn with.
    static func noise(_ images: Int, _ configuration: AutoencoderConfiguration) -> ArrayND? {
        guard configuration.kind.isVariational else { return nil }
        var stream = random
        stream.stream += 0x4002
        return array(stream.normal([images, configuration.code], in: context))
    }
}
