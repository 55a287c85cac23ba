import Images
import TrainingRuns

extension OptionFormat<PictureSize> {
    static var size: Self {
        OptionFormat(parse: { try PictureSize(parsing: $0) }, text: { "\($0.width)x\($0.height)" })
    }
}

extension OptionFormat<Color> {
    static var color: Self { OptionFormat(parse: { try Color(parsing: $0) }, text: \.name) }
}

extension OptionFormat<CollectionSplit.Rule> {
    static var splitRule: Self {
        OptionFormat(parse: { try CollectionSplit.Rule(parsing: $0) }, text: \.typed, isNumber: true)
    }
}

extension CollectionSplit.Rule {
    /// As it is read.
    var typed: String {
        switch self {
        case .fraction(let share): "\(share)"
        case .count(let count): "\(count)"
        case .last(let count): "last:\(count)"
        case .none: "none"
        }
    }
}

extension OptionFormat<[String]> {
    /// Paths, one at a time.
    static var paths: Self { OptionFormat(parse: { [$0] }, text: { $0.joined(separator: " ") }) }
}

extension OptionFormat<[Int]> {
    /// Channels of each level, as `32,64`, or `none`.
    static var channels: Self {
        OptionFormat(
            parse: { text in
                guard text != "none" else { return [] }
                return try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                    guard let channels = Int(part) else {
                        throw UnreadableOption("write the channels of each level, from the pictures inwards: 32,64")
                    }
                    return channels
                }
            }, text: AutoencoderConfiguration.text(channels:),
            problem: { channels in
                channels.count <= AutoencoderConfiguration.mostLevels
                    && channels.allSatisfy((1...AutoencoderConfiguration.largestChannels).contains)
                    ? nil
                    : "up to \(AutoencoderConfiguration.mostLevels) levels of 1 to "
                        + "\(AutoencoderConfiguration.largestChannels) channels"
            })
    }
}

extension AutoencoderConfiguration {
    /// Channels as they are typed.
    @Sendable package static func text(channels: [Int]) -> String {
        channels.isEmpty ? "none" : channels.map(String.init).joined(separator: ",")
    }
}
