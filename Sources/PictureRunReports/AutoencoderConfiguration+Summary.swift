package import Autoencoders
import CommandLineSupport

extension AutoencoderConfiguration {
    /// "standard, code 32, levels of 32,64 channels, hidden 256, plain"
    package var summary: String {
        var parts = ["\(architecture.rawValue)", "code \(code)"]
        if architecture == .standard {
            parts.append(channels.isEmpty ? "no convolutions" : "levels of \(Self.text(channels: channels)) channels")
            parts.append(hidden > 0 ? "hidden \(hidden)" : "no hidden layer")
        }
        let numbers = kind.numbers.map { "\($0.name) \(NumberText.exact($0.value))" }
        parts.append(numbers.isEmpty ? kind.name : "\(kind.name) (\(numbers.joined(separator: ", ")))")
        return parts.joined(separator: ", ")
    }
}
