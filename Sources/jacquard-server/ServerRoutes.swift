#if Server
    import Checkpoints
    import CommandLineSupport
    import Foundation
    import Hummingbird
    import ServedModels

    /// Everything that the server answers to, in one list.
    struct ServerRoutes {
        typealias Handler = @Sendable (Request, ServerContext) async throws -> Response

        let host: ModelHost
        let pictures: PictureHost
        let texts: KeptTexts
        let limits: ServerLimits
        let counts = RequestCounts()
        let startedAt = Date()

        /// A path as `/v1/runs/{name}`.
        private var all: [(method: HTTPRequest.Method, path: String, handler: Handler)] {
            let status = StatusRoutes(host: host, pictures: pictures, counts: counts, startedAt: startedAt)
            let runs = RunRoutes(store: host.store), texts = TextRoutes(texts: texts, limits: limits)
            let pictures = PictureRoutes(host: pictures, limits: limits)
            return [
                (.get, "/", PageRoute().answer),
                (.get, "/health", status.health), (.get, "/metrics", status.metrics),
                (.get, "/openapi.json", status.description),
                (.get, "/v1/models", runs.models), (.get, "/v1/models/{name}", runs.model),
                (.post, "/v1/completions", CompletionRoute(host: host, limits: limits).answer),
                (.post, "/v1/score", ScoreRoute(host: host, limits: limits).answer),
                (.get, "/v1/runs", runs.runs), (.get, "/v1/runs/{name}", runs.run),
                (.get, "/v1/texts", texts.list), (.post, "/v1/texts", texts.create),
                (.get, "/v1/texts/export", texts.export), (.get, "/v1/texts/{id}", texts.text),
                (.put, "/v1/texts/{id}", texts.replace), (.delete, "/v1/texts/{id}", texts.remove),
                (.post, "/v1/encode", pictures.encode), (.post, "/v1/decode", pictures.decode),
                (.post, "/v1/reconstruct", pictures.reconstruct), (.post, "/v1/neighbors", pictures.neighbors),
                (.get, "/v1/map", pictures.map), (.get, "/v1/map/pictures.png", pictures.mapPictures),
                (.get, "/v1/directions", pictures.directions),
            ]
        }

        func router(_ arguments: ServerArguments) -> Router<ServerContext> {
            let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
            let all = all
            router.addMiddleware {
                RequestAccounting(counts: counts, isLogging: arguments.logsRequests)
                OriginCheck(host: arguments.hostName, hasKey: arguments.apiKey != nil)
                ErrorAnswers(methods: { Self.methods(of: $0, in: all.map { ($0.method, $0.path) }) })
                KeyCheck(key: arguments.apiKey)
            }
            for route in all { router.on(RouterPath(route.path), method: route.method, use: route.handler) }
            return router
        }

        /// The methods that a path knows. What is named in full goes before what a name fits.
        private static func methods(of path: String, in all: [(method: HTTPRequest.Method, path: String)]) -> [String] {
            let exact = all.filter { $0.path == path }
            return (exact.isEmpty ? all.filter { matches(path, $0.path) } : exact).map(\.method.rawValue)
        }

        private static func matches(_ path: String, _ template: String) -> Bool {
            let (parts, expected) = (path.split(separator: "/"), template.split(separator: "/"))
            return parts.count == expected.count && zip(parts, expected).allSatisfy { $1.hasPrefix("{") || $0 == $1 }
        }
    }
#endif
