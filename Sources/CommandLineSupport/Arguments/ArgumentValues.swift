public import ArgumentParser
import FileTrees
public import Training

extension OptimizerKind: ExpressibleByArgument {}
extension ScheduleKind: ExpressibleByArgument {}

/// Functions for `@Option(transform:)`: what they throw reaches the user.
public enum Parse {
    /// What was typed. An argument that is not valid UTF-8 reaches a command as a text that carries its bytes.
    public static func bytes(_ argument: String) -> [UInt8] { ByteText.bytes(argument) }

    /// Whether what was typed is valid UTF-8.
    public static func isUTF8(_ argument: String) -> Bool { ByteText.isUTF8(argument) }

    public static func timeSpan(_ text: String) throws -> TimeSpan { try TimeSpan(parsing: text) }
}
