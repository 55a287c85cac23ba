#if Server
    import Autoencoders
    import CommandLineSupport
    import Foundation
    import Hummingbird
    import Images
    import MapExplorer
    import ServedModels
    import ServerRequests
    import Synchronization

    /// What models of pictures answer: codes, pictures, neighbors, the map.
    struct PictureRoutes: Sendable {
        let host: PictureHost
        let limits: ServerLimits
        private let requests = RequestsInProgress()
        private let reader = PictureBodyReader()

        init(host: PictureHost, limits: ServerLimits) { (self.host, self.limits) = (host, limits) }

        // MARK: Codes

        /// `POST /v1/encode`: a picture as the body, or several in JSON.
        func encode(_ request: Request, _ context: ServerContext) async throws -> Response {
            try await answering {
                switch try await body(of: request) {
                case .picture(let bytes):
                    let answer = try await host.encode([bytes], fields: ["image"], model: model(request))
                    return Response([
                        "model": .string(answer.model), "code": .numbers(answer.codes[0]),
                        "error": .number(answer.errors[0]),
                    ])
                case .json(var fields):
                    let name = try fields.string("model") ?? model(request)
                    let pictures = try fields.pictures("images")
                    let answer = try await host.encode(
                        pictures.map(\.bytes), fields: pictures.map(\.field), model: name)
                    return Response(
                        fields.warned([
                            "model": .string(answer.model), "codes": .array(answer.codes.map(JSONValue.numbers)),
                            "errors": .array(answer.errors.map(JSONValue.number)),
                        ]))
                }
            }
        }

        /// `POST /v1/decode`: codes to pictures; of one, a PNG where that is accepted.
        func decode(_ request: Request, _ context: ServerContext) async throws -> Response {
            try await answering {
                guard case .json(var fields) = try await body(of: request) else {
                    throw APIError.invalid(nil, "the body must be a JSON object", code: "invalid_json")
                }
                let name = try fields.string("model") ?? model(request)
                let answer = try await host.decode(try fields.codes("codes"), model: name)
                if wantsPNG(request), answer.pictures.count == 1 { return try Response(png: answer.pictures[0]) }
                return Response(
                    fields.warned([
                        "model": .string(answer.model), "images": .array(try answer.pictures.map(JSONValue.init(png:))),
                    ]))
            }
        }

        /// `POST /v1/reconstruct`: what a model makes of a picture, and where it errs.
        func reconstruct(_ request: Request, _ context: ServerContext) async throws -> Response {
            try await answering {
                guard case .picture(let bytes) = try await body(of: request) else {
                    throw APIError.invalid(nil, "the body must be a PNG or JPEG picture", code: "no_picture")
                }
                let made = try await host.reconstruct(bytes, field: "image", model: model(request))
                if wantsPNG(request) { return try Response(png: made.picture) }
                return Response([
                    "model": .string(made.model), "code": .numbers(made.code), "error": .number(made.error),
                    "reconstruction": try JSONValue(png: made.picture),
                    "difference": try JSONValue(png: made.difference),
                    "scale": .number(Double(made.scale)),
                ])
            }
        }

        // MARK: Among others

        /// `POST /v1/neighbors`: of a picture, a code, or one of the pictures shown.
        func neighbors(_ request: Request, _ context: ServerContext) async throws -> Response {
            try await answering {
                let query: PictureHost.Query, name: String?, count: Int
                var warnings: JSONValue?
                switch try await body(of: request) {
                case .picture(let bytes):
                    query = .picture(bytes, field: "image")
                    name = model(request)
                    count = try self.count(request) ?? Self.usualCount
                case .json(var fields):
                    name = try fields.string("model") ?? model(request)
                    count =
                        try fields.integer("count", in: 1...host.limits.neighbors) ?? self.count(request)
                        ?? Self.usualCount
                    query = try fields.query()
                    warnings = fields.warning
                }
                let answer = try await host.neighbors(of: query, count: count, model: name)
                var json: [String: JSONValue] = [
                    "model": .string(answer.model), "code": .numbers(answer.code),
                    "neighbors": .array(
                        answer.neighbors.map {
                            [
                                "index": .int($0.index), "name": .string($0.name), "label": JSONValue($0.label),
                                "distance": .short($0.distance),
                            ]
                        }),
                ]
                json["warnings"] = warnings
                return Response(.object(json))
            }
        }

        /// `GET /v1/map`: the pictures shown, laid out.
        func map(_ request: Request, _ context: ServerContext) async throws -> Response {
            try await answering {
                let map = try await host.map(model: model(request))
                return Response(
                    status: .ok,
                    headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
                    body: .init(byteBuffer: ByteBuffer(string: map.data.json)))
            }
        }

        /// `GET /v1/map/pictures.png`: their small versions in one.
        func mapPictures(_ request: Request, _ context: ServerContext) async throws -> Response {
            try await answering { Response(png: try await host.map(model: model(request)).pictures) }
        }

        /// `GET /v1/directions`: in which their codes differ most.
        func directions(_ request: Request, _ context: ServerContext) async throws -> Response {
            try await answering {
                let answer = try await host.directions(model: model(request)), found = answer.directions
                return Response([
                    "model": .string(answer.model), "mean": .numbers(found.mean),
                    "directions": .array(found.directions.map(JSONValue.numbers)),
                    "deviations": .array(found.deviations.map(JSONValue.number)),
                ])
            }
        }

        // MARK: Reading

        private func body(of request: Request) async throws -> PictureBody {
            try await reader.read(try await request.collected(upTo: limits.pictureBody, within: limits.bodySeconds))
        }

        private func model(_ request: Request) -> String? { request.uri.queryParameters.get("model") }

        private static let usualCount = 8

        /// Of neighbors, where the address says it.
        private func count(_ request: Request) throws -> Int? {
            try request.uri.queryParameters.get("count").map { text in
                guard let number = Int(text) else { throw APIError.invalid("count", "must be a whole number") }
                return number
            }
        }

        private func wantsPNG(_ request: Request) -> Bool {
            request.headers[.accept]?.lowercased().contains("image/png") ?? false
        }

        // MARK: Answering

        /// Refuses what is too much at once, and says what is wrong with a picture.
        private func answering(_ work: () async throws -> Response) async throws -> Response {
            guard requests.begin() else {
                throw APIError(
                    status: .tooManyRequests,
                    message:
                        "\(RequestsInProgress.most) requests with pictures are being answered: try again in a moment",
                    code: "busy", headers: [.retryAfter: "1"])
            }
            defer { requests.end() }
            do {
                return try await work()
            } catch let error as ServedPictureError {
                throw APIError(error)
            }
        }
    }

    /// Bodies with pictures are large: only so many are in memory at a time.
    private final class RequestsInProgress: Sendable {
        private let count = Mutex(0)
        static let most = 32

        func begin() -> Bool {
            count.withLock { count in
                guard count < Self.most else { return false }
                count += 1
                return true
            }
        }

        func end() { count.withLock { $0 -= 1 } }
    }

    extension APIError {
        fileprivate init(_ error: ServedPictureError) {
            let (status, code): (HTTPResponse.Status, String) =
                switch error {
                case .notAPicture: (.unsupportedMediaType, "not_a_picture")
                case .tooLarge: (.contentTooLarge, "too_large")
                case .unreadable: (.badRequest, "damaged_picture")
                case .noPictures: (.conflict, "no_pictures")
                case .count, .codeLength, .codeNotFinite, .noSuchIndex: (.badRequest, "invalid_value")
                }
            self.init(status: status, message: CommandText.typed("\(error)"), param: error.field, code: code)
        }
    }

    extension RequestFields {
        /// What was not understood, in words; nil if all was.
        fileprivate var warning: JSONValue? { warnings.isEmpty ? nil : .array(warnings.map(JSONValue.string)) }

        fileprivate func warned(_ json: [String: JSONValue]) -> JSONValue {
            var json = json
            json["warnings"] = warning
            return .object(json)
        }
    }

    extension JSONValue {
        /// As few digits as tell the number from its neighbors.
        fileprivate static func short(_ number: Float) -> JSONValue { .number(Double("\(number)") ?? 0) }
        fileprivate static func numbers(_ numbers: [Float]) -> JSONValue { .array(numbers.map(short)) }

        /// A PNG file in base 64.
        fileprivate init(png picture: Picture) throws {
            self = .string(Data(try PNG.encode(picture)).base64EncodedString())
        }
    }

    extension Response {
        fileprivate init(png picture: Picture) throws { self.init(png: try PNG.encode(picture)) }

        fileprivate init(png bytes: [UInt8]) {
            self.init(
                status: .ok, headers: [.contentType: "image/png", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }
#endif
