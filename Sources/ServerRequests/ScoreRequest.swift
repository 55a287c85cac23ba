package import Foundation

/// A request of `/v1/score`.
package struct ScoreRequest {
    package let model: String?
    package let text: String
    /// How many of the most probable units are named beside each.
    package let alternatives: Int
    /// Fields that were not understood.
    package let warnings: [String]

    /// Of alternatives times characters: what an answer may hold in memory.
    private static let mostAlternatives = 1 << 20

    /// - Throws: ``RequestFault``
    package init(_ body: Data) throws(RequestFault) {
        var fields = try RequestFields(body)
        model = try fields.string("model")
        guard let text = try fields.string("text") else { throw .invalid("text", "is missing") }
        alternatives = try fields.integer("alternatives", in: 0...100_000) ?? 5
        guard alternatives * text.unicodeScalars.count <= Self.mostAlternatives else {
            throw .invalid("alternatives", "too many for so long a text")
        }
        self.text = text
        warnings = fields.warnings
    }
}
