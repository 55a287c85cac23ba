public import Jacquard

/// What a lesson found: a table "book / here", one sentence to take away, and figures.
public struct Report: Sendable {
    /// The table.
    public var rows: [Row]
    /// One sentence.
    public var takeaway: String
    /// Drawings, in the order of the book's.
    public var figures: [Figure]
    /// What a model wrote.
    public var texts: [Excerpt]

    public init(_ rows: [Row], takeaway: String, figures: [Figure] = [], texts: [Excerpt] = []) {
        (self.rows, self.takeaway, self.figures, self.texts) = (rows, takeaway, figures, texts)
    }

    /// The row of a name. A name that there is not is the caller's mistake.
    public subscript(name: String) -> Row {
        guard let row = rows.first(where: { $0.name == name }) else {
            fatalError("no row '\(name)' among \(rows.map(\.name))")
        }
        return row
    }
}

/// A line of a lesson's table.
public struct Row: Sendable, Equatable {
    public var name: String
    /// What the book prints, or what follows from its code; nil where there is no such number, or the lesson is not in it.
    public var book: String?
    /// What came out.
    public var here: String
    /// The number behind ``here``; nil if it is not a single one.
    public var value: Double?

    /// A text, or several numbers.
    public init(_ name: String, book: String? = nil, here: String) {
        (self.name, self.book, self.here, value) = (name, book, here, nil)
    }

    /// A number.
    public init(_ name: String, book: Double? = nil, here: Double, as format: Format = .digits(4)) {
        (self.name, self.book, self.here, value) = (name, book.map(format.text), format.text(here), here)
    }

    /// Numbers in a row.
    public init(_ name: String, book: [Double]? = nil, here: [Double], as format: Format = .digits(4)) {
        func text(_ numbers: [Double]) -> String { "[" + numbers.map(format.text).joined(separator: " ") + "]" }
        (self.name, self.book, self.here, value) = (name, book.map(text), text(here), nil)
    }

    /// How numbers are written.
    public enum Format: Sendable {
        /// With so many digits behind the point.
        case digits(Int)
        /// A share as per cent, with two digits.
        case percent

        func text(_ number: Double) -> String {
            switch self {
            case .digits(let digits): fixed(number, digits)
            case .percent: fixed(100 * number, 2) + " %"
            }
        }
    }
}

/// A number with a fixed count of digits behind the point.
func fixed(_ number: Double, _ digits: Int) -> String {
    guard number.isFinite, number.magnitude < 1e12 else { return "\(number)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((number.magnitude * scale).rounded()), whole = scaled / Int64(scale),
        part = scaled % Int64(scale)
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole)." + String(repeating: "0", count: digits - "\(part)".count) + "\(part)"
}

/// A text that a model wrote.
public struct Excerpt: Sendable {
    public var title: String
    public var text: String

    public init(_ title: String, _ text: String) { (self.title, self.text) = (title, text) }
}

/// A drawing of a lesson.
public struct Figure: Sendable {
    /// The name of its file, without ending.
    public var name: String
    /// A sentence.
    public var caption: String
    public var content: Content

    public enum Content: Sendable {
        /// Lines over a common horizontal axis.
        case curves([Curve], x: String, y: String)
        /// Points in the plane, colored by their labels.
        case map([(x: Float, y: Float, label: String)])
        /// Pictures [N, 1 or 3, H, W] with values in 0…1, so many side by side.
        case pictures(Tensor, columns: Int)
    }

    public init(_ name: String, _ caption: String, _ content: Content) {
        (self.name, self.caption, self.content) = (name, caption, content)
    }

    public struct Curve: Sendable {
        public var name: String
        public var points: [(x: Double, y: Double)]

        public init(_ name: String, _ points: [(x: Double, y: Double)]) { (self.name, self.points) = (name, points) }

        /// Values at 1, 2, 3, …
        public init(_ name: String, values: [Double]) {
            self.init(name, values.enumerated().map { (Double($0.offset + 1), $0.element) })
        }
    }
}
