/// The run whose weights another one began with.
package struct StartingPoint: Hashable, Codable, Sendable {
    package var run: String
    package var step: Int
    package var weightsSHA256: String

    /// Of the usual learning rate: what was learned before should not be lost in the first steps.
    package static let rateFraction = 1.0 / 3

    package init(run: String, step: Int, weightsSHA256: String) {
        self.run = run
        self.step = step
        self.weightsSHA256 = weightsSHA256
    }

    enum CodingKeys: String, CodingKey {
        case run, step
        case weightsSHA256 = "weights_sha256"
    }
}
