// Draws the digits of corpora/digits: swift scripts/draw-digits.swift [FOLDER [WRITERS]]
//
// WRITERS people (50 unless said otherwise) write each digit once. A person has habits: which form of each digit, how
// slanted, wide and large, which pen, how steady a hand. A digit is a few smooth strokes through points that shake a
// little each time, under an affine map, drawn with a round pen and soft edges as 28×28 gray pixels, white on black.
//
// The same bytes come out everywhere: arithmetic is +, −, ×, ÷ and √ only (sine and logarithm differ between C
// libraries in the last bit), and the PNG is compressed here (zlib's bytes depend on its version). For the same reason
// the script needs nothing but Foundation and belongs to no package. More writers do not change the first ones.
import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014).
struct RandomNumbers {
    private var state: UInt64

    init(seed: Int...) {
        state = 0
        for part in seed { state = next() ^ UInt64(part) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(next() >> 11) / 9_007_199_254_740_992
    }

    /// Twelve uniform numbers less six: close to a Gaussian, and without a logarithm.
    mutating func normal(_ deviation: Double) -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform(0, 1) }
        return deviation * sum
    }
}

struct Point {
    var x, y: Double
    static func + (a: Point, b: Point) -> Point { Point(x: a.x + b.x, y: a.y + b.y) }
    static func - (a: Point, b: Point) -> Point { Point(x: a.x - b.x, y: a.y - b.y) }
    static func * (a: Point, k: Double) -> Point { Point(x: a.x * k, y: a.y * k) }
}

/// The forms of each digit: strokes divided by bars, each the points it passes, in hundredths of the digit's box from
/// the upper left corner.
let forms: [[String]] = [
    [
        "58,1 25,9 4,45 18,88 50,99 83,86 97,48 80,11 50,3", "72,9 40,1 9,27 4,62 24,95 60,99 92,74 96,34 74,6 44,5",
        "48,2 14,20 4,58 28,96 66,97 95,62 88,20 52,0 38,6", "30,5 8,30 6,70 34,99 72,93 95,60 90,22 62,2 24,8",
    ],
    ["52,0 50,50 48,100", "26,24 44,12 56,0 | 56,0 54,50 52,100", "30,20 54,0 | 54,0 54,99 | 26,100 82,98"],
    [
        "10,26 26,5 60,1 86,22 76,50 42,78 8,98 | 8,98 50,97 95,99",
        "8,22 35,2 74,6 86,34 56,68 20,95 6,90 18,78 44,88 72,99 97,90",
        "14,24 34,4 66,2 84,20 72,48 36,76 6,97 | 6,97 30,90 62,97 96,94",
    ],
    [
        "10,13 38,0 78,9 82,32 44,47 | 44,47 88,57 92,83 54,100 8,88",
        "10,4 84,2 | 84,2 44,42 | 44,42 84,50 95,77 60,99 8,91",
        "12,16 44,0 80,12 72,37 42,48 37,44 48,43 88,58 86,88 46,100 6,86",
    ],
    [
        "22,0 15,33 8,58 | 8,58 50,59 96,55 | 74,12 72,58 68,100", "64,0 36,34 4,66 | 4,66 98,64 | 66,2 66,100",
        "26,4 12,56 34,62 70,50 88,8 | 90,0 84,50 76,100",
    ],
    [
        "24,3 20,42 | 20,42 56,34 92,57 84,88 44,100 5,87 | 24,3 88,0",
        "92,4 58,2 28,6 20,40 58,38 92,62 78,93 36,100 6,88",
        "30,2 16,44 | 16,44 50,40 84,52 90,78 62,98 8,96 | 30,2 60,5 94,1",
    ],
    [
        "78,2 38,24 9,64 28,97 70,96 90,73 66,53 30,60 12,78", "60,0 22,34 8,72 34,100 78,92 86,66 52,54 14,76",
        "88,10 60,1 24,26 6,66 24,97 66,98 92,76 72,54 36,58 10,80",
    ],
    [
        "5,5 48,4 92,3 | 92,3 62,50 42,100", "6,6 92,2 | 92,2 64,46 44,100 | 30,52 82,47",
        "9,22 8,4 | 8,4 50,6 93,3 | 93,3 54,48 38,100",
    ],
    [
        "82,14 50,0 18,18 34,42 74,60 86,84 50,100 14,85 26,60 66,42 84,20 60,2",
        "50,48 16,25 48,0 84,22 52,48 8,76 48,100 94,77 50,48",
        "90,9 46,1 15,22 48,47 90,74 52,100 9,79 44,52 84,26 94,5",
    ],
    [
        "85,15 50,0 10,24 34,51 74,42 88,10 | 88,10 85,55 78,100",
        "84,20 48,0 12,22 34,50 78,36 89,10 88,45 70,88 24,99 8,88",
        "76,6 30,6 10,34 40,52 80,28 84,4 | 84,4 74,50 52,100",
    ],
]

/// What stays the same when one person writes.
struct Hand {
    let form: [Int]
    let slant, turn, width, height, pen, taper, ink, shake: Double

    init(writer: Int) {
        var random = RandomNumbers(seed: 1801, writer)
        form = forms.map { Int(random.uniform(0, Double($0.count))) }
        slant = 0.12 + random.normal(0.2)
        turn = random.normal(0.05)
        width = random.uniform(0.52, 0.86)
        height = random.uniform(16.5, 20.5)
        pen = random.uniform(0.75, 1.55)
        taper = random.uniform(0, 0.4)
        ink = random.uniform(0.82, 1)
        shake = random.uniform(0.012, 0.035)
    }

    /// One digit: strokes of points in pixels, in the middle of a picture of 28×28 or nearly.
    func write(_ digit: Int, _ random: inout RandomNumbers) -> [[Point]] {
        let slant = self.slant + random.normal(0.05), turn = self.turn + random.normal(0.05)
        let height = self.height * (1 + random.normal(0.04)), width = height * self.width * (1 + random.normal(0.07))
        let cosine = 1 / (1 + turn * turn).squareRoot(), sine = turn * cosine
        var strokes = forms[digit][form[digit]].split(separator: "|").map { stroke in
            stroke.split(separator: " ").map { pair in
                let numbers = pair.split(separator: ",").compactMap { Double($0) }
                let x = (numbers[0] / 100 - 0.5 + random.normal(shake)) * width
                let y = (numbers[1] / 100 - 0.5 + random.normal(shake)) * height
                let slanted = x - slant * y
                return Point(x: cosine * slanted - sine * y, y: sine * slanted + cosine * y)
            }
        }
        let xs = strokes.joined().map(\.x), ys = strokes.joined().map(\.y)
        guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max() else { return [] }
        let fit = min(1, 22 / max(right - left, bottom - top))
        let middle = Point(x: (left + right) / 2, y: (top + bottom) / 2)
        let place = Point(x: 14 + random.normal(0.6), y: 14 + random.normal(0.6))
        for index in strokes.indices { strokes[index] = smooth(strokes[index].map { ($0 - middle) * fit + place }) }
        return strokes
    }
}

/// A Catmull-Rom curve through the points, in eight straight pieces from one to the next.
func smooth(_ points: [Point]) -> [Point] {
    var curve = [points[0]]
    for i in 1..<points.count {
        let a = points[max(i - 2, 0)], b = points[i - 1], c = points[i], d = points[min(i + 1, points.count - 1)]
        for step in 1...8 {
            let t = Double(step) / 8
            let cubic = (b - c) * 3 + d - a, square = a * 2 - b * 5 + c * 4 - d
            curve.append(b + (((cubic * t + square) * t + c - a) * t) * 0.5)
        }
    }
    return curve
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

/// Deflate (RFC 1951) with the fixed code; runs of one byte, 3 to 10 at a time, are its only matches.
func deflate(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [], bits = 0
    func write(_ value: Int, _ count: Int) {
        for shift in (0..<count).reversed() {
            if bits % 8 == 0 { out.append(0) }
            out[out.count - 1] |= UInt8((value >> shift) & 1) << (bits % 8)
            bits += 1
        }
    }
    write(0b110, 3)  // the last block; of type 1, whose lower bit comes first
    var i = 0
    while i < bytes.count {
        var run = 0
        while i > 0, run < 10, i + run < bytes.count, bytes[i + run] == bytes[i - 1] { run += 1 }
        if run >= 3 {
            write(run - 2, 7)  // lengths 3…10 are symbols 257…264
            write(0, 5)  // from one byte back
            i += run
        } else {
            let value = Int(bytes[i])
            value < 144 ? write(0x30 + value, 8) : write(0x190 + value - 144, 9)
            i += 1
        }
    }
    write(0, 7)  // symbol 256: the end
    return out
}

func bigEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

/// A PNG file (RFC 2083) of 28×28 gray pixels, rows unfiltered, in a zlib stream (RFC 1950).
func png(_ pixels: [UInt8]) -> [UInt8] {
    func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        var crc: UInt32 = .max
        for byte in Array(type.utf8) + data {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return bigEndian(UInt32(data.count)) + Array(type.utf8) + data + bigEndian(~crc)
    }
    let rows = (0..<28).flatMap { [0] + pixels[28 * $0..<28 * $0 + 28] }
    var low: UInt32 = 1, high: UInt32 = 0  // Adler-32
    for byte in rows {
        low = (low + UInt32(byte)) % 65521
        high = (high + low) % 65521
    }
    let header = bigEndian(28) + bigEndian(28) + [8, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
        + chunk("IDAT", [0x78, 0x01] + deflate(rows) + bigEndian(high << 16 | low)) + chunk("IEND", [])
}

let arguments = CommandLine.arguments
let folder = URL(fileURLWithPath: arguments.count > 1 ? arguments[1] : "corpora/digits", isDirectory: true)
guard let writers = arguments.count > 2 ? Int(arguments[2]) : 50, 1...1000 ~= writers, arguments.count <= 3 else {
    FileHandle.standardError.write(Data("usage: swift scripts/draw-digits.swift [FOLDER [WRITERS, 1 to 1000]]\n".utf8))
    exit(64)
}
for digit in 0..<10 {
    let place = folder.appendingPathComponent(String(digit), isDirectory: true)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for writer in 0..<writers {
        var random = RandomNumbers(seed: 1804, writer, digit)
        let hand = Hand(writer: writer)
        let picture = draw(hand.write(digit, &random), with: hand)
        let name = "\(String(1000 + writer).dropFirst()).png"
        try Data(png(picture)).write(to: place.appendingPathComponent(name))
    }
}
