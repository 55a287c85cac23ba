#if Server
    import CommandLineSupport
    import Foundation
    import Hummingbird

    extension Request {
        /// The whole body.
        /// - Throws: ``APIError`` 413 if it has more than `limit` bytes, 408 if it takes longer than `seconds`.
        func collected(upTo limit: Int, within seconds: Double) async throws -> Data {
            let tooLarge = APIError(
                status: .contentTooLarge, message: "the body has more than \(NumberText.grouped(limit)) bytes",
                code: "too_large")
            if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
            let body = body
            do {
                return try await within(seconds) {
                    var data = Data()
                    for try await buffer in body {
                        guard data.count + buffer.readableBytes <= limit else { throw tooLarge }
                        data.append(contentsOf: buffer.readableBytesView)
                    }
                    return data
                }
            } catch is DeadlinePassed {
                throw APIError(
                    status: .requestTimeout,
                    message: "the body did not come within \(NumberText.exact(seconds)) seconds",
                    code: "timeout")
            }
        }

        /// Does something, and calls `onLeaving` if the client closes its connection meanwhile. The body has been read
        /// before; no other request can follow on the connection.
        func untilClientLeaves<Result: Sendable>(
            _ onLeaving: @escaping @Sendable () -> Void, _ operation: @escaping @Sendable () async throws -> Result
        ) async throws -> Result {
            try await body.consumeWithInboundCloseHandler { rest in
                // Nothing is left of the body, and an iterator that goes away says that nobody waits for more. Without
                // one, Hummingbird (2.28) drops the source of the rest unfinished when the client leaves, and SwiftNIO
                // stops the program for that.
                _ = rest.makeAsyncIterator()
                return try await operation()
            } onInboundClosed: {
                onLeaving()
            }
        }
    }
#endif
