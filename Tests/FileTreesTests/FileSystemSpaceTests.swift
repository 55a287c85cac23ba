import FileTrees
import Foundation
import Testing

@Suite struct FileSystemSpaceTests {
    @Test func aFileThatIsNotThereYetHasTheRoomOfItsFolder() {
        let folder = RawPath(FileManager.default.temporaryDirectory.path)
        #expect(FileSystemSpace.free(at: folder) != nil)
        let store = folder.appending(Array("no".utf8)).appending([0xE9]).appending(Array("store.sqlite".utf8))
        #expect(FileSystemSpace.free(at: store) != nil)
        #expect(FileSystemSpace.free(at: RawPath("store-that-is-not-there.sqlite")) != nil)
    }
}
