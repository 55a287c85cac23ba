import Foundation

/// The options of a subcommand: `--name value`, in any order.
struct Options {
    private let values: [String: String]

    /// Ends the program with a message where an option is not among `names`, or its value is missing.
    init(_ arguments: some Collection<String>, names: [String]) {
        var values: [String: String] = [:], name: String?
        for argument in arguments {
            if let waiting = name {
                values[waiting] = argument
                name = nil
            } else if argument.hasPrefix("--"), names.contains(String(argument.dropFirst(2))) {
                name = String(argument.dropFirst(2))
            } else {
                Self.stop("no option \(argument); there are \(names.map { "--" + $0 }.joined(separator: ", "))")
            }
        }
        if let name { Self.stop("--\(name) needs a value") }
        self.values = values
    }

    /// The value of an option, or the default where it is not given. A value that cannot be read ends the program.
    func value<Value: LosslessStringConvertible>(_ name: String, default fallback: Value) -> Value {
        guard let text = values[name] else { return fallback }
        guard let value = Value(text) else { Self.stop("--\(name): '\(text)' is not \(Value.self)") }
        return value
    }

    /// The same for a value of a fixed set.
    func choice<Value: RawRepresentable>(_ name: String, default fallback: Value) -> Value
    where Value.RawValue == String {
        guard let text = values[name] else { return fallback }
        guard let value = Value(rawValue: text) else { Self.stop("--\(name): there is no '\(text)'") }
        return value
    }

    static func stop(_ message: String) -> Never {
        FileHandle.standardError.write(Data("EngineBenchmarks: \(message)\n".utf8))
        exit(64)
    }
}
