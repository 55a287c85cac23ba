#if Server
    import CommandLineSupport

    /// What one request may take.
    struct ServerLimits: Sendable {
        /// Bytes of a body in JSON.
        var body = 1 << 20
        /// Bytes of a text to be kept, in JSON.
        var textBody = 8 << 20
        /// Bytes of a picture, or of several in JSON.
        var pictureBody = 32 << 20
        /// Seconds for a body to come.
        var bodySeconds = 30.0
        /// Seconds for a client to make room for the next piece of a stream.
        var writeSeconds = 60.0
        /// Seconds after which a connection is closed that asks nothing.
        var idleSeconds = 75.0
        var connections = 4096
        /// Bytes of all header fields.
        var headerBytes = 32 << 10
        /// Units that one request may have written.
        var tokens: Int

        init(_ arguments: ServerArguments) { tokens = arguments.maxTokens }
    }
#endif
