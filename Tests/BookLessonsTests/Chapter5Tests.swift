import BookLessons
import Jacquard
import Testing

@Suite("The lessons of chapter 5") struct Chapter5Tests {
    private let materials = Materials(digits: .drawn(writers: 50), in: ComputeContext(threads: 2))

    @Test("convolution in one dimension gives every number that the book prints") func oneDimension() throws {
        let report = ConvolutionInOneDimension().run(with: materials)
        #expect(report.rows.count { $0.book != nil } == 8)
        for row in report.rows where row.book != nil && row.name != "the sum grows, last input 6" {
            #expect(row.here == row.book, "\(row.name)")
        }
        // The book subtracts a number from itself. That input lies under two weights of 1.
        #expect(report["the sum grows, last input 6"].here == "2")
        #expect(report["the same by the engine"].here == "[36 49 48]")
        // The first output lies over inputs 0 and 1 with weights 2 and 4, the last, twice, over 3 and 4 with 1 and 2.
        #expect(report["by the input, [1 2 4] along [1 0 0 0 2]"].here == "[2 4 0 2 4]")
    }

    @Test("loops and engine agree at a batch of 4; the book's gradient is right for one picture, or along a sum, only")
    func twoDimensions() throws {
        let report = try ConvolutionInTwoDimensions().run(with: materials)
        for what in ["output", "gradient by the pictures", "gradient by the kernels"] {
            #expect(try #require(report["engine and loops, \(what)"].value) < 1e-5, "\(what)")
        }
        #expect(try #require(report["the book's gradient by the kernels, 1 picture"].value) < 1e-9)
        #expect(try #require(report["the book's, 4 pictures, checked by the sum"].value) < 1e-9)
        for pictures in [4, 60] {
            #expect(try #require(report["the book's, \(pictures) pictures"].value) > 0.5, "\(pictures)")
        }
        #expect(report["28 pixels, kernel 5, padding 2"].here == "28")
        #expect(report["28 pixels, kernel 5, no padding"].here == "24")
        #expect(report["28 pixels, kernel 5, padding 2, stride 2"].here == "14")
    }

    /// Rows of windows pixel by pixel times rows of gradients picture by picture, as the book multiplies them, in Double.
    private func kernelGradientOfTheBook(_ x: Tensor, along g: Tensor, kernel: Int) -> [Double] {
        let images = x.shape[0], inputs = x.shape[1], height = x.shape[2], width = x.shape[3], outputs = g.shape[1]
        var windows: [[Double]] = [], gradients: [[Double]] = []
        for row in 0..<height {
            for column in 0..<width {
                for n in 0..<images {
                    var window: [Double] = []
                    for i in 0..<inputs {
                        for p in 0..<kernel {
                            for q in 0..<kernel {
                                let r = row + p - kernel / 2, c = column + q - kernel / 2
                                let isInside = (0..<height).contains(r) && (0..<width).contains(c)
                                window.append(isInside ? Double(x[n, i, r, c]) : 0)
                            }
                        }
                    }
                    windows.append(window)
                }
            }
        }
        for n in 0..<images {
            for row in 0..<height {
                for column in 0..<width { gradients.append((0..<outputs).map { Double(g[n, $0, row, column]) }) }
            }
        }
        return (0..<outputs).flatMap { o in
            (0..<inputs * kernel * kernel).map { entry in
                windows.indices.reduce(0) { $0 + windows[$1][entry] * gradients[$1][o] }
            }
        }
    }

    @Test("with the book's order of rows the engine's gradient is what the book's matrix product computes")
    func rowOrder() throws {
        let context = ComputeContext(threads: 1), random = RandomStream(seed: 4)
        let x = random.normal([3, 2, 5, 5], in: context), g = RandomStream(seed: 5).normal([3, 4, 5, 5], in: context)
        func gradient(_ asTheBook: Bool) -> [Double] {
            let layer = Convolution2D(2, 4, kernel: 3, padding: 1, bias: false)
            layer.initialize(seed: 1, in: context)
            let tape = Tape(in: context), y = layer(tape.constant(x))
            let ordered = ConvolutionalClassifier.inTheBooksOrder(g.values, [3, 4, 5, 5])
            let gradient = tape.backward(from: [(y, asTheBook ? Tensor(ordered, shape: g.shape) : g)])[layer.weight]
            return gradient?.values.map(Double.init) ?? []
        }
        let wanted = kernelGradientOfTheBook(x, along: g, kernel: 3)
        let largest = wanted.map(abs).max() ?? 0
        #expect(wanted.count == 72 && largest > 1)
        #expect(zip(gradient(true), wanted).allSatisfy { abs($0 - $1) < 1e-4 * largest })
        #expect(zip(gradient(false), wanted).contains { abs($0 - $1) > 0.3 * largest })
    }

    @Test("a convolution's gradients agree with central differences at a batch of 3") func check() {
        let context = ComputeContext(threads: 1), x = RandomStream(seed: 6).normal([3, 2, 4, 4], in: context)
        let model = Sequential(seed: 1, in: context) { Convolution2D(2, 3, kernel: 3, padding: 1) }
        #expect(checkGradients(of: model, at: x, in: context).error < 1e-3)
    }

    @Test("the lesson's figure of the book's error is that of its product of matrices") func errorOfTheBook() throws {
        // Pictures and gradients as the lesson draws them.
        let context = ComputeContext(threads: 1), random = RandomStream(seed: 1)
        let x = random.normal([4, 2, 6, 5], in: context), g = random.normal([4, 3, 6, 5], in: context)
        let layer = Convolution2D(2, 3, kernel: 3, padding: 1, bias: false)
        layer.initialize(seed: 1, in: context)
        let tape = Tape(in: context), y = layer(tape.constant(x))
        let right = try #require(tape.backward(from: [(y, g)])[layer.weight]).values.map(Double.init)
        let book = kernelGradientOfTheBook(x, along: g, kernel: 3)
        let error = (zip(book, right).map { abs($0 - $1) }.max() ?? 0) / (right.map(abs).max() ?? 1)
        let report = try ConvolutionInTwoDimensions().run(with: materials)
        #expect(try abs(#require(report["the book's, 4 pictures"].value) - error) < 1e-4)
    }

    @Test("pooling and flatten give the book's numbers, by hand and by the engine") func pooling() {
        let report = PoolingAndFlatten().run(with: materials)
        for name in ["largest of each window, by hand", "largest, by the engine"] {
            #expect(report[name].here == "[5 6 9 7]", "\(name)")
        }
        for name in ["means, by hand", "means, by the engine"] {
            #expect(report[name].here == "[3.50 4.25 5.00 3.00]", "\(name)")
        }
        #expect(report["gradient of the largest, first two rows"].here == "[1 0 0 1 0 0 0 0]")
        #expect(report["the last two rows"].here == "[1 0 0 0 0 0 0 1]")
        #expect(report["gradient of the means, first row"].here == "[0.25 0.25 0.25 0.25]")
        #expect(report["60 pictures with 16 channels, flattened"].here == "[60, 12544]")
    }

    @Test("the convolutional network learns digits") func classifier() throws {
        var lesson = ConvolutionalClassifier()
        (lesson.few, lesson.many, lesson.seeds) = (1, 4, [1, 2])
        let report = try lesson.run(with: materials)
        #expect(try #require(report["Glorot, right gradient, 4 passes"].value) > 0.8)
    }
}
