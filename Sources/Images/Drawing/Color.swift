/// A color of a drawing, sRGB.
package struct Color: Hashable, Sendable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    package init(gray: UInt8) { self.init(red: gray, green: gray, blue: gray) }

    package static let white = Color(gray: 255)
    package static let black = Color(gray: 0)

    /// Reads "white", "black", "gray" or "grey" (half of white), or "#rrggbb" with or without its mark.
    ///
    /// - Throws: `ImageError.invalidColor`
    package init(parsing text: String) throws(ImageError) {
        let names = ["white": Color.white, "black": .black, "gray": Color(gray: 128), "grey": Color(gray: 128)]
        let digits = text.hasPrefix("#") ? text.dropFirst() : text[...]
        if let named = names[text.lowercased()] {
            self = named
        } else if digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) {
            self.init(code)
        } else {
            throw .invalidColor(text: text)
        }
    }

    /// The color as it is typed: a name, or "#rrggbb".
    package var name: String { self == .white ? "white" : self == .black ? "black" : hexadecimal }

    /// The gray value that the color becomes in a gray picture (its luma).
    var luma: UInt8 { Picture.luma(red: red, green: green, blue: blue) }

    /// A color from its number 0xRRGGBB.
    init(_ code: UInt32) {
        self.init(
            red: UInt8(truncatingIfNeeded: code >> 16), green: UInt8(truncatingIfNeeded: code >> 8),
            blue: UInt8(truncatingIfNeeded: code))
    }

    /// "#rrggbb".
    package var hexadecimal: String {
        let digits = String(UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue), radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// A color between this one (share 0) and another (share 1); each channel is mixed for itself.
    func mixed(with other: Color, share: Float) -> Color {
        func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
            UInt8(max(0, min(255, Float(a) + (Float(b) - Float(a)) * share + 0.5)))
        }
        return Color(
            red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }
}
