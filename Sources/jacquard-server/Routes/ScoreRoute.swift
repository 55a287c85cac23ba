#if Server
    import CommandLineSupport
    import Foundation
    import Hummingbird
    import LanguageModels
    import ServedModels
    import ServerRequests
    import TensorCore
    import TextCorpora

    /// `POST /v1/score`: every unit of a text with its probability and what else the model would have expected.
    struct ScoreRoute {
        let host: ModelHost
        let limits: ServerLimits

        func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
            let wanted = try ScoreRequest(try await request.collected(upTo: limits.body, within: limits.bodySeconds))
            let model = try await host.model(wanted.model)
            let scored = try await context.client.whileThere { [host] in
                try await host.score(Array(wanted.text.utf8), alternatives: wanted.alternatives, with: model)
            }
            return Response(json(scored, by: model, warnings: wanted.warnings))
        }

        private func json(_ scored: ModelHost.ScoredText, by model: ServedTextModel, warnings: [String]) -> JSONValue {
            let vocabulary = model.vocabulary, details = scored.units.compactMap(\.details)
            let units = details.map { unit -> JSONValue in
                var members: [String: JSONValue] = [
                    "text": .string(vocabulary.text(of: unit.chosen.id)),
                    "probability": .number(DeterministicMath.exp(unit.chosen.logProbability)),
                    "nats": .number(-unit.chosen.logProbability),
                ]
                members["alternatives"] = .array(
                    unit.alternatives.map {
                        [
                            "text": .string(vocabulary.text(of: $0.id)),
                            "probability": .number(DeterministicMath.exp($0.logProbability)),
                        ]
                    })
                return .object(members)
            }
            let nats = -details.reduce(0) { $0 + $1.chosen.logProbability } / Double(max(1, details.count))
            var json: [String: JSONValue] = [
                "model": .string(model.run), "unit": .string(vocabulary.unit.name(count: 1)),
                "units": .array(units), "nats_per_unit": .number(nats),
                "bits_per_unit": .number(nats / DeterministicMath.log(2)),
                "perplexity": .number(DeterministicMath.exp(nats)),
            ]
            let warnings = warnings + scored.text.warnings(field: "text")
            if !warnings.isEmpty { json["warnings"] = .array(warnings.map(JSONValue.string)) }
            return .object(json)
        }
    }
#endif
