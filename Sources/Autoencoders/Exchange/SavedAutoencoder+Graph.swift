import Autodiff
import Checkpoints
import Images
package import ModelFiles
import TensorCore

/// What of an autoencoder a file for other programs holds.
package enum AutoencoderHalf: String, CaseIterable, Sendable {
    /// Pictures to codes.
    case encoder
    /// Codes to pictures.
    case decoder
}

extension SavedAutoencoder {
    /// The model, or a half of it, as a graph of operators, for any number of pictures.
    ///
    /// `pictures` [pictures, C, H, W] in 0...1, `codes` [pictures, K], of a variational model also `log.variances`;
    /// `reconstructions` as the pictures. A decoder reads `codes`. The constants are the weights and running statistics
    /// under their names here.
    /// - Parameter half: nil for both, one behind the other.
    package func operatorGraph(_ half: AutoencoderHalf?) throws -> OperatorGraph {
        let note =
            switch half {
            case nil: "Pictures to codes and back."
            case .encoder: "Pictures to codes."
            case .decoder: "Codes to pictures."
            }
        var weights = model.weights
        for buffer in model.buffers { weights[buffer.name] = buffer.value }
        var builder = AutoencoderGraph(
            configuration: plan.model, weights: weights, graph: OperatorGraph(name: run.name, note: note))
        builder.graph.metadata = try ExchangeKey.metadata(
            ofKind: AutoencoderTask.runKind, run: run.name, step: step, descriptions: [ExchangeKey.model: plan.model])
        let codes = half == .decoder ? builder.readCodes() : builder.encode()
        if half != .encoder { builder.decode(codes) }
        return builder.graph
    }
}

/// The operators of both architectures.
private struct AutoencoderGraph {
    let configuration: AutoencoderConfiguration
    let weights: NamedTensors
    var graph: OperatorGraph

    private var pictures: [OperatorGraph.Side] {
        let format = configuration.format
        return ["pictures", .fixed(format.channels), .fixed(format.height), .fixed(format.width)]
    }
    private var codes: [OperatorGraph.Side] { ["pictures", .fixed(configuration.code)] }

    // MARK: The halves

    mutating func readCodes() -> String { graph.input("codes", codes, note: "What an encoder made of pictures") }

    mutating func encode() -> String {
        let pictures = graph.input(
            "pictures", pictures, note: "Channels, rows and columns of values from 0 to 1: bytes / 255")
        var values: String
        switch configuration.architecture {
        case .standard:
            values = pictures
            for index in configuration.levels.indices {
                let name = "encoder.levels.\(index)"
                values = convolution("Conv", "\(name).convolution", values, stride: 2, padding: 1)
                values = normalization("\(name).normalization", values)
            }
            values = flattened(values)
            if configuration.hidden > 0 { values = relu(graph.dense(values, "encoder.hidden", weights)) }
            values = graph.dense(values, "encoder.code", weights)
        case .book:
            let doubled = graph.apply("Mul", pictures, number(2), as: "doubled")
            values = graph.apply("Sub", doubled, number(1), as: "signed")
            for index in 0..<2 {
                values = tanh(convolution("Conv", "encoder.convolutions.\(index)", values, stride: 1, padding: 2))
            }
            values = graph.dense(flattened(values), "encoder.code", weights)
            if !configuration.kind.isVariational { values = tanh(values) }
        }
        switch configuration.kind {
        case .plain, .denoising: _ = graph.apply("Identity", values, as: "codes")
        case .sparse: _ = graph.apply("Relu", values, as: "codes")
        case .variational:
            let sizes = graph.constant("halves", [configuration.code, configuration.code])
            graph.apply("Split", [values, sizes], attributes: ["axis": .integer(1)], as: ["codes", "log.variances"])
        }
        graph.output(
            "codes", codes, note: configuration.kind.isVariational ? "Means of the codes" : "One for each picture")
        if configuration.kind.isVariational {
            graph.output("log.variances", codes, note: "Logarithms of the codes' variances")
        }
        return "codes"
    }

    mutating func decode(_ codes: String) {
        var values: String
        switch configuration.architecture {
        case .standard:
            values = codes
            if configuration.hidden > 0 { values = relu(graph.dense(values, "decoder.code", weights)) }
            values = graph.dense(values, "decoder.hidden", weights)
            if !configuration.levels.isEmpty { values = relu(values) }
            values = planes(values, configuration.innermost)
            for index in configuration.levels.indices.reversed() {
                let name = "decoder.levels.\(index)"
                values = convolution("ConvTranspose", "\(name).convolution", values, stride: 2, padding: 1)
                if index > 0 { values = normalization("\(name).normalization", values) }
            }
        case .book:
            values = planes(
                tanh(graph.dense(codes, "decoder.code", weights)), BookNetwork.inner(configuration))
            values = tanh(convolution("Conv", "decoder.convolutions.0", values, stride: 1, padding: 2))
            values = convolution("Conv", "decoder.convolutions.1", values, stride: 1, padding: 2)
            values = graph.apply("Mul", values, number(2), as: "logits")
        }
        _ = graph.apply("Sigmoid", values, as: "reconstructions")
        graph.output("reconstructions", pictures, note: "Values from 0 to 1, as the pictures")
    }

    // MARK: Operators

    private mutating func number(_ value: Int) -> String { graph.constant("\(value)", Tensor(Float(value))) }

    private mutating func relu(_ values: String) -> String { graph.apply("Relu", values, as: "\(values).relu") }

    private mutating func tanh(_ values: String) -> String { graph.apply("Tanh", values, as: "\(values).tanh") }

    private mutating func flattened(_ values: String) -> String {
        graph.apply("Flatten", values, attributes: ["axis": .integer(1)], as: "encoder.rows")
    }

    private mutating func planes(_ values: String, _ planes: Planes) -> String {
        // A 0 stands for the side that comes in.
        let shape = graph.constant("planes", [0, planes.channels, planes.height, planes.width])
        return graph.apply("Reshape", values, shape, as: "decoder.planes")
    }

    private mutating func convolution(
        _ operation: String, _ name: String, _ values: String, stride: Int, padding: Int
    ) -> String {
        let weight = weights.required("\(name).weight"), sides = weight.shape.dimensions.suffix(2)
        var inputs = [values, graph.constant("\(name).weight", weight)]
        if let bias = weights["\(name).bias"] { inputs.append(graph.constant("\(name).bias", bias)) }
        graph.apply(
            operation, inputs,
            attributes: [
                "kernel_shape": .integers(Array(sides)), "strides": .integers([stride, stride]),
                "pads": .integers([padding, padding, padding, padding]),
            ], as: [name])
        return name
    }

    /// With the running statistics, and ReLU behind.
    private mutating func normalization(_ name: String, _ values: String) -> String {
        let inputs = ["weight", "bias", "running_mean", "running_var"].map { part in
            graph.constant("\(name).\(part)", weights.required("\(name).\(part)"))
        }
        graph.apply(
            "BatchNormalization", [values] + inputs,
            attributes: ["epsilon": .number(StandardNetwork.epsilon)], as: [name])
        return relu(name)
    }
}
