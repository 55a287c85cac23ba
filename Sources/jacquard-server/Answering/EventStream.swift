#if Server
    import CommandLineSupport
    import Hummingbird

    /// Server-sent events, each one JSON value.
    final class EventStream: Sendable {
        private let output: Output
        private let seconds: Double

        /// Writers are no values that two tasks may hold; this one is used by one after the other.
        private final class Output: @unchecked Sendable {
            var writer: any ResponseBodyWriter
            init(_ writer: any ResponseBodyWriter) { self.writer = writer }
        }

        /// - Parameter seconds: how long a client may take to make room for the next event before it is given up.
        init(_ writer: any ResponseBodyWriter, secondsToRead seconds: Double) {
            (output, self.seconds) = (Output(writer), seconds)
        }

        func send(_ event: JSONValue) async throws { try await send("data: \(event.compactText)\n\n") }

        func sendDone() async throws { try await send("data: [DONE]\n\n") }

        private func send(_ text: String) async throws {
            try await within(seconds) { [output] in try await output.writer.write(ByteBuffer(string: text)) }
        }

        func finish() async throws { try await output.writer.finish(nil) }
    }
#endif
