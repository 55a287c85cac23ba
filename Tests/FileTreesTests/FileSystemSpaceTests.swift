import FileTrees
import Foundation
import Testing

@Suite struct FileSystemSpaceTests {
    @Test func aFileThatIsNotThereYetHasTheRoomOfItsFolder() {
        let folder = RawPath(FileManager.default.temporaryDirectory.path)
        #expect(FileSystemSpace.free(at: folder) != nil)
        let store = folder.appending(Array("no".utf8)).appending([0xE9]).appending(Array("store.sqlite".utf8))
        #expect(FileSystemSpace.free(at: store) != nil)
        // Below a file nothing can be, but what is asked is how much room there would be.
        #expect(FileSystemSpace.free(at: RawPath("/proc/self/exe/store.sqlite")) != nil)
        #expect(FileSystemSpace.free(at: RawPath("store-that-is-not-there.sqlite")) != nil)
    }
}
