/// A number for the vertical axis and one for the horizontal. An integer literal stands for both: `kernel: 3`,
/// `stride: Size2D(height: 2, width: 1)`.
public struct Size2D: Hashable, Codable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    public var height: Int
    public var width: Int

    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    public init(_ both: Int) { self.init(height: both, width: both) }

    public init(integerLiteral value: Int) { self.init(value) }

    public var area: Int { height * width }
    public var description: String { "\(height) x \(width)" }
}
