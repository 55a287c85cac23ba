/// The JSON form: a few numbers and one string that holds all units in order.
///
///     {"has_replacement":true,"minimum_count":1,"replaced_in_training":0,"unit":"scalar","units":"\n abc"}
///
/// Scalars are joined; bytes are written as two hexadecimal digits each; grapheme clusters are an array `clusters`.
extension Vocabulary: Codable {
    private enum Key: String, CodingKey {
        case unit, units, clusters
        case minimumCount = "minimum_count"
        case hasReplacement = "has_replacement"
        case replacedInTraining = "replaced_in_training"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let unit = try container.decode(TextUnit.self, forKey: .unit)
        let spelled: [[UInt8]]
        switch unit {
        case .scalar:
            spelled = try container.decode(String.self, forKey: .units).unicodeScalars.map { Array(String($0).utf8) }
        case .grapheme:
            spelled = try container.decode([String].self, forKey: .clusters).map { Array($0.utf8) }
        case .byte:
            let digits = Array(try container.decode(String.self, forKey: .units).utf8)
            spelled = try stride(from: 0, to: digits.count, by: 2).map { start in
                let pair = String(decoding: digits[start..<min(start + 2, digits.count)], as: UTF8.self)
                guard pair.utf8.count == 2, let byte = UInt8(pair, radix: 16) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .units, in: container, debugDescription: "\"\(pair)\" is not a byte in hexadecimal")
                }
                return [byte]
            }
        }
        var table = UnitTable()
        for (index, bytes) in spelled.enumerated() {
            guard !bytes.isEmpty else {
                throw DecodingError.dataCorruptedError(
                    forKey: .clusters, in: container, debugDescription: "unit \(index) is empty")
            }
            guard index == 0 || spelled[index - 1].lexicographicallyPrecedes(bytes) else {
                throw DecodingError.dataCorruptedError(
                    forKey: unit == .grapheme ? .clusters : .units, in: container,
                    debugDescription: "units are not in ascending order at \(unitLabel(bytes))")
            }
            table.append(bytes)
        }
        self.init(
            unit: unit, table: table, minimumCount: try container.decode(Int.self, forKey: .minimumCount),
            hasReplacement: try container.decode(Bool.self, forKey: .hasReplacement),
            replacedInTraining: try container.decode(Int.self, forKey: .replacedInTraining))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(unit, forKey: .unit)
        try container.encode(minimumCount, forKey: .minimumCount)
        try container.encode(hasReplacement, forKey: .hasReplacement)
        try container.encode(replacedInTraining, forKey: .replacedInTraining)
        let units = (0..<table.count).map { table[$0] }
        switch unit {
        case .scalar:
            try container.encode(String(decoding: units.joined(), as: UTF8.self), forKey: .units)
        case .grapheme:
            try container.encode(units.map { String(decoding: $0, as: UTF8.self) }, forKey: .clusters)
        case .byte:
            let digits = Array("0123456789abcdef".utf8)
            let pairs = units.joined().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            try container.encode(String(decoding: pairs, as: UTF8.self), forKey: .units)
        }
    }
}
