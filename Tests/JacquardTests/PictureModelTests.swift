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
}
