/// Names in the order people expect: runs of digits count as numbers, so 2 comes before 10.
enum NaturalOrder {
    /// The distinct names, in order.
    static func sorted(_ names: [String]) -> [String] {
        Set(names).map { (key: key($0), name: $0) }
            .sorted { $0.key == $1.key ? $0.name < $1.name : $0.key.lexicographicallyPrecedes($1.key) }
            .map(\.name)
    }

    /// A name cut into pieces that compare one by one: numbers before letters.
    private static func key(_ name: String) -> [Piece] {
        var pieces: [Piece] = []
        for scalar in name.unicodeScalars {
            if let digit = ("0"..."9").contains(scalar) ? Int(scalar.value) - 48 : nil {
                if case .number(let number)? = pieces.last, number < Int.max / 10 - 10 {
                    pieces[pieces.count - 1] = .number(number * 10 + digit)
                } else {
                    pieces.append(.number(digit))
                }
            } else {
                pieces.append(.letter(scalar.value))
            }
        }
        return pieces
    }

    private enum Piece: Comparable {
        case number(Int)
        case letter(UInt32)
    }
}
