import Foundation

/// How many threads to use when nobody says: the physical cores that this process may run on, and no more than
/// its control group's quota. A second hardware thread of a core adds nothing to multiply-adds.
package enum ProcessorCount {
    package static var physicalAndAllowed: Int {
        let allowed = allowedProcessors
        let cores = Set(
            allowed.map { cpu in
                let path = "/sys/devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list"
                return (try? String(contentsOfFile: path, encoding: .utf8)) ?? "cpu \(cpu)"
            })
        let physical = max(1, allowed.isEmpty ? ProcessInfo.processInfo.activeProcessorCount : cores.count)
        return min(physical, controlGroupQuota ?? physical)
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

    /// Whole processors granted by cgroup v2's `cpu.max` or v1's `cpu.cfs_quota_us`; nil without a limit.
    static var controlGroupQuota: Int? {
        func numbers(_ path: String) -> [Double] {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        }
        let v2 = numbers("/sys/fs/cgroup/cpu.max")
        if v2.count == 2, v2[1] > 0 { return max(1, Int((v2[0] / v2[1]).rounded(.up))) }
        let quota = numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
            period = numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
        guard let quota = quota.first, let period = period.first, quota > 0, period > 0 else { return nil }
        return max(1, Int((quota / period).rounded(.up)))
    }
}
