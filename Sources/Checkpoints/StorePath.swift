/// Where the store is.
package enum StorePath {
    /// Relative to the folder in which a command is started.
    package static let standard = "checkpoints/jacquard.sqlite"
    package static let environmentVariable = "JACQUARD_STORE"

    /// The path a user asked for: `--store` before `JACQUARD_STORE` before the standard place. An empty text counts
    /// as not given.
    package static func resolve(option: String?, environment: [String: String]) -> String {
        for candidate in [option, environment[environmentVariable]] {
            if let candidate, !candidate.isEmpty { return candidate }
        }
        return standard
    }
}
