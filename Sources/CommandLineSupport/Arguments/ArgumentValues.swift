public import ArgumentParser
public import Training

extension OptimizerKind: ExpressibleByArgument {}
extension ScheduleKind: ExpressibleByArgument {}

/// Functions for `@Option(transform:)`: what they throw reaches the user.
public enum Parse {
    public static func timeSpan(_ text: String) throws -> TimeSpan { try TimeSpan(parsing: text) }
}
