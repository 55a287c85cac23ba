/// A number for the vertical axis and one for the horizontal. An integer literal stands for both: `kernel: 3`,
/// `stride: Size2D(height: 2, width: 1)`.
public struct Size2D: Hashable, Codable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Along the vertical axis.
    public var height: Int
    /// Along the horizontal axis.
    public var width: Int

    /// One number for each axis.
    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// The same number for both axes.
    public init(_ both: Int) { self.init(height: both, width: both) }

    /// `3` for both axes.
    public init(integerLiteral value: Int) { self.init(value) }

    /// Height times width.
    public var area: Int { height * width }
    /// `3 x 2`.
    public var description: String { "\(height) x \(width)" }
}
