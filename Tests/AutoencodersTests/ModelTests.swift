import Autodiff
import Autoencoders
import Images
import Layers
import TensorCore
import Testing

@Suite struct ModelTests {
    static var context: ComputeContext { ComputeContext(threads: 1) }

    static let configurations: [AutoencoderConfiguration] = {
        func format(_ width: Int, _ height: Int, _ channels: Int) -> PictureFormat {
            PictureFormat(width: width, height: height, channels: channels)
        }
        var list: [AutoencoderConfiguration] = []
        for kind in everyKind {
            list += [
                AutoencoderConfiguration(format: format(28, 28, 1), code: 7, channels: [4, 6], hidden: 11, kind: kind),
                AutoencoderConfiguration(
                    format: format(27, 45, 1), code: 5, channels: [3, 5, 2], hidden: 0, kind: kind),
                AutoencoderConfiguration(format: format(16, 9, 3), code: 6, channels: [3], hidden: 8, kind: kind),
                AutoencoderConfiguration(format: format(7, 3, 3), code: 4, channels: [], hidden: 9, kind: kind),
                AutoencoderConfiguration(format: format(1, 1, 1), code: 1, channels: [], hidden: 0, kind: kind),
                AutoencoderConfiguration(format: format(1, 1, 3), code: 2, channels: [2, 3], hidden: 4, kind: kind),
                AutoencoderConfiguration(format: format(1, 9, 1), code: 2, channels: [2, 3], hidden: 4, kind: kind),
                AutoencoderConfiguration(.book, format: format(28, 28, 1), code: 28, kind: kind),
                AutoencoderConfiguration(.book, format: format(5, 11, 3), code: 3, kind: kind),
            ]
        }
        return list
    }()

    @Test(arguments: configurations.indices) func picturesComeBackAtTheirSize(_ index: Int) {
        let configuration = Self.configurations[index], format = configuration.format
        let model = Autoencoder(configuration, seed: 3, in: Self.context)
        #expect(configuration.parameterCount == model.parameters.reduce(0) { $0 + $1.value.count }, "\(configuration)")
        #expect(configuration.parameterShapes.map(\.name) == model.parameters.map(\.name))
        #expect(configuration.parameterShapes.map(\.shape) == model.parameters.map(\.value.shape))
        #expect(Set(model.parameters.map(\.name)).count == model.parameters.count)
        // Also where the last block of lanes is full, and where it holds a single picture.
        for images in [2, 16, 17] {
            let pictures = RandomStream(seed: 1).uniform(
                [images, format.channels, format.height, format.width], low: 0, high: 1, in: Self.context)
            for mode in [Mode.inference, .training(RandomStream(seed: 2))] {
                let tape = Tape(in: Self.context, recording: false)
                let encoding = model.encode(tape.constant(pictures), mode: mode)
                #expect(encoding.code.shape == [images, configuration.code])
                #expect((encoding.logVariance != nil) == configuration.kind.isVariational)
                let logits = model.decode(encoding.code, mode: mode)
                #expect(logits.shape == pictures.shape, "\(configuration)")
                #expect(logits.value.values.allSatisfy { $0.isFinite })
                if case .sparse = configuration.kind { #expect(encoding.code.value.values.allSatisfy { $0 >= 0 }) }
            }
        }
    }

    /// 364 + 2,457 + 153,692 + 159,152 + 2,464 + 351, as the book's layers have them.
    @Test func theBooksParameters() {
        let model = Autoencoder(
            AutoencoderConfiguration(.book, format: PictureFormat(width: 28, height: 28, channels: 1), code: 28),
            seed: 1, in: Self.context)
        var counts: [String: Int] = [:]
        for parameter in model.parameters {
            let layer = parameter.name.split(separator: ".").dropLast().joined(separator: ".")
            counts[layer, default: 0] += parameter.value.count
        }
        #expect(
            counts == [
                "encoder.convolutions.0": 364, "encoder.convolutions.1": 2_457, "encoder.code": 153_692,
                "decoder.code": 159_152, "decoder.convolutions.0": 2_464, "decoder.convolutions.1": 351,
            ])
        #expect(counts.values.reduce(0, +) == 318_480 && model.buffers.isEmpty)
    }

    @Test func namesAreNumberedFromThePicturesInwards() {
        let model = Autoencoder(Self.configurations[0], seed: 1, in: Self.context)
        #expect(
            Set(model.parameters.map(\.name)) == [
                "encoder.levels.0.convolution.weight", "encoder.levels.0.normalization.weight",
                "encoder.levels.0.normalization.bias", "encoder.levels.1.convolution.weight",
                "encoder.levels.1.normalization.weight", "encoder.levels.1.normalization.bias",
                "encoder.hidden.weight", "encoder.hidden.bias", "encoder.code.weight", "encoder.code.bias",
                "decoder.code.weight", "decoder.code.bias", "decoder.hidden.weight", "decoder.hidden.bias",
                "decoder.levels.1.convolution.weight", "decoder.levels.1.normalization.weight",
                "decoder.levels.1.normalization.bias", "decoder.levels.0.convolution.weight",
                "decoder.levels.0.convolution.bias",
            ])
        #expect(model.buffers.count == 6 && model.buffers.allSatisfy { $0.name.contains("running_") })
        #expect(model.weights["encoder.levels.1.convolution.weight"]?.shape == [6, 4, 3, 3])
        #expect(model.weights["decoder.levels.1.convolution.weight"]?.shape == [6, 4, 4, 4])
    }

    @Test func weightsAreAFunctionOfTheSeed() {
        let configuration = Self.configurations[0]
        let first = Autoencoder(configuration, seed: 1, in: Self.context).weights
        let same = Autoencoder(configuration, seed: 1, in: ComputeContext(threads: 3)).weights
        #expect(same == first)
        let other = Autoencoder(configuration, seed: 2, in: Self.context)
        for parameter in other.parameters where parameter.name.hasSuffix("convolution.weight") {
            #expect(parameter.value.values != first[parameter.name]?.values)
        }
        // No two layers start alike.
        let weights = first.filter { $0.name.hasSuffix("weight") && !$0.name.contains("normalization") }
        #expect(Set(weights.map { $0.tensor.values[0] }).count == weights.count)
    }
}
