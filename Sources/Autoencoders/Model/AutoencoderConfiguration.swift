package import Images
package import TensorCore

/// The architecture, sizes and kind of an autoencoder: all but its weights. Stored with a run as JSON.
package struct AutoencoderConfiguration: Hashable, Codable, Sendable {
    package enum Architecture: String, CaseIterable, Hashable, Codable, Sendable {
        /// Convolutions of stride 2 with batch normalization, as deep as the pictures are large.
        case standard
        /// The network of *Deep Learning from Scratch*, chapter 7: 318,480 parameters at 28×28 with a code of 28.
        case book
    }

    package var architecture: Architecture
    package var format: PictureFormat
    /// K, numbers in a code.
    package var code: Int
    /// Channels of each level of the standard architecture, from the pictures inwards; each halves the sides.
    package var channels: [Int]
    /// Units of the dense layer between the innermost level and the code, on both sides; 0: none.
    package var hidden: Int
    package var kind: AutoencoderKind

    package init(
        _ architecture: Architecture = .standard, format: PictureFormat, code: Int, channels: [Int] = [],
        hidden: Int = 0, kind: AutoencoderKind = .plain
    ) {
        (self.architecture, self.format, self.code) = (architecture, format, code)
        (self.channels, self.hidden, self.kind) = (channels, hidden, kind)
    }

    private enum CodingKeys: String, CodingKey {
        case architecture, format, code, channels, hidden, kind
    }

    /// Numbers in a code, and units of the dense layer.
    static let largestLayer = 65_536
    static let largestChannels = 4096, mostLevels = 12

    /// What is stored may be damaged, or written by others.
    /// - Throws: for sizes that no model has, `DecodingError`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        architecture = try container.decode(Architecture.self, forKey: .architecture)
        format = try container.decode(PictureFormat.self, forKey: .format)
        code = try container.decode(Int.self, forKey: .code)
        channels = try container.decode([Int].self, forKey: .channels)
        hidden = try container.decode(Int.self, forKey: .hidden)
        kind = try container.decode(AutoencoderKind.self, forKey: .kind)
        // So that no product of sizes overflows.
        let isPossible =
            (1...Self.largestLayer).contains(code) && (0...Self.largestLayer).contains(hidden)
            && channels.count <= Self.mostLevels && channels.allSatisfy((1...Self.largestChannels).contains)
        guard isPossible else {
            throw DecodingError.dataCorruptedError(
                forKey: .code, in: container,
                debugDescription:
                    "no model has codes of \(code) numbers, levels of \(channels) channels and a hidden layer "
                    + "of \(hidden) units")
        }
    }

    /// Names and shapes of the trainable tensors, in the order of ``Autoencoder/parameters``.
    package var parameterShapes: [(name: String, shape: Shape)] {
        switch architecture {
        case .standard: StandardNetwork.parameterShapes(of: self)
        case .book: BookNetwork.parameterShapes(of: self)
        }
    }

    package var parameterCount: Int { parameterShapes.reduce(0) { $0 + $1.shape.count } }

    /// What the encoder's last layer gives for each picture: a code, or means and log variances.
    var encoderOutputs: Int { kind.isVariational ? 2 * code : code }
}

/// How an autoencoder is trained, beyond giving its pictures back.
package enum AutoencoderKind: Hashable, Codable, Sendable {
    case plain
    /// Pictures are spoiled before they are encoded, and are to come back clean (Vincent et al., 2008).
    /// - noise: standard deviation of Gaussian noise on values in 0...1.
    /// - masking: share of the pixels that are blackened.
    case denoising(noise: Double, masking: Double)
    /// Codes are not negative, and their mean times the weight is added to the loss, so that most are zero.
    case sparse(weight: Double)
    /// A Gaussian for each picture instead of a point, near the unit Gaussian (Kingma & Welling, 2014).
    /// - freeNats: of each number of the code that cost nothing (Kingma et al., 2016).
    case variational(freeNats: Double)

    package var isVariational: Bool {
        if case .variational = self { true } else { false }
    }
}
