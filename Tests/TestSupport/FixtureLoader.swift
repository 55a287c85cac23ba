public import Foundation

extension Fixture {
    /// `Tests/Fixtures` of this package, wherever the tests are started.
    public static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures")
    }

    /// Reads `Tests/Fixtures/NAME.json`.
    ///
    /// - Throws: `FixtureError` with the path, the array and the remedy.
    public static func load(_ name: String) throws -> Fixture {
        try load(name, from: folder.appendingPathComponent("\(name).json"))
    }

    public static func load(_ name: String, from file: URL) throws -> Fixture {
        let stored: StoredFixture
        do {
            stored = try JSONDecoder().decode(StoredFixture.self, from: Data(contentsOf: file))
        } catch {
            throw FixtureError.unreadable(path: file.path, reason: "\(error)")
        }
        var arrays: [String: ArrayND] = [:]
        for (array, tensor) in stored.tensors {
            func malformed(_ reason: String) -> FixtureError {
                .malformed(path: file.path, array: array, reason: reason)
            }
            guard let values = tensor.decoded else {
                throw malformed("holds neither values, nor int8 with a divisor, nor float32")
            }
            guard values.count == tensor.shape.reduce(1, *) else {
                throw malformed("\(values.count) values for shape \(tensor.shape)")
            }
            guard values.allSatisfy(\.isFinite) else { throw malformed("a value is not finite") }
            arrays[array] = ArrayND(shape: tensor.shape, values: values)
        }
        let rounded = stored.tensors.filter { $0.value.float32 != nil }.keys
        return Fixture(name: name, about: stored.about, arrays: arrays, roundedToFloat: Set(rounded))
    }
}

private struct StoredFixture: Decodable {
    let about: String
    let tensors: [String: StoredTensor]
}

/// The three encodings that `common.py` writes.
private struct StoredTensor: Decodable {
    let shape: [Int]
    let values: [Double]?
    /// Base64 of signed bytes, to be divided by `divisor`: exact inputs.
    let int8: String?
    let divisor: Double?
    /// Base64 of little-endian single precision: results of large layers.
    let float32: String?

    var decoded: [Double]? {
        if let values { return values }
        if let int8, let divisor, let data = Data(base64Encoded: int8) {
            return data.map { Double(Int8(bitPattern: $0)) / divisor }
        }
        guard let float32, let data = Data(base64Encoded: float32), data.count % 4 == 0 else { return nil }
        let bytes = [UInt8](data)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
            return Double(Float(bitPattern: bits))
        }
    }
}
