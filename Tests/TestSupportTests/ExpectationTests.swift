import Foundation
import TestSupport
import Testing

/// The checks themselves: each must be able to fail.
@Suite struct ExpectationTests {
    @Test func centralDifferencesAreRightToElevenDigits() {
        let point = [0.25, -0.75, 1.5]
        let gradient = centralDifferences(at: point) { sin($0[0]) * exp($0[1]) + $0[2] * $0[2] * $0[0] }
        let exact = [cos(0.25) * exp(-0.75) + 2.25, sin(0.25) * exp(-0.75), 2 * 1.5 * 0.25]
        expectMatch(gradient, exact, "gradient", tolerance: 1e-11)
        let some = centralDifferences(at: point, indices: [2, 0]) { $0[0] * 2 + $0[1] * 3 + $0[2] * 4 }
        expectMatch(some, [4, 2], "chosen elements", tolerance: 1e-11)
    }

    @Test func mismatchNamesTheWorstElement() throws {
        let message = try #require(mismatch([1, 2.5, 4], [1, 2, 4.25], name: "w", tolerance: 1e-5))
        #expect(message.hasPrefix("w[1] of 3: 2.5, expected 2.0;"))
        #expect(mismatch([1, 2, 4.00003], [1, 2, 4], name: "w", tolerance: 1e-5) == nil)
        #expect(mismatch([1, 2, 4.00005], [1, 2, 4], name: "w", tolerance: 1e-5) != nil)
    }

    @Test(arguments: [
        ([1.0, .nan], [1.0, 2.0], "not finite"), ([1, .infinity], [1, 2], "not finite"),
        ([1, 2], [1, .nan], "expectation itself"), ([0, 0], [0, 1e-12], "proves nothing"),
        ([1], [1, 2], "1 values, 2 expected"), ([], [], "nothing to compare"),
    ])
    func mismatchSeesWhatAMaximumWouldMiss(actual: [Double], expected: [Double], reason: String) throws {
        let message = try #require(mismatch(actual, expected, name: "w", tolerance: 1e-5))
        #expect(message.contains(reason))
    }

    @Test func expectationsRecordAnIssue() {
        withKnownIssue { expectGradientsMatch(engine: [1, 2.0001], oracle: [1, 2], "w") }
        withKnownIssue { expectValuesMatch(engine: [1, .nan], oracle: [1, 2], "w") }
        expectGradientsMatch(engine: [1, 2.00001], oracle: [1, 2], "w")
    }
}
