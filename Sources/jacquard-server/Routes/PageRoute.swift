#if Server
    import HTTPTypes
    import Hummingbird
    import ServerPage

    /// `/`: the page for a browser.
    struct PageRoute {
        /// A browser that has it is told in a word that it still is the same.
        private static let tag = "\"\(ContentTag.of(String(decoding: ServerPage.document, as: UTF8.self)))\""

        func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
            var headers: HTTPFields = [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache", .eTag: Self.tag,
                .contentSecurityPolicy: ServerPage.contentSecurityPolicy, .xContentTypeOptions: "nosniff",
            ]
            if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
            guard request.headers[.ifNoneMatch] != Self.tag else {
                return Response(status: .notModified, headers: headers)
            }
            return Response(
                status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: ServerPage.document)))
        }
    }
#endif
