package import ArgumentParser
import Checkpoints
import FileTrees
import Foundation

/// How a command begins and ends.
package enum Program {
    /// Of all programs of the package; the interface of the server, `openapi.json`, has the same.
    package static let version = "0.1.0"
    /// What a process ends with that wrote to a pipe which nobody reads: as if SIGPIPE had ended it.
    package static let closedOutputStatus: Int32 = 128 + SIGPIPE

    /// Parses the arguments, runs the command, and ends the process: with 0; 1 and a message on standard error; 64
    /// where the arguments are wrong; or what the command itself asks for.
    package static func run(_ command: (some ParsableCommand).Type) -> Never {
        // A write then says that nobody reads, and the run can be saved.
        signal(SIGPIPE, SIG_IGN)
        // Likewise a file that may not grow any more: it is an error like that of a full disk.
        signal(SIGXFSZ, SIG_IGN)
        let arguments = arguments
        do {
            try refuseUnknownCommand(arguments, of: command)
            var parsed = try command.parseAsRoot(arguments)
            do {
                try parsed.run()
            } catch  where !isForParser(error, of: command) {
                exit(report(error))
            }
        } catch {
            end(with: error, of: command)
        }
        exit(0)
    }

    /// What an error says of itself, in the words of the command line.
    package static func message(of error: any Error) -> String {
        let text =
            (error as? StoreError)?.text(for: .user) ?? (error as? any LocalizedError)?.errorDescription ?? "\(error)"
        let message = CommandText.typed(text)
        return message + ((error as? any CommandAdvice)?.advice.map { " (\($0))" } ?? "")
    }

    // MARK: What the process was given

    /// The arguments as texts that carry any bytes, see `ByteText`; without the program's own name.
    static var arguments: [String] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { CommandLine.unsafeArgv[$0].map { RawPath(cString: $0).text } }
    }

    /// A variable of the environment as such a text; nil if it is not set.
    static func environment(_ name: String) -> String? { getenv(name).map { RawPath(cString: $0).text } }

    // MARK: Errors

    /// The library of arguments would call a mistyped command an unexpected argument.
    private static func refuseUnknownCommand(_ arguments: [String], of command: any ParsableCommand.Type) throws {
        let typed = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        let all = command.configuration.subcommands
        // No further than to the one that was typed: what all of them have to say takes a millisecond to be made.
        guard let typed, !typed.hasPrefix("-"), typed != "help", !all.isEmpty,
            !all.contains(where: { $0._commandName == typed || $0.configuration.aliases.contains(typed) })
        else { return }
        let commands = all.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        let near = NearNames.near(typed, among: commands).map { "'\($0)'" }
        let hint =
            near.isEmpty
            ? "the commands are \(commands.joined(separator: ", "))"
            : "did you mean \(near.joined(separator: " or "))?"
        throw ValidationError("there is no command '\(typed)': \(hint)")
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

    /// Help on standard output; on standard error what the library of arguments says, which repeats arguments.
    private static func end(with error: any Error, of command: (some ParsableCommand).Type) -> Never {
        let status = command.exitCode(for: error), text = withArgumentsInLine(command.fullMessage(for: error))
        do {
            if status == .success {
                let output = StandardOutput()
                try output.write(text + "\n")
                try output.flush()
            } else if !text.isEmpty {
                Console().text(text)
            }
        } catch {
            exit(report(error))
        }
        exit(status.rawValue)
    }

    /// A message of several lines that repeats arguments: a line break in one of them begins no line.
    private static func withArgumentsInLine(_ message: String) -> String {
        // Of --option=value the value alone is repeated.
        let repeated = arguments.flatMap { [$0] + $0.split(separator: "=", maxSplits: 1).dropFirst().map(String.init) }
        return repeated.filter { $0.unicodeScalars.contains("\n") }.reduce(message) {
            $0.replacingOccurrences(of: $1, with: VisibleText.line($1), options: .literal)
        }
    }
}
