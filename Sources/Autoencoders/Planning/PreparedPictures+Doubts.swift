import Images

extension PreparedPictures {
    /// Values of the training pictures vary by less than this around their means, root mean square, where all pictures
    /// look the same: a step and a half of 256.
    private static let leastDeviation = 1.5 / 255

    private var deviation: Double? {
        baseline?.principal.totalVariance.map { ($0 / Double(format.count)).squareRoot() }
    }

    /// Whether the training pictures can hardly be told apart, as the model sees them. Too few pictures for a baseline are
    /// not judged.
    var lookAlike: Bool { deviation.map { $0 < Self.leastDeviation } ?? false }

    /// What speaks against the pictures being what somebody wants to learn from. Copies and blank pictures are found where
    /// the pictures are in memory.
    var doubts: [String] {
        var doubts: [String] = []
        if lookAlike, let deviation {
            doubts.append(
                "the pictures look the same to the model: their values differ by \(Self.rounded(255 * deviation)) of 255 on "
                    + "average, so there is little to learn. \(lookAlikeAdvice)")
        }
        guard let training = training as? CachedPictures, let validation = validation as? CachedPictures else {
            return doubts
        }
        let items = training.collection.items
        let blank = trainingIndices.count { items[$0].hasTransparency && training.isBlank($0) }
        if blank > 0, !lookAlike {
            doubts.append(
                "\(blank) of \(items.count) pictures with transparent parts are of one color over "
                    + "\(format.background.name): `background` shows them over another")
        }
        let learned = Set(trainingIndices.compactMap(training.contentHash))
        let copies = validationIndices.count { validation.contentHash($0).map(learned.contains) ?? false }
        if copies > 0 {
            doubts.append(
                "\(copies) of \(validationIndices.count) pictures to validate are copies of pictures to train on: the error "
                    + "of the model on others will be larger than it looks")
        }
        return doubts
    }

    private var lookAlikeAdvice: String {
        training.collection.items.contains(where: \.hasTransparency)
            ? "They have transparent parts: `background` shows them over another color than \(format.background.name)"
            : "If they are dark, stretch them from black to white first"
    }

    /// To a tenth.
    private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
