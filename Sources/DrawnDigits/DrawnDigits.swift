/// Pictures of digits as if people had written them, made by the program, so that a fresh clone has something to learn from.
///
/// A person has habits: which form of each digit, how slanted, wide and large, which pen, how steady a hand. A digit is a few
/// smooth strokes through points that shake a little each time, under an affine map, drawn with a round pen and soft edges
/// as 28×28 gray pixels, white on black. `corpora/digits` are those of writers 0 to 49.
///
/// The same bytes come out everywhere: arithmetic is +, −, ×, ÷ and √ only (sine and logarithm differ between C libraries in
/// the last bit), and the PNG is compressed here (zlib's bytes depend on its version).
public enum DrawnDigits {
    /// Height and width of a picture.
    public static let side = 28

    /// The digit that a person wrote: 784 gray values from 0 (paper) to 255 (ink), row by row.
    /// - Parameters:
    ///   - digit: 0 to 9.
    ///   - writer: 0 and up; others do not change the first ones.
    public static func pixels(of digit: Int, writer: Int) -> [UInt8] {
        var random = RandomNumbers(seed: 1804, writer, digit)
        let hand = Hand(writer: writer)
        return draw(hand.write(digit, &random), with: hand)
    }

    /// The picture as a file.
    public static func png(of digit: Int, writer: Int) -> [UInt8] { plainPNG(pixels(of: digit, writer: writer)) }
}

/// 28×28 gray pixels: how much of each the pen covers, by its distance from the nearest stroke.
func draw(_ strokes: [[Point]], with hand: Hand) -> [UInt8] {
    var ink = [Double](repeating: 0, count: 28 * 28)
    for stroke in strokes {
        for i in 1..<stroke.count {
            let a = stroke[i - 1], along = stroke[i] - a
            let square = max(along.x * along.x + along.y * along.y, 1e-9)
            let middle = 2 * Double(i) / Double(stroke.count) - 1
            let radius = hand.pen * (1 - hand.taper * middle * middle)
            let reach = radius + 1 + square.squareRoot()
            for y in max(0, Int(a.y - reach))...max(0, min(27, Int(a.y + reach))) {
                for x in max(0, Int(a.x - reach))...max(0, min(27, Int(a.x + reach))) {
                    let to = Point(x: Double(x) + 0.5, y: Double(y) + 0.5) - a
                    let share = min(max((to.x * along.x + to.y * along.y) / square, 0), 1)
                    let off = to - along * share
                    let cover = (radius + 0.6 - (off.x * off.x + off.y * off.y).squareRoot()) / 1.2
                    ink[28 * y + x] = max(ink[28 * y + x], min(max(cover, 0), 1))
                }
            }
        }
    }
    return ink.map { UInt8(255 * hand.ink * $0 + 0.5) }
}
