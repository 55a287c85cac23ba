struct Point {
    var x, y: Double
    static func + (a: Point, b: Point) -> Point { Point(x: a.x + b.x, y: a.y + b.y) }
    static func - (a: Point, b: Point) -> Point { Point(x: a.x - b.x, y: a.y - b.y) }
    static func * (a: Point, k: Double) -> Point { Point(x: a.x * k, y: a.y * k) }
}

/// The forms of each digit: strokes divided by bars, each the points it passes, in hundredths of the digit's box from
/// the upper left corner.
private let forms: [[String]] = [
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
