#if Server
    import CommandLineSupport
    import FileTrees
    import Foundation
    import Hummingbird
    import LanguageModels
    import Logging
    import ServedModels
    import ServerRequests

    /// `POST /v1/completions`: OpenAI's interface, the whole answer at once or as a stream of server-sent events.
    struct CompletionRoute {
        let host: ModelHost
        let limits: ServerLimits

        func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
            let completion = try CompletionRequest(
                try await request.collected(upTo: limits.body, within: limits.bodySeconds), maxTokens: limits.tokens)
            for warning in completion.warnings { context.logger.warning("\(VisibleText.line(warning))") }
            let model = try await host.model(completion.model)
            let requests = try completion.writing(with: model.vocabulary)
            let client = try await context.client
            let echoed = try await client.whileThere { try await self.echoed(completion, model) }
            let writing = try await host.write(requests, with: model)
            let writer = CompletionWriter(completion, model: model, prompts: writing.prompts, echoed: echoed)
            // From here on, also if nothing of the answer is ever sent.
            client.watch(writing.pieces.abandon)
            return completion.streams
                ? stream(writer, writing.pieces, client) : try await whole(writer, writing.pieces, client)
        }

        /// What the model makes of the prompts' own units, where they come back with log probabilities.
        private func echoed(
            _ completion: CompletionRequest, _ model: ServedTextModel
        ) async throws -> [[UnitProbability]] {
            guard completion.echoes, let alternatives = completion.alternatives else { return [] }
            var echoed: [[UnitProbability]] = []
            for prompt in completion.prompts {
                echoed.append(
                    try await host.score(
                        Array(prompt.utf8), field: "prompt", alternatives: alternatives, with: model
                    ).units)
            }
            return echoed
        }

        private func whole(
            _ start: CompletionWriter, _ pieces: WrittenPieces, _ client: ClientPresence
        ) async throws -> Response {
            defer { client.unwatch() }
            var writer = start
            while let written = try await pieces.next() { writer.append(written) }
            return Response(writer.answer())
        }

        private func stream(_ start: CompletionWriter, _ pieces: WrittenPieces, _ client: ClientPresence) -> Response {
            let seconds = limits.writeSeconds
            let body = ResponseBody { output in
                defer { client.unwatch() }
                let events = EventStream(output, secondsToRead: seconds)
                var writer = start
                do {
                    if let opening = writer.opening() { try await events.send(opening) }
                    while let written = try await pieces.next() {
                        writer.append(written)
                        if let chunk = writer.chunk() { try await events.send(chunk) }
                    }
                    if let usage = writer.usageChunk { try await events.send(usage) }
                    try await events.sendDone()
                } catch let error as ServedModelError {
                    try await events.send(APIError(error).json)
                }
                try await events.finish()
            }
            return Response(
                status: .ok,
                headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
                body: body)
        }
    }
#endif
