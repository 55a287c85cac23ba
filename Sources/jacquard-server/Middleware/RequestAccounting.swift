#if Server
    import CommandLineSupport
    import Hummingbird
    import Synchronization

    /// Counts requests by path and status, and writes a line for each where that is wanted.
    struct RequestAccounting: RouterMiddleware {
        let counts: RequestCounts
        let isLogging: Bool

        func handle(
            _ request: Request, context: ServerContext,
            next: (Request, ServerContext) async throws -> Response
        ) async throws -> Response {
            let start = ContinuousClock.now
            let response = try await next(request, context)
            let seconds = start.duration(to: .now) / .seconds(1)
            counts.add(
                .init(
                    method: request.method.rawValue, path: context.endpointPath ?? "other",
                    status: response.status.code), seconds: seconds)
            if isLogging {
                Console().line(
                    "\(request.method.rawValue) \(request.uri.path) \(response.status.code) "
                        + "\(NumberText.fixed(1000 * seconds, 1)) ms")
            }
            return response
        }
    }

    /// How many requests there were, and how long their answers took to begin.
    final class RequestCounts: Sendable {
        struct Key: Hashable {
            let method: String
            /// The template of the path, `/v1/runs/{name}`: names would be without end.
            let path: String
            let status: Int
        }
        struct Count {
            var requests = 0
            var seconds = 0.0
        }
        private let counts = Mutex<[Key: Count]>([:])

        func add(_ key: Key, seconds: Double) {
            counts.withLock {
                $0[key, default: Count()].requests += 1
                $0[key, default: Count()].seconds += seconds
            }
        }

        var all: [(key: Key, count: Count)] {
            counts.withLock { $0.map { ($0.key, $0.value) } }.sorted {
                ($0.0.path, $0.0.method, $0.0.status) < ($1.0.path, $1.0.method, $1.0.status)
            }
        }
    }
#endif
