import Foundation
import Kernels
import Testing

/// What a plan is compared with.
@Suite struct MemoryLimitTests {
    /// A tree of control groups: file names and what they hold.
    private func controlGroups(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("groups-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(root.path)
    }

    @Test func theLeastLimitOfAllGroupsAboveCounts() throws {
        let files = [
            "memory.max": "max\n", "user/memory.max": "4000000000\n", "user/job/memory.max": "8000000000\n",
            "other/memory.max": "5\n",
        ]
        try controlGroups(files) { root in
            #expect(MemoryLimit.controlGroupBytes(membership: "0::/user/job\n", root: root) == 4_000_000_000)
            #expect(MemoryLimit.controlGroupBytes(membership: "0::/\n", root: root) == nil)
            #expect(MemoryLimit.controlGroupBytes(membership: "", root: root) == nil)
        }
        // In a container the path is the host's, which is not there, and the group's own files are at the root.
        try controlGroups(["memory.max": "300000000\n"]) { root in
            #expect(MemoryLimit.controlGroupBytes(membership: "0::/docker/abc\n", root: root) == 300_000_000)
        }
    }

    @Test func theFirstVersionCountsToo() throws {
        let files = [
            "memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/job/memory.limit_in_bytes": "2147483648\n",
            "cpu/job/memory.limit_in_bytes": "7\n",
        ]
        try controlGroups(files) { root in
            let membership = "5:cpu,cpuacct:/job\n4:memory:/job\n1:name=systemd:/\n0::/\n"
            #expect(MemoryLimit.controlGroupBytes(membership: membership, root: root) == 2_147_483_648)
        }
    }

    @Test func thisMachineHasMemory() {
        let limit = MemoryLimit.current
        #expect(limit.bytes > 0 && limit.bytes <= Int(clamping: ProcessInfo.processInfo.physicalMemory))
    }
}
