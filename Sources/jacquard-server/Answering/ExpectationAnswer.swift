#if Server
    import HTTPTypes
    import NIOCore
    import NIOHTTPTypes

    /// Tells a client that waits for it to send the body of its request (RFC 9110, section 10.1.1): curl waits a second
    /// before it sends a picture unasked.
    final class ExpectationAnswer: ChannelDuplexHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPRequestPart
        typealias InboundOut = HTTPRequestPart
        typealias OutboundIn = HTTPResponsePart
        typealias OutboundOut = HTTPResponsePart

        private let largestBody: Int
        /// Requests whose answers have not ended. Into one of those nothing may be written.
        private var unanswered = 0

        /// - Parameter largestBody: in bytes: who announces more gets the refusal instead.
        init(largestBody: Int) { self.largestBody = largestBody }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .head(let request) = unwrapInboundIn(data) {
                unanswered += 1
                let size = request.headerFields[.contentLength].map { Int($0) ?? .max } ?? 0
                if unanswered == 1, size <= largestBody,
                    request.headerFields[.expect]?.lowercased() == "100-continue"
                {
                    let goOn = HTTPResponse(status: .continue)
                    context.writeAndFlush(wrapOutboundOut(.head(goOn)), promise: nil)
                }
            }
            context.fireChannelRead(data)
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
            context.write(data, promise: promise)
        }
    }
#endif
