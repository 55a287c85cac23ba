import ArgumentParser
import Autoencoders
import CommandLineSupport
import Images

extension AutoencoderConfiguration.Architecture: ExpressibleByArgument {}
extension AutoencoderKind.Name: ExpressibleByArgument {}

extension Parse {
    static func size(_ text: String) throws -> PictureSize { try PictureSize(parsing: text) }
    static func color(_ text: String) throws -> Color { try Color(parsing: text) }
    static func heldOut(_ text: String) throws -> CollectionSplit.Rule { try CollectionSplit.Rule(parsing: text) }

    /// `32,64`, or `none`.
    static func channels(_ text: String) throws -> [Int] {
        guard text != "none" else { return [] }
        return try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let channels = Int(part) else {
                throw ValidationError("write the channels of each level, from the pictures inwards: 32,64")
            }
            return channels
        }
    }
}

extension AutoencoderConfiguration {
    /// `--channels` as it is typed.
    var channelsArgument: String { channels.isEmpty ? "none" : channels.map(String.init).joined(separator: ",") }
}

extension CollectionSplit.Rule {
    /// `--validation` as it is typed.
    var argument: String {
        switch self {
        case .fraction(let share): "\(share)"
        case .count(let count): "\(count)"
        case .last(let count): "last:\(count)"
        case .none: "none"
        }
    }
}

extension PictureFormat {
    /// `--size` as it is typed.
    var sizeArgument: String { "\(width)x\(height)" }
}
