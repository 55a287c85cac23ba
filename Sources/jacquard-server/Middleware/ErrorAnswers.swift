#if Server
    import Hummingbird
    import Logging

    /// Tells the client in JSON what went wrong, whatever it was.
    struct ErrorAnswers: RouterMiddleware {
        /// The methods of a path that exists, for a request that used another.
        let methods: @Sendable (String) -> [String]

        func handle(
            _ request: Request, context: ServerContext,
            next: (Request, ServerContext) async throws -> Response
        ) async throws -> Response {
            do {
                return try await next(request, context)
            } catch let error as HTTPError where error.status == .notFound {
                return answerToUnknown(request).response
            } catch {
                let error = APIError(error)
                if error.status.code >= 500 { context.logger.error("\(request.uri.path): \(error.message)") }
                return error.response
            }
        }

        private func answerToUnknown(_ request: Request) -> APIError {
            let allowed = methods(request.uri.path)
            guard !allowed.isEmpty else {
                return .notFound("there is nothing at \(request.uri.path): /openapi.json lists what there is")
            }
            let names = allowed.joined(separator: ", ")
            return APIError(
                status: .methodNotAllowed,
                message: "\(request.uri.path) knows \(names), not \(request.method.rawValue)",
                code: "method_not_allowed", headers: [.allow: names])
        }
    }
#endif
