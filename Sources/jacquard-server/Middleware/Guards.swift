#if Server
    import Hummingbird

    /// Lets through who sends the key: everything but the page, the description and the sign of life needs it.
    struct KeyCheck: RouterMiddleware {
        let key: String?
        private static let open: Set<String> = ["/", "/health", "/openapi.json", "/favicon.ico"]

        func handle(
            _ request: Request, context: ServerContext,
            next: (Request, ServerContext) async throws -> Response
        ) async throws -> Response {
            guard let key, !Self.open.contains(request.uri.path) else { return try await next(request, context) }
            guard let sent = request.headers[.authorization], Self.areEqual(sent, "Bearer " + key) else {
                throw APIError(
                    status: .unauthorized, message: "this server wants its key: Authorization: Bearer KEY",
                    code: "invalid_api_key", headers: [.wwwAuthenticate: "Bearer"])
            }
            return try await next(request, context)
        }

        /// In a time that does not tell how much of it was right.
        private static func areEqual(_ a: String, _ b: String) -> Bool {
            let (a, b) = (Array(a.utf8), Array(b.utf8))
            guard a.count == b.count else { return false }
            return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    /// Keeps pages of other sites, open in a browser on this machine, from asking this server: where there is no key, a
    /// browser would let them. Names that lead here by an attacker's name server are refused, and requests that a page of
    /// another origin makes.
    struct OriginCheck: RouterMiddleware {
        /// The name that the server listens on.
        let host: String
        /// With a key, whoever has it may come by any name.
        let hasKey: Bool

        func handle(
            _ request: Request, context: ServerContext,
            next: (Request, ServerContext) async throws -> Response
        ) async throws -> Response {
            let authority = request.head.authority ?? ""
            guard hasKey || isOurs(authority) else {
                throw APIError(
                    status: .misdirectedRequest, message: "this server does not answer to the name '\(authority)'",
                    code: "wrong_host")
            }
            if let origin = request.headers[.origin], origin != "http://\(authority)", origin != "https://\(authority)"
            {
                throw APIError(
                    status: .forbidden, message: "pages of \(origin) may not ask this server", code: "wrong_origin")
            }
            return try await next(request, context)
        }

        /// This machine's own name, the one listened on, or a number, which no name server hands out.
        private func isOurs(_ authority: String) -> Bool {
            guard !authority.hasPrefix("[") else { return true }
            let name = authority.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
            let isNumber =
                name.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }.count == 4
            return isNumber || name.lowercased() == "localhost" || name.lowercased() == host.lowercased()
        }
    }
#endif
