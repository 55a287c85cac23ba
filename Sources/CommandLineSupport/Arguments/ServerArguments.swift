package import ArgumentParser

/// What the server can be told: the same for `charnn serve`, `ae serve` and the server itself.
package struct ServerArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The address to listen on; others than this machine's own need an API key.", valueName: "address"))
    package var host = "127.0.0.1"

    @Option(parsing: .unconditional, help: ArgumentHelp("The port; 0 takes a free one.", valueName: "number"))
    package var port = 8474

    @Option(
        name: .customLong("api-key"),
        help: ArgumentHelp(
            "What clients must send as 'Authorization: Bearer KEY'.",
            discussion: "Default: JACQUARD_API_KEY; none: anybody on this machine may ask.", valueName: "key"))
    package var key: String?

    @Flag(help: "Listen on another address without a key all the same.")
    package var insecure = false

    @Option(
        name: .customLong("max-concurrent"), parsing: .unconditional,
        help: ArgumentHelp("Texts written at the same time; four times as many may wait.", valueName: "count"))
    package var maxConcurrent = 64

    @Option(
        name: .customLong("max-tokens"), parsing: .unconditional,
        help: ArgumentHelp("Characters that one request may have written.", valueName: "count"))
    package var maxTokens = 100_000

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seconds that running requests may take to end after Ctrl-C or SIGTERM.", valueName: "seconds"))
    package var grace = 10.0

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Pictures to search and to show on the map; may be given several times.",
            discussion: "Default: those whose codes the store keeps (ae encode PICTURES --to-store).", valueName: "path"
        ),
        completion: .file())
    package var pictures: [String] = []

    @Flag(name: .customLong("log-requests"), help: "Write a line for each request on standard error.")
    package var logsRequests = false

    @Flag(name: .customLong("open"), help: "Open the page in a browser.")
    package var opensBrowser = false

    @OptionGroup package var precision: PrecisionArguments
    @OptionGroup package var compute: ComputeArguments
    @OptionGroup package var store: StoreArguments

    package init() {}

    package static let keyVariable = "JACQUARD_API_KEY"

    /// The key that clients must send; nil: none.
    package var apiKey: String? {
        key ?? Program.environment(Self.keyVariable).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The host to listen on.
    package var hostName: HostName { HostName(host) }

    package func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port: from 0 to 65535, not \(port)") }
        guard maxConcurrent >= 1, maxConcurrent <= 1024 else {
            throw ValidationError("--max-concurrent: from 1 to 1024, not \(maxConcurrent)")
        }
        guard maxTokens >= 1, maxTokens <= 1 << 20 else {
            throw ValidationError("--max-tokens: from 1 to 1048576, not \(maxTokens)")
        }
        guard grace >= 0, grace <= 86_400 else { throw ValidationError("--grace: from 0 to 86400, not \(grace)") }
        if let apiKey, apiKey.isEmpty || !apiKey.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            throw ValidationError("\(key == nil ? Self.keyVariable : "--api-key"): letters, digits and signs of ASCII")
        }
        guard hostName.isLoopback || insecure || apiKey != nil else {
            throw ValidationError(
                "--host \(host): whoever reaches this address could use your models and read your texts. Give --api-key "
                    + "(or \(Self.keyVariable)), or --insecure if that is what you want")
        }
    }
}
