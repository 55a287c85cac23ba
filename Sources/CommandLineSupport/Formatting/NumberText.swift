import Foundation

/// Numbers for people, the same in every locale.
package enum NumberText {
    /// Where the first digit of a number stands: 2 for 345, 0 for 3.45, -3 for 0.00345; 0 for zero and what is no
    /// number. Without the C library's logarithm, whose last bit is not the same everywhere.
    package static func magnitude(_ value: Double) -> Int {
        var size = abs(value), magnitude = 0
        guard size.isFinite, size > 0 else { return 0 }
        while size >= 10 { (size, magnitude) = (size / 10, magnitude + 1) }
        while size < 1 { (size, magnitude) = (size * 10, magnitude - 1) }
        return magnitude
    }

    /// `1,115,394`
    package static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    /// With so many decimals: `1.4381`; one of more than 15 digits before the point as `5.0000e+37`. A number that is
    /// not finite says so.
    package static func fixed(_ number: Double, _ decimals: Int) -> String {
        guard number.isFinite else { return "\(number)" }
        return String(format: abs(number) < 1e15 ? "%.\(decimals)f" : "%.4e", number)
    }

    /// Three digits or so, with a suffix: `20.7k`, `3.48M`.
    package static func short(_ number: Double) -> String {
        guard number.isFinite else { return "\(number)" }
        for (limit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(number) >= limit * 0.9995 {
            return significant(number / limit) + suffix
        }
        return abs(number) < 10 && number != number.rounded() ? fixed(number, 2) : fixed(number, 0)
    }

    /// `210 MB`, in powers of ten.
    package static func bytes(_ count: Int) -> String {
        for (limit, suffix) in [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")] where Double(count) >= limit * 0.9995 {
            return significant(Double(count) / limit) + " " + suffix
        }
        return "\(count) bytes"
    }

    /// The shortest text that is read back as the same number: `0.003`, `3e-05`, `64`.
    package static func exact(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }

    /// `1 step`, `2 steps`, `1,200 steps`.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func significant(_ number: Double) -> String {
        let magnitude = abs(number)
        return fixed(number, magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0)
    }
}
