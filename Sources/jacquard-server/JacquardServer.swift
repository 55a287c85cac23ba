#if Server
    import ArgumentParser
    import Checkpoints
    import CommandLineSupport
    import Foundation
    import Hummingbird
    import HummingbirdCore
    import Logging
    import NIOCore
    import ServedModels
    import ServiceLifecycle
    import TextRunReports
    import UnixSignals

    /// The server that `charnn serve` and `ae serve` start.
    @main
    struct JacquardServer: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "jacquard-server",
            abstract: "A page to write with, and a server for other programs, on a store of models.",
            discussion:
                "charnn serve and ae serve start it with the same options; Documentation/Server.md describes it.",
            version: CharnnRuns.version)

        @OptionGroup var server: ServerArguments

        static func main() { Program.run(self) }

        func run() throws {
            LoggingSystem.bootstrap { label in
                var handler = StreamLogHandler.standardError(label: label)
                handler.logLevel = .warning
                return handler
            }
            let store = try server.store.open(.readOnly)
            // Nobody who moves, copies or removes something has to end the server first.
            store.restBetweenCalls()
            defer { try? store.close() }
            let ending = DispatchSemaphore(value: 0)
            let outcome = Outcome()
            Task.detached {
                do { try await serve(store) } catch { outcome.error = error }
                ending.signal()
            }
            ending.wait()
            if let error = outcome.error {
                throw ServingFailed.from(error, at: "\(server.hostName.inAddress):\(server.port)")
            }
        }

        private final class Outcome: @unchecked Sendable {
            var error: (any Error)?
        }

        private func serve(_ store: CheckpointStore) async throws {
            var limits = ModelHost.Limits()
            limits.texts = server.maxConcurrent
            limits.waiting = 4 * server.maxConcurrent
            let host = try ModelHost(
                store: store, limits: limits, precision: server.precision.precision,
                makeContext: { try server.compute.makeContext() })
            let pictures = try PictureHost(
                store: store, pictures: server.pictures, makeContext: { try server.compute.makeContext() })
            let serverLimits = ServerLimits(server)
            let texts = KeptTexts(store)
            defer { texts.close() }
            let routes = ServerRoutes(host: host, pictures: pictures, texts: texts, limits: serverLimits)
            let application = Application(
                router: routes.router(server),
                server: .http1(
                    configuration: .init(
                        additionalChannelHandlers: [
                            ClientWatch(), ExpectationAnswer(largestBody: serverLimits.pictureBody),
                        ],
                        idleTimeout: .seconds(Int64(serverLimits.idleSeconds)),
                        httpDecoderConfiguration: .init(
                            maxHeaderFieldSize: serverLimits.headerBytes, maxHeaderListSize: serverLimits.headerBytes,
                            maxHeaderFieldCount: 100))),
                configuration: .init(
                    address: .hostname(server.hostName.name, port: server.port), serverName: "jacquard", backlog: 1024,
                    availableConnectionsDelegate: MaximumAvailableConnections(serverLimits.connections)),
                onServerRunning: { announce($0.localAddress) },
                logger: Logger(label: "jacquard"))
            var group = ServiceGroupConfiguration(
                services: [
                    .init(service: application),
                    .init(service: HostService(host: host, pictures: pictures, grace: server.grace)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "jacquard"))
            // Running texts are broken off a little earlier, with a word to whoever reads them.
            group.maximumGracefulShutdownDuration = .seconds(server.grace + 2)
            try await ServiceGroup(configuration: group).run()
        }

        private func announce(_ address: SocketAddress?) {
            let url = "http://\(server.hostName.inAddress):\(address?.port ?? server.port)/"
            let output = StandardOutput()
            try? output.line("Serving \(server.store.path) at \(url)")
            try? output.flush()
            if server.opensBrowser { openBrowser(url) }
        }

        private func openBrowser(_ url: String) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["xdg-open", url]
            do { try process.run() } catch { Console().line("--open: no browser could be started (xdg-open)") }
        }
    }

    /// Drops models that nobody uses, and ends the writing when the server is to end.
    private struct HostService: Service {
        let host: ModelHost
        let pictures: PictureHost
        let grace: Double

        func run() async throws {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(15))
                    await host.dropUnused()
                    await pictures.dropUnused()
                }
            }
            await host.refuseNew()
            pictures.stop()
            // The server goes on to answer what it has begun, and ends when that is done.
            Task.detached { await host.breakOff(after: grace) }
        }
    }

    /// Why the server could not be started.
    private enum ServingFailed: Error, CustomStringConvertible {
        case addressInUse(String)
        case notAllowed(String)
        case noAddress(String)

        var description: String {
            switch self {
            case .addressInUse(let address):
                "\(address): something listens there already, perhaps another server. Give another port, or 0 for a free one"
            case .notAllowed(let address):
                "\(address): this user may not listen there. Ports from 1024 on are free for all"
            case .noAddress(let address): "\(address): this machine has no such address"
            }
        }

        static func from(_ error: any Error, at address: String) -> any Error {
            guard let error = error as? IOError else { return error }
            return switch error.errnoCode {
            case EADDRINUSE: addressInUse(address)
            case EACCES: notAllowed(address)
            case EADDRNOTAVAIL: noAddress(address)
            default: error
            }
        }
    }
#else
    import CommandLineSupport
    import Foundation

    /// Built without the trait that brings the server's libraries.
    @main
    enum JacquardServer {
        static func main() {
            Console().line(
                "Error: this program was built without its libraries: swift build -c release --traits Server --product "
                    + "jacquard-server")
            exit(1)
        }
    }
#endif
