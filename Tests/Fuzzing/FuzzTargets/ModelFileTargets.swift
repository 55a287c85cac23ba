import Autoencoders
import Foundation
import Images
import LanguageModels
import ModelFiles
import TensorCore

extension FuzzTarget {
    static let safetensors = FuzzTarget(
        "safetensors",
        "Files of weights. Memory is as the file's size, and what is read is written and read again as the same",
        words: [
            "\"__metadata__\":{", "\"dtype\":\"F32\"", "\"dtype\":\"BF16\"", "\"dtype\":\"F64\"", "\"dtype\":\"F16\"",
            "\"shape\":[", "\"data_offsets\":[0,", "9223372036854775807", "1152921504606846976", "\\u0061",
        ],
        mend: { input in
            // The length of the header, which ends at the last brace.
            guard input.count > 9, input[8] == UInt8(ascii: "{"), let end = input.lastIndex(of: UInt8(ascii: "}")),
                end > 8
            else { return input }
            let length = UInt64(end - 7)
            return withUnsafeBytes(of: length.littleEndian, Array.init) + input[8...]
        },
        seeds: {
            let tensors = NamedTensors([("a.weight", Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])), ("b", Tensor([7]))])
            func file(_ header: String, _ count: Int) -> [UInt8] {
                withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
                    + [UInt8](repeating: 0x3f, count: count)
            }
            return [
                try Safetensors(tensors, metadata: ["format": "pt", "key": "\"\\\n"]).encoded(),
                file(
                    #"{"x":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"y":{"dtype":"BF16","shape":[],"data_offsets":[6,8]}}"#,
                    8),
                file(
                    #"{"x":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]},"z":{"dtype":"F32","shape":[0,9],"data_offsets":[16,16]}} "#,
                    16),
            ]
        },
        run: { input in
            let path = try ScratchFolder.write(input, "safetensors")
            guard let file = try attempt({ try Safetensors(path: path) }) else { return }
            try demand(file.tensors.elementCount * 2 <= input.count, "more numbers than the file has room for")
            guard let bytes = try attempt({ try file.encoded() }) else { return }
            let again = try attempt { try Safetensors(path: ScratchFolder.write(bytes, "safetensors")) }
            try demand(
                again?.metadata == file.metadata && again?.tensors.names == file.tensors.names,
                "written and read again the names are others")
            for (name, tensor) in file.tensors {
                let other = again?.tensors[name]
                try demand(
                    other?.shape == tensor.shape
                        && other?.values.map(\.bitPattern) == tensor.values.map(\.bitPattern),
                    "written and read again, \(name) is another tensor")
            }
            _ = try NumPyArchive(file.tensors).encoded()
        })

    /// Lines: `name sides…` of a tensor, `!name text` of metadata; the first byte says what is wanted of it, the next two the
    /// size of pictures.
    static let weights = FuzzTarget(
        "weights",
        "Models of others as tensors of any names and shapes. What is taken in is a model that computes",
        words: [
            "rnn.weight_ih_l0 ", "rnn.weight_hh_l0 ", "rnn.bias_ih_l0 ", "embedding.weight ", "head.weight ",
            "head.bias ",
            "layers.0.cell.weight_ih_l0 ", "layers.0.projection.weight ", "_reverse", "weight_hr_l0",
            "encoder.0.weight ",
            "decoder.0.weight ", ".bias ", ".running_mean ", ".running_var ", ".num_batches_tracked ",
            "!jacquard.model {\"architecture\":\"standard\",", "!jacquard.vocabulary ",
        ],
        longest: 2000,
        seeds: {
            let vocabulary =
                #"!jacquard.vocabulary {"has_replacement":false,"minimum_count":1,"replaced_in_training":0,"unit":"scalar","units":"abc"}"#
            return [
                "\u{0}\u{0}\u{0}rnn.weight_ih_l0 8 4\nrnn.weight_hh_l0 8 2\nrnn.bias_ih_l0 8\nemb.weight 3 4\nout.weight 3 2\nout.bias 3\n\(vocabulary)",
                "\u{0}\u{0}\u{0}g.weight_ih_l0 6 3\ng.weight_hh_l0 6 2\ng.weight_ih_l1 6 2\ng.weight_hh_l1 6 2\nout.weight 3 2\n\(vocabulary)",
                "\u{1}\u{3}\u{3}encoder.0.weight 2 1 3 3\nencoder.0.bias 2\nencoder.2.weight 3 8\ndecoder.0.weight 8 3\ndecoder.2.weight 2 1 4 4\ndecoder.2.bias 1",
                "\u{1}\u{1}\u{1}encoder.weight 3 4\nencoder.bias 3\ndecoder.weight 4 3\ndecoder.bias 4",
                "\u{1}\u{5}\u{5}encoder.0.weight 2 1 3 3\nencoder.1.weight 2\nencoder.1.bias 2\nencoder.1.running_mean 2\nencoder.1.running_var 2\nencoder.4.weight 2 18\ndecoder.0.weight 18 2\ndecoder.3.weight 2 1 4 4",
                #"\#u{2}\#u{0}\#u{0}!jacquard.model {"architecture":"book","channels":[],"code":2,"format":{"background":"white","channels":1,"height":4,"width":4},"hidden":0,"kind":{"plain":{}}}"#,
            ].map { Array($0.utf8) }
        },
        run: { input in
            var input = InputReader(input)
            let wanted = input.choice(of: 3),
                size = PictureSize(width: 1 + input.choice(of: 16), height: 1 + input.choice(of: 16))
            guard let bytes = try encoded(input.remainder()) else { return }
            let path = try ScratchFolder.write(bytes, "weights"), context = ComputeContext(threads: 1)
            if wanted == 0 {
                guard let found = try attempt({ try ImportedLanguageModel(path: path, vocabulary: nil) }) else {
                    return
                }
                let model = LanguageModel(found.configuration, seed: 0, in: context)
                try model.load(found.weights)
                var generator = TextGenerator(
                    model: model, vocabulary: found.vocabulary, options: SamplingOptions(length: 3), seed: 1, index: 0,
                    in: context)
                generator.read("a")
                _ = generator.text()
            } else {
                guard
                    let found = try attempt({
                        try ImportedAutoencoder(path: path, size: wanted == 1 ? size : nil, in: context)
                    })
                else { return }
                let model = Autoencoder(found.configuration, seed: 0, in: context)
                try model.load(found.weights)
                try model.loadBuffers(found.buffers)
            }
        })

    /// A file of these tensors, small numbers in all of them; nil where they would be too large.
    private static func encoded(_ lines: [UInt8]) throws -> [UInt8]? {
        var file = Safetensors(NamedTensors()), count = 0
        for line in lines.split(separator: 10) {
            let text = String(decoding: line, as: UTF8.self)
            let parts = text.split(separator: " ", maxSplits: text.hasPrefix("!") ? 1 : 9).map(String.init)
            guard let name = parts.first else { continue }
            if name.hasPrefix("!") {
                file.metadata[String(name.dropFirst())] = parts.count > 1 ? parts[1] : ""
                continue
            }
            let sides = parts.dropFirst().compactMap { UInt8($0) }.map(Int.init)
            guard sides.count <= 6 else { return nil }
            let shape = Shape(sides)
            count += shape.count
            guard count <= 1 << 14 else { return nil }
            file.tensors[name] = Tensor((0..<shape.count).map { Float($0 % 7) / 8 - 0.25 }, shape: shape)
        }
        return try attempt { try file.encoded() }
    }
}
