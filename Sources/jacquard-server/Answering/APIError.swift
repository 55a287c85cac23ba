#if Server
    import Checkpoints
    import CommandLineSupport
    import Hummingbird
    import ServedModels
    import ServerRequests

    /// What a request is told that cannot be answered, in the shape that OpenAI's clients know.
    struct APIError: Error {
        var status: HTTPResponse.Status
        var message: String
        /// The field that is wrong.
        var param: String?
        /// A word for programs.
        var code: String?
        var headers: HTTPFields = [:]

        static func invalid(_ param: String?, _ message: String, code: String? = nil) -> APIError {
            APIError(RequestFault.invalid(param, message, code: code))
        }

        static func notFound(_ message: String, code: String = "not_found") -> APIError {
            APIError(status: .notFound, message: message, code: code)
        }

        var type: String {
            switch status.code {
            case 401, 403: "authentication_error"
            case 429: "rate_limit_error"
            case 500...: "server_error"
            default: "invalid_request_error"
            }
        }

        var json: JSONValue {
            [
                "error": [
                    "message": .string(message), "type": .string(type), "param": JSONValue(param),
                    "code": JSONValue(code),
                ]
            ]
        }

        var response: Response {
            var response = Response(json, status: status)
            for field in headers { response.headers.append(field) }
            return response
        }

        /// The same of an error of any kind.
        init(_ error: any Error) {
            switch error {
            case let error as APIError: self = error
            case let error as RequestFault:
                self.init(status: .badRequest, message: error.message, param: error.field, code: error.code)
            case let error as ServedModelError: self.init(error)
            // What it has loaded belongs to the store that it was started with.
            case StoreError.moved:
                self.init(
                    status: .serviceUnavailable,
                    message:
                        "\(Program.message(of: error)) Put it back, or start the server again for what is there now.",
                    code: "store_moved")
            // Nobody reads it: nginx has this number for clients that go away.
            case is CancellationError:
                self.init(
                    status: .init(code: 499, reasonPhrase: "Client Closed Request"), message: "the client went away")
            case let error as HTTPError:
                self.init(
                    status: error.status, message: error.body ?? error.status.reasonPhrase,
                    code: error.status == .contentTooLarge ? "too_large" : nil)
            case let error as any HTTPResponseError:
                self.init(status: error.status, message: error.status.reasonPhrase)
            default: self.init(status: .internalServerError, message: Program.message(of: error))
            }
        }

        init(
            status: HTTPResponse.Status, message: String, param: String? = nil, code: String? = nil,
            headers: HTTPFields = [:]
        ) {
            (self.status, self.message, self.param) = (status, message, param)
            (self.code, self.headers) = (code, headers)
        }

        private init(_ error: ServedModelError) {
            let message = CommandText.typed("\(error)")
            switch error {
            case .unknownModel:
                self.init(status: .notFound, message: message, param: "model", code: "model_not_found")
            case .wrongKind: self.init(status: .badRequest, message: message, param: "model", code: "wrong_model")
            case .unusable: self.init(status: .conflict, message: message, param: "model", code: "model_unusable")
            case .invalid(let field, _): self.init(status: .badRequest, message: message, param: field)
            case .busy:
                self.init(
                    status: .tooManyRequests, message: message, code: "busy", headers: [.retryAfter: "1"])
            case .stopping:
                self.init(
                    status: .serviceUnavailable, message: message, code: "stopping", headers: [.retryAfter: "5"])
            }
        }
    }

    extension Response {
        /// An answer in JSON.
        init(_ json: JSONValue, status: HTTPResponse.Status = .ok) {
            self.init(
                status: status,
                headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: json.compactText + "\n")))
        }
    }
#endif
