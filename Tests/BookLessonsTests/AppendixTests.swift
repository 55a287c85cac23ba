import BookLessons
import Foundation
import Jacquard
import Testing

@Suite("The lessons of the appendix") struct AppendixTests {
    let materials = Materials(digits: .drawn(writers: 5))

    @Test("gradients over all paths are products of matrices, and the book's numbers") func matrixChainRule() throws {
        let report = MatrixChainRule().run(with: materials)
        for name in ["∂L/∂X, first row, by elements", "∂L/∂X, first row, by matrices"] {
            #expect(report[name].here == "[0.2489 -0.3748 0.0112]")
        }
        for name in ["∂L/∂X, at most apart", "∂L/∂W, at most apart"] {
            #expect(try #require(report[name].value) < 1e-6, "\(name)")
        }
        #expect(report["∂L/∂W, first row, by elements"].here == "[-0.7578 -0.8726]")
    }

    @Test("the gradient of a bias is the sum of its column") func biasGradient() throws {
        var lesson = BiasGradient()
        (lesson.network.iterations, lesson.starts) = (100, 1)
        let report = try lesson.run(with: materials)
        let x = [
            [-1.57752816, -0.6664228, 0.63910406], [-0.56152218, 0.73729959, -1.42307821],
            [-1.44348429, -0.39128029, 0.1539322],
        ]
        let sums = zip(0..<3, [0.5, -1, 0.25]).map { column, bias in
            x.reduce(0) { sum, row in
                let s = 1 / (1 + Foundation.exp(-row[column] - bias))
                return sum + s * (1 - s)
            }
        }
        let text = "[" + sums.map { String(format: "%.4f", $0) }.joined(separator: " ") + "]"
        for name in ["sum of each column", "measured", "by the engine's tape"] { #expect(report[name].here == text) }
        #expect(report["summed twice, as in the book's chapter 2"].here != text)
    }

    @Test("summed twice, the gradient of a bias makes a worse network") func whatItCosts() throws {
        let report = try BiasGradient().run(with: materials)
        let right = try #require(report["network of 2.7, 5 starts: mean error"].value)
        #expect(right < 0.95 * (try #require(report["the same, biases summed twice"].value)))
    }

    @Test("a convolution's gradients are right for one image and for four, and the book's are not")
    func convolution() throws {
        let report = ConvolutionAsProduct().run(with: materials)
        func value(_ name: String) throws -> Double { try #require(report[name].value) }
        for images in ["one image", "four images"] {
            for part in ["to the engine's output", "weight gradient", "image gradient"] {
                #expect(try value("\(images): \(part)") < 1e-5, "\(images): \(part)")
            }
            #expect(try value("\(images): image gradient as in the book") > 0.5)
        }
        #expect(try value("one image: weight gradient as in the book") < 1e-5)
        #expect(try value("four images: weight gradient as in the book") > 0.5)
    }
}
