package import ArgumentParser
import Foundation

/// `serve`: starts the server, which is a program of its own beside this one, so that building this one takes no longer.
package struct ServeCommand<Owner: ModelProgram>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "serve", abstract: "A page to write with, and a server for other programs.",
            discussion: """
                Serves all models of the store, of texts and of pictures: a page for a browser at the address that it \
                prints, and OpenAI's interface (/v1/models, /v1/completions) and more for programs, see \
                Documentation/Server.md. Ctrl-C ends it.

                The server is a program of its own, jacquard-server, which scripts/install puts beside this one.

                Examples:
                  \(Owner.name) serve
                  \(Owner.name) serve --open
                  \(Owner.name) serve --host 0.0.0.0 --port 8080 --api-key secret
                """)
    }

    @OptionGroup package var server: ServerArguments

    package init() {}

    package func run() throws {
        let words = ["jacquard-server"] + Program.arguments.dropFirst()
        guard let path = Self.serverPath else { throw ServerMissing() }
        var arguments = words.map { strdup($0) } + [nil]
        execv(path, &arguments)
        throw ServerMissing(reason: "\(path): \(String(cString: strerror(errno)))")
    }

    /// Beside this program, else on the PATH.
    private static var serverPath: String? {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let folders =
            [URL(fileURLWithPath: own).deletingLastPathComponent().path]
            + (Program.environment("PATH") ?? "").split(separator: ":").map(String.init)
        return folders.map { $0 + "/jacquard-server" }.first { access($0, X_OK) == 0 }
    }
}

/// The server is not there, or cannot be started.
private struct ServerMissing: Error, CustomStringConvertible {
    var reason: String?

    var description: String {
        reason
            ?? "the server is not built: swift build -c release --traits Server --product jacquard-server puts it beside "
            + "this program in .build/release, and scripts/install installs it"
    }
}
