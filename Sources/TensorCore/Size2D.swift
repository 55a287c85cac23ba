/// A number for the vertical axis and one for the horizontal. An integer literal stands for both: `kernel: 3`,
/// `stride: Size2D(height: 2, width: 1)`.
package struct Size2D: Hashable, Codable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    package var height: Int
    package var width: Int

    package init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    package init(_ both: Int) { self.init(height: both, width: both) }

    package init(integerLiteral value: Int) { self.init(value) }

    package var area: Int { height * width }
    package var description: String { "\(height) x \(width)" }
}
