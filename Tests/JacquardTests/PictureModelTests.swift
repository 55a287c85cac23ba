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
