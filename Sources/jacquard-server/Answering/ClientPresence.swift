#if Server
    import NIOCore
    import Synchronization

    /// Whether the client of a connection is still there. One that closes its half of the connection counts as gone: it has
    /// nothing to ask any more, and programs that were ended leave so.
    final class ClientPresence: Sendable {
        private struct State {
            var isGone = false
            var onLeaving: (@Sendable () -> Void)?
        }
        private let state = Mutex(State())

        /// Calls `onLeaving` once when the client goes away, or at once if it has gone, until ``unwatch()``.
        func watch(_ onLeaving: @escaping @Sendable () -> Void) {
            let isGone = state.withLock { state in
                if !state.isGone { state.onLeaving = onLeaving }
                return state.isGone
            }
            if isGone { onLeaving() }
        }

        func unwatch() { state.withLock { $0.onLeaving = nil } }

        /// What some work gives; it is cancelled when the client goes away.
        func whileThere<Result: Sendable>(
            _ work: @escaping @Sendable () async throws -> Result
        ) async throws -> Result {
            let task = Task(operation: work)
            watch(task.cancel)
            defer { unwatch() }
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        }

        fileprivate func leave() {
            let onLeaving = state.withLock { state in
                defer { (state.isGone, state.onLeaving) = (true, nil) }
                return state.onLeaving
            }
            onLeaving?()
        }
    }

    /// Notices on a connection that its client goes away.
    final class ClientWatch: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOAny

        let presence = ClientPresence()

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { presence.leave() }
            context.fireUserInboundEventTriggered(event)
        }

        func channelInactive(context: ChannelHandlerContext) {
            presence.leave()
            context.fireChannelInactive()
        }
    }
#endif
