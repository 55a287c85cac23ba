#if Server
    import CommandLineSupport
    import Foundation
    import Hummingbird
    import ServedModels
    import TextRunReports

    /// `/health`, `/metrics`, `/openapi.json`: the server about itself.
    struct StatusRoutes {
        let host: ModelHost
        let pictures: PictureHost
        let counts: RequestCounts
        let startedAt: Date

        func health(_ request: Request, _ context: ServerContext) async throws -> Response {
            let isStopping = await host.isStopping
            return Response(
                ["status": isStopping ? "stopping" : "ok", "version": .string(CharnnRuns.version)],
                status: isStopping ? .serviceUnavailable : .ok)
        }

        func description(_ request: Request, _ context: ServerContext) async throws -> Response {
            Response(
                status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_json)))
        }

        /// In the text form that Prometheus reads.
        func metrics(_ request: Request, _ context: ServerContext) async throws -> Response {
            let figures = await host.figures, ofPictures = pictures.figures
            let loadedModels = figures.loadedModels + ofPictures.loadedModels
            let loads = figures.loads + ofPictures.loads
            var lines: [String] = []
            func add(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
                lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
                lines += samples.map { "\(name)\($0.labels) \($0.value)" }
            }
            let requests = counts.all.map { entry in
                let key = entry.key
                return (
                    labels: "{method=\"\(key.method)\",path=\"\(key.path)\",status=\"\(key.status)\"}",
                    count: entry.count
                )
            }
            add(
                "jacquard_requests_total", "counter", "Requests answered.",
                requests.map { ($0.labels, "\($0.count.requests)") })
            add(
                "jacquard_request_seconds_total", "counter", "Seconds until their answers began.",
                requests.map { ($0.labels, NumberText.fixed($0.count.seconds, 6)) })
            add(
                "jacquard_units_written_total", "counter", "Characters that models have written.",
                [("", "\(figures.writtenUnits)")])
            add(
                "jacquard_units_scored_total", "counter", "Characters that were scored.", [("", "\(figures.readUnits)")]
            )
            add("jacquard_texts", "gauge", "Texts being written.", [("", "\(figures.texts)")])
            add("jacquard_texts_waiting", "gauge", "Texts that wait for a lane.", [("", "\(figures.waitingTexts)")])
            add("jacquard_models_loaded", "gauge", "Models in memory.", [("", "\(loadedModels)")])
            add("jacquard_model_loads_total", "counter", "Models read from the store.", [("", "\(loads)")])
            if let bytes = ProcessFigures.residentBytes {
                add("process_resident_memory_bytes", "gauge", "Memory in use.", [("", "\(bytes)")])
            }
            if let files = ProcessFigures.openFiles {
                add("process_open_fds", "gauge", "Open files and connections.", [("", "\(files)")])
            }
            add(
                "process_start_time_seconds", "gauge", "When the server was started.",
                [("", NumberText.fixed(startedAt.timeIntervalSince1970, 0))])
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: lines.joined(separator: "\n") + "\n")))
        }
    }

    /// What the system knows of this process.
    private enum ProcessFigures {
        static var residentBytes: Int? {
            guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
            let fields = text.split(separator: " ")
            return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
        }

        static var openFiles: Int? { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count }
    }
#endif
