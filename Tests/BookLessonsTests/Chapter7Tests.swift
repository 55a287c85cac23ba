import BookLessons
import Jacquard
import Testing

@Suite("The lessons of chapter 7") struct Chapter7Tests {
    private let materials = Materials(digits: .drawn(writers: 40), in: ComputeContext(threads: 2))

    @Test("the regression comes near to the noise floor, and far below the spread of the numbers") func regression()
        throws
    {
        let report = try ModelOptimizerLossTrainer().run(with: materials)
        let first = try #require(report["squared error after one pass"].value)
        let best = try #require(report["best pass"].value)
        // The variance of Friedman's function with its noise is about 25.
        #expect(best < 0.7 * first && best < 6 && best > 1)
        // What follows from the book's last loss stands beside ours.
        let last = report["the root of that"]
        #expect(last.book == "3.790" && last.value == report["after the last"].value?.squareRoot())
        #expect(report["root mean square error of the best"].book == nil)
        #expect(abs(try #require(report["root mean square error of the best"].value) - best.squareRoot()) < 1e-4)
    }

    @Test("a convolutional network learns digits of writers it has not seen") func convolutions() throws {
        var lesson = ConvolutionalNetwork()
        lesson.steps = 100
        let report = try lesson.run(with: materials)
        #expect(report["parameters"].here == "178799")
        #expect(try #require(report.rows[2].value) > 0.6)
        #expect(report.rows[2].name == "accuracy, best of 18 passes")
    }

    @Test("codes of 28 numbers lie by digits, without a label") func autoencoder() throws {
        var lesson = AutoencoderLesson()
        lesson.steps = 120
        let report = try lesson.run(with: materials)
        #expect(report["parameters"].here == "318480")
        #expect(try #require(report.rows[2].value) < 0.25)
        #expect(try #require(report["digits whose nearest code is of the same digit"].value) > 0.6)
        guard case .map(let points) = report.figures[1].content else { Issue.record("no map"); return }
        #expect(points.count == 80 && points.allSatisfy { $0.x.isFinite && $0.y.isFinite })
    }

    @Test("both remedies draw pictures nearer to digits than uniform codes do") func strongerTest() throws {
        var lesson = StrongerTest()
        (lesson.steps, lesson.draws) = (700, 60)
        let rows = try lesson.run(with: materials).rows
        let distances = try rows.map { try #require($0.value) }
        #expect(distances.count == 4 && rows[0].book == "blobs")
        #expect(distances[1] < 0.85 * distances[0] && distances[2] < 0.85 * distances[0], "\(distances)")
    }
}
