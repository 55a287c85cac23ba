import ByteStreams
import Foundation
import Glibc
import Images
import Testing
import TestSupport

@Suite struct OutputFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func text(_ name: String) throws -> String { try String(contentsOfFile: folder(name), encoding: .utf8) }

    @Test func nothingOfTheUsersIsTouched() throws {
        for name in ["a.txt.partial", "a.txt.partial-1", ".jacquard-partial-\(getpid())-0"] {
            try folder.write(name, Array("mine".utf8))
        }
        try OutputFile<ImageError>.replace(folder("a.txt"), with: "new")
        #expect(try text("a.txt") == "new")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != "a.txt" {
            #expect(try text(name) == "mine")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
    }

    @Test func aFailedWriteLeavesWhatWasThere() throws {
        try folder.write("a.txt", Array("old".utf8))
        // A folder without write permission stops all but a user who may do everything.
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        if access(folder.path, W_OK) != 0 {
            #expect(throws: ImageError.self) { try OutputFile<ImageError>.replace(folder("a.txt"), with: "new") }
            #expect(try text("a.txt") == "old")
        }
        chmod(folder.path, 0o700)
        // A folder stops everybody, and what is in it stays.
        try folder.write("folder/b.txt", Array("old".utf8))
        #expect(throws: ImageError.self) { try OutputFile<ImageError>.replace(folder("folder"), with: "new") }
        #expect(try text("folder/b.txt") == "old")
        #expect(throws: ImageError.self) { try OutputFile<ImageError>.replace("/proc/none", with: "new") }
        #expect(throws: ImageError.self) { try OutputFile<ImageError>.replace(folder("no/folder.txt"), with: "new") }
    }

    @Test func linksAndPermissionsStay() throws {
        try folder.write("real.txt", Array("old".utf8))
        chmod(folder("real.txt"), 0o640)
        symlink(folder("real.txt"), folder("link.txt"))
        try OutputFile<ImageError>.replace(folder("link.txt"), with: "new")
        #expect(try text("real.txt") == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("link.txt")) == folder("real.txt"))
        let mode = try FileManager.default.attributesOfItem(atPath: folder("real.txt"))[.posixPermissions] as? Int
        #expect(mode == 0o640)
        // Also that of a link to a file which is not there yet.
        symlink("later.txt", folder("loose.txt"))
        for content in ["first", "second"] {
            try OutputFile<ImageError>.replace(folder("loose.txt"), with: content)
            #expect(try text("later.txt") == content)
        }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("loose.txt")) == "later.txt")
    }

    @Test func manyAtOnceDoNotMeet() async throws {
        let path = folder("a.txt")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try OutputFile<ImageError>.replace(path, with: String(repeating: "\(number % 10)", count: 5000))
                }
            }
            try await group.waitForAll()
        }
        let result = try text("a.txt")
        #expect(result.count == 5000 && Set(result).count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.txt"])
    }
}
