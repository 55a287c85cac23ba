package import Foundation

/// JSON with sorted keys: equal values give equal bytes.
package enum CanonicalJSON {
    /// - Throws: `json`, for a number that is not finite, for instance.
    package static func encode(_ value: some Encodable, what: String) throws(StoreError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(value)
        } catch {
            throw .json(what: what, reason: "\(error)")
        }
    }

    /// - Throws: `json`.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from data: Data, what: String
    ) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw .json(what: what, reason: "\(error)")
        }
    }
}
