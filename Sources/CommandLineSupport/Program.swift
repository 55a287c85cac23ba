public import ArgumentParser
import Foundation

/// How a command begins and ends.
public enum Program {
    /// What a process ends with that wrote to a pipe which nobody reads: as if SIGPIPE had ended it.
    public static let closedOutputStatus: Int32 = 128 + SIGPIPE

    /// Parses the arguments, runs the command, and ends the process: with 0; 1 and a message on standard error; 64
    /// where the arguments are wrong; or what the command itself asks for.
    public static func run(_ command: (some ParsableCommand).Type) -> Never {
        // A write then says that nobody reads, and the run can be saved.
        signal(SIGPIPE, SIG_IGN)
        do {
            var parsed = try command.parseAsRoot()
            do {
                try parsed.run()
            } catch  where !isForParser(error, of: command) {
                exit(report(error))
            }
        } catch {
            command.exit(withError: error)
        }
        exit(0)
    }

    /// Requests for help, and errors that the library of arguments explains itself, with the usage below.
    private static func isForParser(_ error: any Error, of command: (some ParsableCommand).Type) -> Bool {
        error is ExitCode || command.exitCode(for: error) != .failure
    }

    private static func report(_ error: any Error) -> Int32 {
        if case OutputError.closed = error { return closedOutputStatus }
        Console().line("Error: \(message(of: error))")
        return 1
    }

    /// What an error says of itself.
    public static func message(of error: any Error) -> String {
        (error as? any LocalizedError)?.errorDescription ?? "\(error)"
    }
}
