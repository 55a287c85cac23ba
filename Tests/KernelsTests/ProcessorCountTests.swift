import Foundation
import Kernels
import Testing

/// How many threads there are when nobody says.
@Suite struct ProcessorCountTests {
    @Test func theLeastQuotaOfAllGroupsAboveCounts() throws {
        let files = [
            "cpu.max": "max 100000\n", "user/cpu.max": "250000 100000\n", "user/job/cpu.max": "800000 100000\n",
            "user/job/small/cpu.max": "50000 100000\n", "other/cpu.max": "100000 100000\n",
        ]
        try controlGroups(files) { root in
            func quota(_ path: String) -> Int? {
                ProcessorCount.controlGroupQuota(membership: "0::\(path)\n", root: root)
            }
            #expect(quota("/user/job") == 3 && quota("/user/job/small") == 1)
            #expect(quota("/other") == 1 && quota("/") == nil && quota("/none") == nil)
            #expect(ProcessorCount.controlGroupQuota(membership: "", root: root) == nil)
        }
        // In a container the path is the host's, which is not there, and the group's own files are at the root.
        try controlGroups(["cpu.max": "400000 100000\n"]) { root in
            #expect(ProcessorCount.controlGroupQuota(membership: "0::/docker/abc\n", root: root) == 4)
        }
    }

    @Test func theFirstVersionCountsToo() throws {
        let files = [
            "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n", "cpu/job/cpu.cfs_quota_us": "150000\n",
            "cpu/job/cpu.cfs_period_us": "100000\n", "memory/job/cpu.cfs_quota_us": "1\n",
        ]
        try controlGroups(files) { root in
            let membership = "5:cpu,cpuacct:/job\n4:memory:/job\n1:name=systemd:/\n0::/\n"
            #expect(ProcessorCount.controlGroupQuota(membership: membership, root: root) == 2)
            #expect(ProcessorCount.controlGroupQuota(membership: "5:cpu,cpuacct:/\n", root: root) == nil)
        }
    }

    @Test func thisMachineHasProcessors() {
        #expect((1...ProcessInfo.processInfo.processorCount).contains(ProcessorCount.physicalAndAllowed))
    }
}
