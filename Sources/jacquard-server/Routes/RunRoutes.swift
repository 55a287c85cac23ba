#if Server
    import Autoencoders
    import Checkpoints
    import CommandLineSupport
    import Foundation
    import Hummingbird
    import Images
    import LanguageModels
    import PictureRunReports
    import TextCorpora
    import TextRunReports

    /// `GET /v1/models` and `GET /v1/runs`: what the store holds, as it is now, also while a run trains.
    struct RunRoutes {
        let store: CheckpointStore

        // MARK: Models

        func models(_ request: Request, _ context: ServerContext) async throws -> Response {
            let models = try store.withFileOpen {
                try newestFirst().filter { try hasWeights($0) }.compactMap(modelIfReadable)
            }
            return Response(["object": "list", "data": .array(models)])
        }

        func model(_ request: Request, _ context: ServerContext) async throws -> Response {
            let run = try named(context)
            guard try hasWeights(run) else {
                throw APIError.notFound("run '\(run.name)' has saved no weights yet", code: "model_not_found")
            }
            return Response(try model(run))
        }

        private func hasWeights(_ run: Run) throws -> Bool {
            try kind(of: run) != nil && !store.checkpoints(of: run.id).isEmpty
        }

        /// Nil for a run made with other fields than this program knows, which cannot be used either.
        private func modelIfReadable(_ run: Run) throws -> JSONValue? {
            do {
                return try model(run)
            } catch let error as StoreError {
                guard case .json = error else { throw error }
                return nil
            }
        }

        private func model(_ run: Run) throws -> JSONValue {
            let best = try store.checkpoints(of: run.id).last { $0.isBest }
            var json: [String: JSONValue] = [
                "id": .string(run.name), "object": "model", "created": .int(Int(run.createdAt.timeIntervalSince1970)),
                "owned_by": "jacquard", "kind": JSONValue(kind(of: run)), "step": JSONValue(best?.step),
                "validation_loss": JSONValue(best?.validationLoss),
            ]
            if run.kind == LanguageModel.runKind {
                let plan = try run.configuration(as: LanguageModelPlan.self)
                json["parameters"] = .int(plan.model.parameterCount)
                json["classes"] = .int(plan.model.classes)
                json["unit"] = .string(try run.corpus(as: CorpusRecord.self).unit.name(count: 1))
            } else {
                let model = try run.configuration(as: AutoencoderPlan.self).model
                json["parameters"] = .int(model.parameterCount)
                json["width"] = .int(model.format.width)
                json["height"] = .int(model.format.height)
                json["channels"] = .int(model.format.channels)
                json["code"] = .int(model.code)
            }
            return .object(json)
        }

        // MARK: Runs

        func runs(_ request: Request, _ context: ServerContext) async throws -> Response {
            let all = try store.withFileOpen {
                try newestFirst().filter { kind(of: $0) != nil }.map { run in
                    run.kind == LanguageModel.runKind
                        ? try summary(run, of: CharnnRuns.self) : try summary(run, of: AeRuns.self)
                }
            }
            return tagged(["runs": .array(all.map(JSONValue.object))], for: request)
        }

        func run(_ request: Request, _ context: ServerContext) async throws -> Response {
            let all = try store.withFileOpen {
                let run = try named(context)
                return run.kind == LanguageModel.runKind
                    ? try record(run, of: CharnnRuns.self) : try record(run, of: AeRuns.self)
            }
            return tagged(all, for: request)
        }

        private func summary(_ run: Run, of program: (some ModelProgram).Type) throws -> [String: JSONValue] {
            let summary = try RunSummary(run, of: program, in: store)
            let best = try store.checkpoints(of: run.id).last { $0.isBest }
            return [
                "name": .string(run.name), "kind": JSONValue(kind(of: run)), "status": .string(summary.state.word),
                "created": .int(Int(run.createdAt.timeIntervalSince1970)), "step": .int(summary.steps),
                "parameters": JSONValue(summary.parameters),
                "best": best.map { ["step": .int($0.step), "value": JSONValue(summary.bestValidation)] } ?? .null,
            ]
        }

        private func record(_ run: Run, of program: (some ModelProgram).Type) throws -> JSONValue {
            var json = try summary(run, of: program)
            let record = try RunRecord(run, of: program, in: store, checkpoint: nil)
            let details = try program.details(of: run, record)
            func members(_ values: [(name: String, value: String)]) -> JSONValue {
                .array(values.map { ["name": .string($0.name), "value": .string($0.value)] })
            }
            json["planned_steps"] = .int(details.plannedSteps)
            json["loss_unit"] = .string(details.lossUnit)
            json["seconds"] = JSONValue(record.seconds)
            json["options"] = members(details.options)
            json["data"] = members(details.data)
            json["compared_by"] = .string("\(run.kind) \(details.judgedBy)")
            json["command"] = JSONValue(details.command)
            json["curves"] = [
                "training": curve("training_loss", record), "validation": curve("validation_loss", record),
            ]
            json["samples"] = .array(
                record.samples.map {
                    ["step": .int($0.step), "temperature": .number($0.temperature), "text": .string($0.text)]
                })
            json["checkpoints"] = .array(
                record.checkpoints.map {
                    [
                        "step": .int($0.step), "is_best": .bool($0.isBest), "is_latest": .bool($0.isLatest),
                        "validation_loss": JSONValue($0.validationLoss),
                    ]
                })
            json["events"] = .array(
                record.events.map {
                    ["step": JSONValue($0.step), "kind": .string($0.kind), "message": .string($0.message)]
                })
            return .object(json)
        }

        private func curve(_ name: String, _ record: RunRecord) -> JSONValue {
            .array(
                record.metrics.filter { $0.name == name }.map {
                    [
                        "step": .int($0.step), "epoch": .number($0.epoch), "seconds": .number($0.seconds),
                        "value": .number($0.value),
                    ]
                })
        }

        // MARK: What both need

        private func newestFirst() throws -> [Run] { try store.runs() }

        /// `text` or `pictures`; nil for runs that no program here serves.
        private func kind(of run: Run) -> String? {
            switch run.kind {
            case LanguageModel.runKind: "text"
            case AutoencoderTask.runKind: "pictures"
            default: nil
            }
        }

        private func named(_ context: ServerContext) throws -> Run {
            let name = context.parameters.get("name")?.removingPercentEncoding ?? ""
            if let run = try store.runs().first(where: { $0.name == name }), kind(of: run) != nil { return run }
            throw APIError.notFound("no run is named '\(name)'", code: "model_not_found")
        }

        /// With a tag of its content, so that whoever asks again is told in a word that nothing has changed.
        private func tagged(_ json: JSONValue, for request: Request) -> Response {
            var response = Response(json)
            let tag = "\"\(ContentTag.of(json.compactText))\""
            if request.headers[.ifNoneMatch] == tag { response = Response(status: .notModified) }
            response.headers[.eTag] = tag
            response.headers[.cacheControl] = "no-cache"
            return response
        }
    }
#endif
