#if Server
    import CommandLineSupport
    import HTTPTypes
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
            guard let sent = request.headers[.authorization], Self.areEqual(Self.token(sent), key) else {
                throw APIError(
                    status: .unauthorized, message: "this server wants its key: Authorization: Bearer KEY",
                    code: "invalid_api_key", headers: [.wwwAuthenticate: "Bearer"])
            }
            return try await next(request, context)
        }

        /// The name of the scheme may be in any case (RFC 9110, section 11.1). Empty if it is another one: no key is.
        private static func token(_ authorization: String) -> Substring {
            let scheme = "bearer "
            return authorization.prefix(scheme.count).lowercased() == scheme
                ? authorization.dropFirst(scheme.count) : ""
        }

        /// In a time that does not tell how much of it was right.
        private static func areEqual(_ a: Substring, _ b: String) -> Bool {
            let (a, b) = (Array(a.utf8), Array(b.utf8))
            guard a.count == b.count else { return false }
            return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    /// Keeps pages of other sites, open in a browser on this machine, from asking this server: where there is no key, a
    /// browser would let them. Names that lead here by an attacker's name server are refused, and requests that a page of
    /// another origin makes; and no such page may show an answer.
    struct OriginCheck: RouterMiddleware {
        /// The one that the server listens on.
        let host: HostName
        /// With a key, whoever has it may come by any name.
        let hasKey: Bool

        func handle(
            _ request: Request, context: ServerContext,
            next: (Request, ServerContext) async throws -> Response
        ) async throws -> Response {
            var response: Response
            if let refusal = refusal(of: request) {
                response = refusal.response
            } else {
                response = try await next(request, context)
            }
            response.headers[.crossOriginResourcePolicy] = "same-origin"
            return response
        }

        private func refusal(of request: Request) -> APIError? {
            let authority = request.head.authority ?? ""
            guard hasKey || isOurs(authority) else {
                return APIError(
                    status: .misdirectedRequest,
                    message: "this server does not answer to the name '\(authority)': ask by its number, such as "
                        + "127.0.0.1, or start it with --api-key: whoever has the key may ask by any name",
                    code: "wrong_host")
            }
            if let origin = request.headers[.origin], origin != "http://\(authority)", origin != "https://\(authority)"
            {
                return APIError(
                    status: .forbidden, message: "pages of \(origin) may not ask this server", code: "wrong_origin")
            }
            guard !isOfAnotherSite(request) else {
                return APIError(
                    status: .forbidden, message: "pages of other sites may not ask this server", code: "wrong_origin")
            }
            return nil
        }

        /// This machine's own name, the one listened on, or a number, which no name server hands out.
        private func isOurs(_ authority: String) -> Bool {
            guard let asked = HostName(authority: authority) else { return false }
            return asked.isNumber || asked.name == "localhost" || asked == host
        }

        /// Browsers say so themselves, also where they send no origin, as for pictures. A link to the page is one to follow.
        private func isOfAnotherSite(_ request: Request) -> Bool {
            guard let site = Self.header("Sec-Fetch-Site", of: request), ["cross-site", "same-site"].contains(site)
            else { return false }
            let isLinkToPage =
                request.method == .get && request.uri.path == "/"
                && Self.header("Sec-Fetch-Mode", of: request) == "navigate"
            return !isLinkToPage
        }

        private static func header(_ name: String, of request: Request) -> String? {
            HTTPField.Name(name).flatMap { request.headers[$0] }
        }
    }
#endif
