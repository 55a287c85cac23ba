#if Server
    import Checkpoints
    import CommandLineSupport
    import Foundation
    import Hummingbird
    import ServerRequests

    /// `/v1/texts`: texts that people write with the page, kept in the store.
    struct TextRoutes {
        let texts: KeptTexts
        let limits: ServerLimits

        func list(_ request: Request, _ context: ServerContext) async throws -> Response {
            let all = try texts.forReading.texts()
            return Response(["texts": .array(all.map { .object(summary($0)) })])
        }

        func export(_ request: Request, _ context: ServerContext) async throws -> Response {
            var response = Response(["texts": .array(try texts.forReading.allTexts().map(json))])
            response.headers[.contentDisposition] = "attachment; filename=\"texts.json\""
            return response
        }

        func create(_ request: Request, _ context: ServerContext) async throws -> Response {
            let given = try await given(request)
            let created = try texts.forWriting.createText(
                title: given.title, text: given.text, settings: given.settings)
            return Response(json(created), status: .created)
        }

        func text(_ request: Request, _ context: ServerContext) async throws -> Response {
            Response(json(try found(context) { try texts.forReading.text($0) }))
        }

        func replace(_ request: Request, _ context: ServerContext) async throws -> Response {
            let given = try await given(request)
            guard let revision = given.revision else {
                throw APIError.invalid("revision", "is missing: that of the text which was changed")
            }
            do {
                return Response(
                    json(
                        try found(context) {
                            try texts.forWriting.updateText(
                                $0, revision: revision, title: given.title, text: given.text, settings: given.settings)
                        }))
            } catch let error as StoreError {
                guard case .textChanged = error else { throw error }
                return try conflict(error, context)
            }
        }

        func remove(_ request: Request, _ context: ServerContext) async throws -> Response {
            try found(context) { try texts.forWriting.removeText($0) }
            return Response(status: .noContent)
        }

        /// The answer to who would replace what another has changed meanwhile: with what the store holds now.
        private func conflict(_ error: StoreError, _ context: ServerContext) throws -> Response {
            let error = APIError(status: .conflict, message: "\(error)", param: "revision", code: "text_changed")
            guard case .object(var members) = error.json else { return error.response }
            members["stored"] = json(try found(context) { try texts.forReading.text($0) })
            return Response(.object(members), status: .conflict)
        }

        // MARK: What is given

        private func given(_ request: Request) async throws -> TextRequest {
            try TextRequest(try await request.collected(upTo: limits.textBody, within: limits.bodySeconds))
        }

        /// Does something with the text that the path names.
        private func found<Result>(
            _ context: ServerContext, _ body: (StoredText.ID) throws -> Result
        ) throws -> Result {
            let name = context.parameters.get("id") ?? ""
            guard let number = Int64(name) else { throw APIError.notFound("there is no text '\(name)'") }
            do {
                return try body(StoredText.ID(rawValue: number))
            } catch let error as StoreError {
                if case .noText = error { throw APIError.notFound("there is no text \(number)") }
                throw error
            }
        }

        // MARK: What is answered

        private func summary(_ text: TextSummary) -> [String: JSONValue] {
            [
                "id": .string("\(text.id.rawValue)"), "title": .string(text.title),
                "created": .int(Int(text.createdAt.timeIntervalSince1970)),
                "changed": .int(Int(text.changedAt.timeIntervalSince1970)), "revision": .int(text.revision),
                "characters": .int(text.characters),
            ]
        }

        private func json(_ text: StoredText) -> JSONValue {
            var members = summary(text.summary)
            members["text"] = .string(text.text)
            members["settings"] = (try? JSONDecoder().decode(JSONValue.self, from: text.settings)) ?? [:]
            return .object(members)
        }
    }
#endif
