import Foundation
import Jacquard
import Testing

@Suite struct PictureModelTests {
    /// Before any picture is looked for.
    @Test(arguments: [(0, 28), (28, -1), (4097, 4), (4, .max)])
    func aSizeOutOfItsRangeIsAnErrorThatSaysSo(_ width: Int, _ height: Int) throws {
        let folder = try Folder()
        let store = try CheckpointStore.open(at: folder.path + "/models.sqlite", access: .readWrite)
        var options = PictureOptions()
        options.size = (width, height)
        let error = #expect(throws: ModelError.self) {
            try PictureModel.train(on: [folder.path + "/none"], options: options, store: store)
        }
        #expect(error?.kind == .option("size"))
        #expect(
            error?.description == "`size`: width and height are from 1 to 4096 pixels, not \(width) and \(height)")
        try store.close()
    }

    /// A model of a few handwritten digits, trained for a moment.
    private func model(in folder: Folder, _ store: CheckpointStore) throws -> PictureModel {
        let digits = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../corpora/digits/3").standardizedFileURL
        for name in try FileManager.default.contentsOfDirectory(atPath: digits.path).sorted().prefix(14) {
            _ = try folder.file("pictures/" + name, Data(contentsOf: digits.appendingPathComponent(name)))
        }
        var options = PictureOptions()
        (options.code, options.epochs) = (16, 2)
        return try PictureModel.train(
            on: [folder.path + "/pictures"], options: options, store: store, name: "digits",
            in: ComputeContext(threads: 1))
    }

    @Test func nothingAndNumbersOutOfTheirRanges() throws {
        let folder = try Folder()
        let store = try CheckpointStore.open(at: folder.path + "/models.sqlite", access: .readWrite)
        let model = try model(in: folder, store), encoded = try model.encode([folder.path + "/pictures"])
        let shape = Shape([0] + model.pictureShape.dimensions), none = Tensor(zeros: shape)
        #expect(model.encode(none).shape == [0, 16] && model.decode(Tensor(zeros: [0, 16])).shape == shape)
        #expect(try model.sample(0, from: encoded).shape == shape)
        let first = folder.path + "/pictures/" + (encoded.names.first ?? "")
        #expect(try model.nearest(to: first, among: encoded, count: 0).isEmpty)
        func kind(_ body: () throws -> Void) -> ModelError.Kind? {
            #expect(throws: ModelError.self, performing: body)?.kind
        }
        #expect(kind { _ = try model.nearest(to: first, among: encoded, count: -1) } == .option("count"))
        #expect(kind { _ = try model.sample(-1, from: encoded) } == .option("count"))
        #expect(kind { try model.write(none, to: folder.path + "/none.png") } == .option("pictures"))

        // What somebody else made stays, and nothing is advised that a program cannot do.
        let taken = try folder.file("taken.png", "mine")
        let error = #expect(throws: ModelError.self) { try model.write(model.sample(1, from: encoded), to: taken) }
        #expect(error?.description.hasSuffix("Name another place") == true, "\(error?.description ?? "")")
        let again = #expect(throws: ModelError.self) { try PictureModel.resume("digits", store: store) }
        #expect(again?.description.contains("Use it with `open`") == true)
        try store.close()
    }
}

/// What a model of thirty spots of light answers, against what follows from its other answers.
@Suite struct PictureModelUseTests {
    private static let count = 30, side = 12
    private let folder: Folder
    private let store: CheckpointStore
    private let model: PictureModel
    private let spots: String

    init() throws {
        folder = try Folder()
        store = try CheckpointStore.open(at: folder.path + "/models.sqlite", access: .readWrite)
        // A NumPy array of bytes, [30, 12, 12].
        var chance = Chance(5), pixels = Data()
        for _ in 0..<Self.count {
            let x = 5.5 + 4 * chance.next(), y = 5.5 + 4 * chance.next(), width = 3 + chance.next()
            for row in 0..<Self.side {
                for column in 0..<Self.side {
                    let distance = pow(Double(column) - x, 2) + pow(Double(row) - y, 2)
                    pixels.append(UInt8(250 * exp(-distance / (width * width))))
                }
            }
        }
        var head = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(Self.count), \(Self.side), \(Self.side)), }"
        head += String(repeating: " ", count: 117 - head.count) + "\n"
        spots = try folder.file(
            "spots.npy", Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]) + Data(head.utf8) + pixels)
        var options = PictureOptions()
        (options.code, options.epochs) = (4, 40)
        model = try PictureModel.train(on: [spots], options: options, store: store, in: ComputeContext(threads: 1))
    }

    private func meanSquares(_ a: Tensor, _ b: Tensor) -> [Double] {
        var sums = [Double](repeating: 0, count: a.shape[0])
        let size = a.count / sums.count
        for (place, values) in zip(a.values, b.values).enumerated() {
            let difference = Double(values.0) - Double(values.1)
            sums[place / size] += difference * difference / Double(size)
        }
        return sums
    }

    @Test func aModelBeginsWithWhatAnotherHasLearned() throws {
        var short = PictureOptions()
        (short.epochs, short.learningRate) = (1, 1e-5)
        let context = ComputeContext(threads: 1)
        let next = try PictureModel.train(
            on: [spots], from: model, options: short, store: store, name: "next", in: context)
        let loss = try #require(model.validationLoss), after = try #require(next.validationLoss)
        #expect(next.codeSize == 4 && next.name == "next" && abs(after - loss) < 0.1 * loss)
        short.code = 4
        let new = try PictureModel.train(on: [spots], options: short, store: store, in: context)
        #expect(try #require(new.validationLoss) > 2 * loss)

        // What the weights decide is theirs, and a kind that they do not serve is none of theirs.
        for (option, set) in [
            ("code", { $0.code = 5 }), ("size", { $0.size = (14, 14) }), ("kind", { $0.kind = .variational }),
        ] as [(String, (inout PictureOptions) -> Void)] {
            var options = PictureOptions()
            set(&options)
            let refused = #expect(throws: ModelError.self) {
                try PictureModel.train(on: [spots], from: model, options: options, store: store)
            }
            #expect(refused?.kind == .option(option), "\(refused?.description ?? "")")
        }
        var noisy = PictureOptions()
        (noisy.kind, noisy.epochs) = (.denoising(noise: 0.1, masking: 0), 1)
        #expect(try PictureModel.train(on: [spots], from: model, options: noisy, store: store).isFinished)
    }

    @Test func codesOfFilesAreThoseOfTheirPixels() throws {
        let pictures = try model.read([spots]), encoded = try model.encode([spots]), codes = model.encode(pictures)
        #expect(model.isFinished && model.codeSize == 4 && model.pictureShape == [1, 12, 12])
        #expect(pictures.shape == [30, 1, 12, 12] && codes.shape == [30, 4] && encoded.codes.shape == [30, 4])
        #expect(encoded.names.count == 30 && encoded.names[3].hasSuffix("#3"))
        #expect(zip(encoded.codes.values, codes.values).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(Set(codes.values).count > 100)
    }

    @Test func errorsAreThoseOfWhatIsDecoded() throws {
        let pictures = try model.read([spots]), errors = try model.reconstructionErrors([spots])
        let made = model.decode(model.encode(pictures)), expected = meanSquares(pictures, made)
        #expect(try made.shape == pictures.shape && errors.map(\.name) == model.encode([spots]).names)
        #expect(zip(errors, expected).allSatisfy { abs($0.error - $1) < 1e-5 * $1 }, "\(errors), \(expected)")
        // It has learned something: all alike they would be worse.
        var mean = [Float](repeating: 0, count: 144)
        for (place, value) in pictures.values.enumerated() { mean[place % 144] += value / 30 }
        let alike = Tensor((0..<30).flatMap { _ in mean }, shape: pictures.shape)
        #expect(expected.reduce(0, +) < meanSquares(pictures, alike).reduce(0, +))
    }

    @Test func nearPicturesAreThoseOfTheLeastDistances() throws {
        let encoded = try model.encode([spots]), codes = encoded.codes
        let distances = (0..<30).map { row in
            var square = 0.0
            for column in 0..<4 { square += pow(Double(codes[row, column] - codes[3, column]), 2) }
            return square.squareRoot()
        }
        let expected = distances.indices.sorted { distances[$0] < distances[$1] }
        let near = try model.nearest(to: spots + "#3", among: encoded, count: 30)
        #expect(near.map(\.name) == expected.map { encoded.names[$0] })
        #expect(zip(near, expected).allSatisfy { abs($0.distance - distances[$1]) < 1e-3 }, "\(near), \(distances)")
        #expect(try model.nearest(to: spots + "#3", among: encoded, count: 5) == Array(near.prefix(5)))
    }

    @Test func samplesAreThoseOfTheirSeed() throws {
        let encoded = try model.encode([spots])
        let first = try model.sample(6, from: encoded, seed: 1)
        #expect(first.shape == [6, 1, 12, 12] && Set(first.values).count > 100)
        #expect(first.values.allSatisfy { (0...1).contains($0) })
        #expect(try model.sample(6, from: encoded, seed: 1) == first)
        #expect(try model.sample(6, from: encoded, seed: 2) != first)
        let error = #expect(throws: ModelError.self) { try model.sample(6) }
        #expect(error?.kind == .option("codes"))
    }

    @Test func aPictureThatIsWrittenIsReadAgain() throws {
        let made = model.decode(model.encode(try model.read([spots]))).rows(3..<4), path = folder.path + "/third.png"
        try model.write(made, to: path)
        let read = try model.read([path])
        // To the nearest of 256 levels.
        #expect(read.shape == made.shape && zip(read.values, made.values).allSatisfy { abs($0 - $1) < 0.501 / 255 })
    }
}
