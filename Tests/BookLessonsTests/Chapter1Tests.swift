import BookLessons
import Foundation
import Jacquard
import Testing

@Suite("The lessons of chapter 1") struct Chapter1Tests {
    let materials = Materials(digits: .drawn(writers: 5))

    static func sigmoid(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }
    static func slope(_ x: Double) -> Double { sigmoid(x) * (1 - sigmoid(x)) }

    /// What the book prints is what comes out, digit for digit.
    func expectTheBooksNumbers(_ report: Report, count: Int) {
        let printed = report.rows.filter { $0.book != nil }
        #expect(printed.count == count)
        for row in printed { #expect(row.here == row.book, "\(row.name)") }
    }

    @Test("arithmetic on arrays is that of their elements, and the engine's sigmoid is the sigmoid")
    func functions() {
        let report = Functions().run(with: materials)
        expectTheBooksNumbers(report, count: 6)
        let sigmoids = [-2.0, -1, 0, 1, 2].map { String(format: "%.4f", Self.sigmoid($0)) }.joined(separator: " ")
        #expect(report["sigmoid"].here == "[\(sigmoids)]" && report["sigmoid, the engine's"].here == "[\(sigmoids)]")
        #expect(report["leaky ReLU"].here == "[-0.4 -0.2 0.0 1.0 2.0]")
    }

    @Test("the error of central differences falls with the square of the step, that of one side with the step")
    func derivatives() throws {
        let report = Derivatives().run(with: materials)
        #expect(abs(try #require(report["x² at 3, exactly 6"].value) - 6) < 1e-9)
        #expect(abs(try #require(report["sigmoid at 1"].value) - Self.slope(1)) < 1e-7)
        #expect(abs(try #require(report["δ a tenth: error falls, one side"].value) - 10) < 0.1)
        #expect(abs(try #require(report["δ a tenth: error falls, central"].value) - 100) < 1)
    }

    @Test("the slope of a chain is the product of its links' slopes, of two functions and of three")
    func chainRule() throws {
        let report = ChainRule().run(with: materials)
        func expect(_ name: String, _ value: Double) throws {
            #expect(abs(try #require(report[name].value) - value) < 1e-6, "\(name)")
        }
        try expect("σ(x²) at 1, chain rule", 2 * Self.slope(1))
        try expect("σ(x)² at 1: the order counts", 2 * Self.sigmoid(1) * Self.slope(1))
        // leaky(1) = 1 and leaky(-1) = -0.2, with slopes 1 and 0.2.
        try expect("σ(leaky(x)²) at 1, chain rule", Self.slope(1) * 2)
        try expect("σ(leaky(x)²) at 1, measured whole", Self.slope(1) * 2)
        try expect("σ(leaky(x)²) at 1, the engine's tape", Self.slope(1) * 2)
        try expect("σ(leaky(x)²) at -1, chain rule", Self.slope(0.04) * 2 * -0.2 * 0.2)
    }

    @Test("slopes multiply along a path and add up over paths, by hand, measured and by the tape")
    func severalInputs() {
        let report = SeveralInputs().run(with: materials), x = 0.5, y = -1.5
        func text(_ byX: Double, _ byY: Double) -> String { String(format: "[%.6f %.6f]", byX, byY) }
        let right = [
            "σ(x + y)": text(Self.slope(x + y), Self.slope(x + y)),
            "σ(x y)": text(Self.slope(x * y) * y, Self.slope(x * y) * x),
            "σ(x + x y)": text(Self.slope(x + x * y) * (1 + y), Self.slope(x + x * y) * x),
        ]
        for (name, numbers) in right {
            let rows = report.rows.filter { $0.name.hasPrefix(name) }
            #expect(rows.count == 3)
            for row in rows { #expect(row.here == numbers, "\(row.name)") }
        }
    }

    @Test("the gradient of a dot product by one factor is the other one, in the book's numbers") func dotProduct() {
        let report = DotProduct().run(with: materials)
        expectTheBooksNumbers(report, count: 2)
        for name in ["∂N/∂X, by the tape", "∂N/∂X, measured"] {
            #expect(report[name].here == report["∂N/∂X = Wᵀ"].book)
        }
        for name in ["∂N/∂W = Xᵀ", "∂N/∂W, by the tape"] { #expect(report[name].here == report["X"].book) }
    }

    @Test("the gradient of σ(X W) is the book's, and a gradient with a slip does not pass the check")
    func functionOfAProduct() throws {
        let report = FunctionOfAProduct().run(with: materials)
        expectTheBooksNumbers(report, count: 2)
        #expect(report["∂S/∂X = σ'(N) Wᵀ"].here == "[0.0852 -0.0557 -0.1121]")
        #expect(try #require(report["check of the engine's gradients: error"].value) < 1e-3)
        #expect(try #require(report["check of a gradient with a slip: error"].value) > 0.1)
    }

    @Test("L is 2.3755, and its partial derivatives are the nine that the book prints") func twoMatrices() throws {
        let report = TwoMatrices().run(with: materials)
        expectTheBooksNumbers(report, count: 5)
        // By W the book prints none; these are NumPy's.
        #expect(report["∂L/∂W, row 1"].here == "[-0.7578 -0.8726]")
        #expect(report["∂L/∂W, row 2"].here == "[-0.1868 -0.0853]")
        #expect(report["∂L/∂W, row 3"].here == "[0.0679 -0.1414]")
        #expect(try #require(report["the engine's gradients, checked: error"].value) < 1e-3)
    }
}
