import Foundation

/// How much memory this process may take, and what says so: what a plan is compared with before anything is made.
package struct MemoryLimit: Equatable, Sendable {
    package enum Origin: Equatable, Sendable {
        /// The machine's memory.
        case machine
        /// A control group that the process is in, as containers and batch systems set it.
        case controlGroup
        /// `ulimit -v` or `ulimit -d`.
        case resourceLimit
    }

    package let bytes: Int
    package let origin: Origin

    package init(bytes: Int, origin: Origin) {
        self.bytes = bytes
        self.origin = origin
    }

    /// The least of all limits. Swap space does not count: training that is swapped out does not get on.
    package static var current: MemoryLimit {
        let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        var least = MemoryLimit(bytes: machine, origin: .machine)
        let ofGroups = controlGroupBytes(membership: ControlGroups.membership, root: ControlGroups.root)
        if let bytes = ofGroups, bytes < least.bytes {
            least = MemoryLimit(bytes: bytes, origin: .controlGroup)
        }
        if let bytes = resourceLimitBytes, bytes < least.bytes {
            least = MemoryLimit(bytes: bytes, origin: .resourceLimit)
        }
        return least
    }

    /// The least of the limits of a process's control groups and of those that they are in, of version 2 (`memory.max`)
    /// or 1 (`memory.limit_in_bytes`); nil without any.
    /// - Parameters:
    ///   - membership: a line `id:controllers:path` for each hierarchy.
    ///   - root: where the hierarchies are mounted.
    package static func controlGroupBytes(membership: String, root: String) -> Int? {
        let groups = ControlGroups.folders(of: "memory", membership: membership, root: root)
        let files = groups.second.map { $0 + "/memory.max" } + groups.first.map { $0 + "/memory.limit_in_bytes" }
        return files.compactMap { ControlGroups.numbers($0).first }.min()
    }

    private static var resourceLimitBytes: Int? {
        let limits = [RLIMIT_AS, RLIMIT_DATA].compactMap { resource -> Int? in
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else {
                return nil
            }
            return Int(clamping: limit.rlim_cur)
        }
        return limits.min()
    }
}

extension MemoryLimit: CustomStringConvertible {
    /// "this machine has 33.5 GB".
    package var description: String {
        let amount = Self.text(bytes)
        return switch origin {
        case .machine: "this machine has \(amount)"
        case .controlGroup: "the control group of this process allows \(amount)"
        case .resourceLimit: "the limits of this process (ulimit) allow \(amount)"
        }
    }

    /// "33.5 GB", "210 MB", "700 kB", in powers of ten.
    package static func text(_ bytes: Int) -> String {
        let value = Double(bytes)
        if value < 1e6 { return String(format: "%.0f kB", value / 1e3) }
        return value < 1e9 ? String(format: "%.0f MB", value / 1e6) : String(format: "%.1f GB", value / 1e9)
    }
}
