import BookLessons
import CommandLineSupport

extension Report {
    func json(of about: About, source: String?, _ seconds: Double, _ paths: [String?]) -> JSONValue {
        let rows = rows.map { row in
            JSONValue.object([
                "name": .string(row.name), "book": JSONValue(row.book), "here": .string(row.here),
                "value": JSONValue(row.value),
            ])
        }
        let results: [String: JSONValue] = [
            "source": JSONValue(source), "rows": .array(rows), "takeaway": .string(takeaway),
            "texts": .array(texts.map { ["title": .string($0.title), "text": .string($0.text)] }),
            "figures": .array(
                zip(figures, paths).map { figure, path in
                    .object(["name": .string(figure.name), "caption": .string(figure.caption), "path": JSONValue(path)])
                }), "elapsed_seconds": .number(seconds),
        ]
        return .object(about.json.merging(results) { $1 })
    }
}
