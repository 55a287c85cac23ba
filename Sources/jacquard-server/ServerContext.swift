#if Server
    import Hummingbird
    import NIOCore

    /// What belongs to one request.
    struct ServerContext: RequestContext {
        var coreContext: CoreRequestContextStorage
        private let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
        }

        /// Of the client who asked.
        var client: ClientPresence {
            get async throws {
                try await channel.eventLoop.submit { [channel] in
                    try channel.pipeline.syncOperations.handler(type: ClientWatch.self).presence
                }.get()
            }
        }
    }
#endif
