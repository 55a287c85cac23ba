import CommandLineSupport
package import Foundation

/// A text that is to be kept, as `/v1/texts` takes it.
package struct TextRequest {
    package let title: String
    package let text: String
    /// JSON.
    package let settings: Data
    /// That of the text which was changed; nil for a new one.
    package let revision: Int?

    /// - Throws: ``RequestFault``
    package init(_ body: Data) throws(RequestFault) {
        var fields = try RequestFields(body)
        guard let text = try fields.string("text") else { throw .invalid("text", "is missing") }
        title = try fields.string("title") ?? ""
        guard title.unicodeScalars.count <= 1000 else { throw .invalid("title", "has more than 1,000 characters") }
        settings = Data(JSONValue.object(try fields.object("settings") ?? [:]).compactText.utf8)
        revision = try fields.integer("revision", in: 1...Int.max)
        self.text = text
    }
}
