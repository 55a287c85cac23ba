import Foundation
import Kernels
import Testing

/// What a plan is compared with.
@Suite struct MemoryLimitTests {
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

    @Test func amountsHaveTheirUnits() {
        let texts = [0, 699_400, 999_000, 1_000_000, 210_400_000, 33_500_000_000].map(MemoryLimit.text)
        #expect(texts == ["0 kB", "699 kB", "999 kB", "1 MB", "210 MB", "33.5 GB"])
    }

    @Test func thisMachineHasMemory() {
        let limit = MemoryLimit.current
        #expect(limit.bytes > 0 && limit.bytes <= Int(clamping: ProcessInfo.processInfo.physicalMemory))
    }
}
