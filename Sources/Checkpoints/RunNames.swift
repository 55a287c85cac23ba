/// Names of runs: which are allowed, and how one is made up.
enum RunNames {
    static let longest = 200

    static func validate(_ name: String) throws(StoreError) {
        func refuse(_ reason: String) -> StoreError { .invalidRunName(name: name, reason: reason) }
        if name.isEmpty { throw refuse("it is empty.") }
        if name.count > longest { throw refuse("it has more than \(longest) characters.") }
        if ["latest", "best"].contains(name) { throw refuse("the word has a meaning of its own.") }
        if name.hasPrefix("-") { throw refuse("it would be taken for an option.") }
        if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
            throw refuse("it begins or ends with white space.")
        }
        let isControl = { (scalar: Unicode.Scalar) in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
        if name.unicodeScalars.contains(where: isControl) { throw refuse("it has control characters or line breaks.") }
    }

    /// `base-1`, or with the number after the greatest in use.
    static func generate(base: String, kind: String, taken: [String]) -> String {
        let stem = stem(of: base, kind: kind)
        let numbers = taken.compactMap { name -> Int? in
            guard name.hasPrefix(stem + "-") else { return nil }
            let number = name.dropFirst(stem.count + 1)
            return number.allSatisfy { $0.isASCII && $0.isNumber } ? Int(number) : nil
        }
        // A number of many digits, given by hand, must not overflow.
        let greatest = numbers.filter { $0 < 1_000_000_000 }.max() ?? 0
        return "\(stem)-\(greatest + 1)"
    }

    /// Letters, digits, `.` and `_` of any script; everything else becomes a hyphen.
    private static func stem(of base: String, kind: String) -> String {
        var result = ""
        for character in base.prefix(60) {
            if character.isLetter || character.isNumber || character == "_" || character == "." {
                result.append(character)
            } else if !result.isEmpty, !result.hasSuffix("-") {
                result.append("-")
            }
        }
        while result.hasSuffix("-") { result.removeLast() }
        return result.isEmpty ? kind : result
    }
}
