import Foundation

/// How many threads to use when nobody says: the physical cores that this process may run on, and no more than
/// its control groups' quota. A second hardware thread of a core adds nothing to multiply-adds.
package enum ProcessorCount {
    package static var physicalAndAllowed: Int {
        let allowed = allowedProcessors
        let cores = Set(
            allowed.map { cpu in
                let path = "/sys/devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list"
                return (try? String(contentsOfFile: path, encoding: .utf8)) ?? "cpu \(cpu)"
            })
        let physical = max(1, allowed.isEmpty ? ProcessInfo.processInfo.activeProcessorCount : cores.count)
        let quota = controlGroupQuota(membership: ControlGroups.membership, root: ControlGroups.root)
        return min(physical, quota ?? physical)
    }

    /// The affinity mask as the kernel prints it: `Cpus_allowed_list: 0-3,8`.
    static var allowedProcessors: [Int] {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") }) else {
            return []
        }
        return line.dropFirst("Cpus_allowed_list:".count).split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard let low = ends.first, let high = ends.last, low <= high else { return [] }
            return Array(low...high)
        }
    }

    /// Whole processors granted by the least quota of a process's control groups and of those that they are in, of version
    /// 2 (`cpu.max`) or 1 (`cpu.cfs_quota_us`); nil without any.
    /// - Parameters:
    ///   - membership: a line `id:controllers:path` for each hierarchy.
    ///   - root: where the hierarchies are mounted.
    package static func controlGroupQuota(membership: String, root: String) -> Int? {
        let groups = ControlGroups.folders(of: "cpu", membership: membership, root: root)
        // Each a quota and a period, in microseconds; without a limit the quota is `max` or -1.
        let pairs =
            groups.second.map { ControlGroups.numbers($0 + "/cpu.max") }
            + groups.first.map { folder in
                ["/cpu.cfs_quota_us", "/cpu.cfs_period_us"].flatMap { ControlGroups.numbers(folder + $0) }
            }
        let quotas = pairs.filter { $0.count == 2 && $0[0] > 0 && $0[1] > 0 }.map { Double($0[0]) / Double($0[1]) }
        return quotas.min().map { max(1, Int($0.rounded(.up))) }
    }
}
