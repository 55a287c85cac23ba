/// One change to a store: of a row by SQL, after which the check sums of the row are right again, or of bytes as they lie in
/// the file. All of rows are made before all of bytes.
package enum StoreChange: Sendable {
    case bytes(at: UInt32, [UInt8])
    /// A page becomes what another one is.
    case page(UInt8, UInt8)
    case cut(UInt32)
    /// Any value in any column.
    case value(table: Int, column: Int, row: Int, String)
    /// One of the numbers in a document of JSON.
    case number(document: Int, index: Int, String)
    /// Numbers of a tensor; none: the tensor becomes longer.
    case tensor(Int, at: Int, [UInt8])
    case shape(Int, String)
    case removed(table: Int, row: Int)

    package static let tables = ["run", "checkpoint", "tensor", "metric", "sample", "event", "code", "text", "owner"]

    private static let values = [
        "NULL", "'x'", "x'00ff'", "1e300", "-1", "9223372036854775807", "0.5", "'\u{e9}'", "0", "''", "x''", "-9e999",
        "'running'", "1", "2", "'charnn'", "'ae'", "'parameter'", "'state'", "'2026-11-29T12:00:00.000Z'",
    ]
    private static let numbers = [
        "9223372036854775807", "-9223372036854775808", "-1", "0", "1", "2", "1e308", "-1e308", "0.5",
        "4611686018427387904",
        "1073741824", "65536", "16777216", "null", "[]", "{}", "\"x\"", "true", "255", "1e-320",
    ]
    private static let shapes = [
        "[]", "[0]", "[1]", "[6,2]", "[1,1000000]", "[9223372036854775807,2]", "[-1]", "x", "[2,6,1]",
    ]

    static func list(_ input: [UInt8]) -> [StoreChange] {
        var input = InputReader(input), changes: [StoreChange] = []
        while !input.isAtEnd, changes.count < 12 {
            switch input.choice(of: 8) {
            case 0: changes.append(.bytes(at: input.number(), input.bytes(input.choice(of: 16))))
            case 1: changes.append(.page(input.byte(), input.byte()))
            case 2: changes.append(.cut(input.number()))
            case 3:
                changes.append(
                    .value(
                        table: input.choice(of: tables.count), column: input.choice(of: 16), row: input.choice(of: 8),
                        values[input.choice(of: values.count)]))
            case 4:
                let document = input.choice(of: 8), index = Int(input.byte()), choice = Int(input.byte())
                let text =
                    choice < 192
                    ? numbers[choice % numbers.count]
                    : String(decoding: input.bytes(choice - 192).filter { (32..<127).contains($0) }, as: UTF8.self)
                changes.append(.number(document: document, index: index, text))
            case 5: changes.append(.tensor(Int(input.byte()), at: Int(input.byte()), input.bytes(4)))
            case 6: changes.append(.shape(Int(input.byte()), shapes[input.choice(of: shapes.count)]))
            default: changes.append(.removed(table: input.choice(of: tables.count), row: input.choice(of: 8)))
            }
        }
        return changes
    }

    var isOfRows: Bool {
        switch self {
        case .bytes, .page, .cut: false
        default: true
        }
    }

    /// Changes bytes of a file.
    func apply(to file: inout [UInt8], pageSize: Int) {
        guard !file.isEmpty else { return }
        switch self {
        case .bytes(let offset, let bytes):
            // Every fourth one in the header and the tables' list.
            let start = offset & 3 == 0 ? Int(offset >> 2) % min(file.count, 200) : Int(offset >> 2) % file.count
            for (index, byte) in bytes.enumerated() where start + index < file.count { file[start + index] = byte }
        case .page(let from, let to):
            let pages = file.count / pageSize
            guard pages > 0 else { return }
            let source = Int(from) % pages * pageSize, target = Int(to) % pages * pageSize
            file.replaceSubrange(target..<target + pageSize, with: Array(file[source..<source + pageSize]))
        case .cut(let length): file.removeLast(file.count - Int(length) % file.count)
        default: break
        }
    }
}
