import Foundation
import Images
import TensorCore

/// An autoencoder that another program has saved, whose structure is that of the standard network: on either side any number
/// of levels, each a convolution of stride 2 and padding 1, batch normalization or none, and ReLU; one linear layer or two
/// with ReLU between them; a sigmoid at the end. Names tell the halves apart, shapes the rest.
///
/// What a file does not say is taken to be so: strides, activations, and an epsilon of 10⁻⁵.
struct ForeignAutoencoder {
    let configuration: AutoencoderConfiguration
    /// Weights and running statistics under our names.
    let tensors: NamedTensors

    /// - Throws: ``AutoencoderError/notAnAutoencoder(path:reason:)``
    init(_ tensors: NamedTensors, size: PictureSize, path: String) throws(AutoencoderError) {
        func refuse(_ reason: String) -> AutoencoderError { .notAnAutoencoder(path: path, reason: reason) }
        let layers = try ForeignLayer.layers(of: tensors, path: path)
        let encoder = Half(layers.filter { !$0.isOfDecoder }), decoder = Half(layers.filter(\.isOfDecoder))
        guard !encoder.dense.isEmpty, !decoder.dense.isEmpty else {
            throw refuse(
                "a linear layer must lead to its codes and another back, the latter called decoder…: linear layers are "
                    + "\(layers.filter { $0.kind == .dense }.map(\.name))")
        }
        guard encoder.dense.count <= 2, decoder.dense.count == encoder.dense.count else {
            throw refuse(
                "it has \(encoder.dense.count) linear layers before its codes and \(decoder.dense.count) behind; one or "
                    + "two on either side are read")
        }
        guard encoder.convolutions.count == decoder.convolutions.count else {
            throw refuse(
                "\(encoder.convolutions.count) convolutions make its codes smaller, and "
                    + "\(decoder.convolutions.count) bring them back")
        }
        // The last convolution gives the picture, which is not normalized.
        for (half, count) in [(encoder, encoder.convolutions.count), (decoder, max(0, decoder.convolutions.count - 1))]
        {
            guard half.normalizations.isEmpty || half.normalizations.count == count else {
                throw refuse(
                    "\(half.normalizations.count) normalizations follow \(count) convolutions before a ReLU in one half"
                )
            }
        }
        let inputs = encoder.convolutions.first?.shape[1] ?? encoder.dense[0].shape[1] / (size.width * size.height)
        guard inputs == 1 || inputs == 3 else { throw refuse("its pictures of \(size) would have \(inputs) channels") }
        let codes = encoder.dense[encoder.dense.count - 1].shape[0]
        configuration = AutoencoderConfiguration(
            format: PictureFormat(size: size, channels: inputs), code: codes,
            channels: encoder.convolutions.map { $0.shape[0] },
            hidden: encoder.dense.count == 2 ? encoder.dense[0].shape[0] : 0)
        guard (1...65_536).contains(codes), configuration.channels.allSatisfy({ $0 > 0 }) else {
            throw refuse("it has codes of \(codes) numbers and levels of \(configuration.channels) channels")
        }
        var result = NamedTensors()
        func put(_ layer: ForeignLayer, _ name: String, part: String = "") {
            for (key, tensor) in layer.parts where part.isEmpty || part == key { result["\(name).\(key)"] = tensor }
        }
        let isDeep = configuration.hidden > 0
        for (layer, name) in zip(encoder.dense, isDeep ? ["encoder.hidden", "encoder.code"] : ["encoder.code"]) {
            put(layer.withBias, name)
        }
        for (layer, name) in zip(decoder.dense, isDeep ? ["decoder.code", "decoder.hidden"] : ["decoder.hidden"]) {
            put(layer.withBias, name)
        }
        let levels = configuration.levels
        for (index, level) in levels.enumerated() {
            let down = encoder.convolutions[index]
            // The decoder's are numbered from the codes outwards.
            let number = levels.count - 1 - index, up = decoder.convolutions[number]
            put(down, "encoder.levels.\(index).convolution", part: "weight")
            let before = try encoder.normalization(behind: index, of: down, path: path)
            put(before, "encoder.levels.\(index).normalization")
            let name = "decoder.levels.\(index)"
            put(try up.widened(to: level.transposedKernel, path: path), "\(name).convolution", part: "weight")
            if index > 0 {
                let behind = try decoder.normalization(behind: number, of: up, path: path)
                put(behind, "\(name).normalization")
            } else {
                put(up.withBias, "\(name).convolution", part: "bias")
            }
        }
        self.tensors = result
    }

    /// The layers of one half, in order.
    private struct Half {
        let convolutions: [ForeignLayer]
        let normalizations: [ForeignLayer]
        let dense: [ForeignLayer]

        init(_ layers: [ForeignLayer]) {
            convolutions = layers.filter { $0.kind == .convolution }
            normalizations = layers.filter { $0.kind == .normalization }
            dense = layers.filter { $0.kind == .dense }
        }

        /// What normalizes behind a convolution, with the convolution's bias in its mean; where nothing does, a
        /// normalization that only adds the bias.
        func normalization(
            behind index: Int, of convolution: ForeignLayer, path: String
        ) throws(AutoencoderError) -> ForeignLayer {
            let channels = convolution.outputs
            let bias = convolution.parts["bias"] ?? Tensor(zeros: [channels])
            guard bias.shape == [channels] else { throw convolution.mismatch("bias", [channels], path: path) }
            guard !normalizations.isEmpty else {
                // The variance and epsilon together are 1.
                let variance = Tensor(repeating: 1 - StandardNetwork.epsilon, shape: [channels])
                let ones = Tensor(repeating: 1, shape: [channels]), zeros = Tensor(zeros: [channels])
                return ForeignLayer(
                    name: convolution.name, kind: .normalization,
                    parts: NamedTensors([
                        ("weight", ones), ("bias", bias), ("running_mean", zeros), ("running_var", variance),
                    ]))
            }
            var found = normalizations[index]
            guard let mean = found.parts["running_mean"], mean.shape == [channels] else {
                throw found.mismatch("running_mean", [channels], path: path)
            }
            found.parts["running_mean"] = mean - bias
            return found
        }
    }
}

/// A layer of somebody else's.
private struct ForeignLayer {
    enum Kind { case convolution, normalization, dense }

    let name: String
    let kind: Kind
    /// By PyTorch's names: `weight`, `bias`, `running_mean`, `running_var`.
    var parts: NamedTensors

    /// Of the weights.
    var shape: Shape { parts.required("weight").shape }

    /// Whether it leads from codes to pictures: its name says so.
    var isOfDecoder: Bool { name.lowercased().contains(/dec|up|trans|t_conv|tconv/) }

    /// Channels that a convolution gives.
    var outputs: Int { isOfDecoder ? shape[1] : shape[0] }

    var withBias: ForeignLayer {
        var result = self
        if parts["bias"] == nil { result.parts["bias"] = Tensor(zeros: [kind == .dense ? shape[0] : outputs]) }
        return result
    }

    func mismatch(_ part: String, _ shape: Shape, path: String) -> AutoencoderError {
        .notAnAutoencoder(
            path: path,
            reason: "\(name).\(part) would have the shape \(shape), not \(parts[part]?.shape.description ?? "none")")
    }

    /// A transposed convolution whose kernel has a row or a column of zeros more where the outer side is even: PyTorch gets
    /// that side of a kernel of 3 with `output_padding=1`.
    func widened(to kernel: Size2D, path: String) throws(AutoencoderError) -> ForeignLayer {
        let found = Size2D(height: shape[2], width: shape[3]), weight = parts.required("weight")
        func fits(_ found: Int, _ wanted: Int) -> Bool { found == wanted || (found == 3 && wanted == 4) }
        guard found != kernel else { return self }
        guard fits(found.height, kernel.height), fits(found.width, kernel.width) else {
            throw .notAnAutoencoder(
                path: path,
                reason:
                    "\(name) has a kernel of \(found.height)×\(found.width), where \(kernel.height)×\(kernel.width) "
                    + "brings the sides back")
        }
        var values = [Float](repeating: 0, count: shape[0] * shape[1] * kernel.area)
        let numbers = weight.values
        for plane in 0..<shape[0] * shape[1] {
            for row in 0..<found.height {
                for column in 0..<found.width {
                    values[(plane * kernel.height + row) * kernel.width + column] =
                        numbers[(plane * found.height + row) * found.width + column]
                }
            }
        }
        var result = self
        result.parts["weight"] = Tensor(values, shape: [shape[0], shape[1], kernel.height, kernel.width])
        return result
    }

    /// All layers, each kind in the order of the names and the numbers in them.
    static func layers(of tensors: NamedTensors, path: String) throws(AutoencoderError) -> [ForeignLayer] {
        func refuse(_ reason: String) -> AutoencoderError { .notAnAutoencoder(path: path, reason: reason) }
        var parts: [String: NamedTensors] = [:]
        for (name, tensor) in tensors {
            guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
                throw refuse("\(name) is no part of a layer")
            }
            parts[String(name[..<dot]), default: NamedTensors()][String(name[name.index(after: dot)...])] = tensor
        }
        let names = parts.keys.sorted {
            // 1 and 01 are the same number: by it alone, every process would have an order of its own.
            let order = $0.compare($1, options: .numeric)
            return order == .orderedSame ? $0 < $1 : order == .orderedAscending
        }
        var layers: [ForeignLayer] = []
        for name in names {
            guard let own = parts[name], let weight = own["weight"], weight.count > 0 else {
                throw refuse("\(name) has no weights")
            }
            let expected: Set<String>, kind: Kind
            switch weight.shape.rank {
            case 4: (kind, expected) = (.convolution, ["weight", "bias"])
            case 2: (kind, expected) = (.dense, ["weight", "bias"])
            case 1: (kind, expected) = (.normalization, ["weight", "bias", "running_mean", "running_var"])
            default: throw refuse("\(name).weight has the shape \(weight.shape), which no layer here has")
            }
            guard expected.isSuperset(of: own.names), kind != .normalization || own.count == 4 else {
                throw refuse("\(name) has the parts \(own.names.joined(separator: ", "))")
            }
            layers.append(ForeignLayer(name: name, kind: kind, parts: own))
        }
        return layers
    }
}
