import Foundation

/// Named arrays that PyTorch computed: `Tests/Fixtures/NAME.json`, made by the scripts in `Tests/Fixtures/generate`.
///
/// A gradient is stored beside its tensor as `NAME.grad`.
public struct Fixture: Sendable {
    public let name: String
    /// What the numbers are, sizes included.
    public let about: String
    public let arrays: [String: ArrayND]
    /// Names of the arrays that were rounded to single precision to save space: compare those with 1e-7.
    public let roundedToFloat: Set<String>

    public init(name: String, about: String, arrays: [String: ArrayND], roundedToFloat: Set<String>) {
        (self.name, self.about, self.arrays, self.roundedToFloat) = (name, about, arrays, roundedToFloat)
    }

    public subscript(array: String) -> ArrayND {
        get throws {
            guard let found = arrays[array] else {
                throw FixtureError.noArray(array, fixture: name, known: arrays.keys.sorted())
            }
            return found
        }
    }

    public func contains(_ array: String) -> Bool { arrays[array] != nil }

    /// PyTorch's gradient with respect to an array.
    public func gradient(of array: String) throws -> ArrayND { try self["\(array).grad"] }

    /// The arrays that have a gradient, sorted by name: inputs, initial state, parameters.
    public var differentiated: [String] {
        arrays.keys.filter { arrays["\($0).grad"] != nil }.sorted()
    }

    /// The arrays under the given names, for the oracles that take named parameters.
    public func arrays(named names: [String]) throws -> [String: ArrayND] {
        try Dictionary(uniqueKeysWithValues: names.map { ($0, try self[$0]) })
    }

    /// How closely a double-precision result can agree with what is stored under this name.
    public func tolerance(of array: String) -> Double { roundedToFloat.contains(array) ? 1e-7 : 1e-9 }
}

/// What can be wrong with a fixture file.
public enum FixtureError: Error, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case malformed(path: String, array: String, reason: String)
    case noArray(String, fixture: String, known: [String])

    public var description: String {
        let remedy = "make it again: python3 Tests/Fixtures/generate/all.py"
        switch self {
        case .unreadable(let path, let reason): return "\(path): \(reason); \(remedy)"
        case .malformed(let path, let array, let reason): return "\(path), array \(array): \(reason); \(remedy)"
        case .noArray(let array, let fixture, let known):
            return "fixture \(fixture) has no array \(array), only \(known.joined(separator: ", "))"
        }
    }
}
