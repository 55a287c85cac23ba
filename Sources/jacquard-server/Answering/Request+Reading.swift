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
    }
#endif
