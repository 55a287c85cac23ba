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
        if let bytes = controlGroupBytes(), bytes < least.bytes {
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
    ///   - membership: `/proc/self/cgroup`: a line `id:controllers:path` for each hierarchy.
    ///   - root: where the hierarchies are mounted.
    package static func controlGroupBytes(
        membership: String = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? "",
        root: String = "/sys/fs/cgroup"
    ) -> Int? {
        var limits: [Int] = []
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let place: (folder: String, file: String)
            if fields[1].isEmpty {
                place = (root, "memory.max")
            } else if fields[1].split(separator: ",").contains("memory") {
                place = (root + "/memory", "memory.limit_in_bytes")
            } else {
                continue
            }
            // A limit above counts as well. In a container the path may be the host's, and its own group the root.
            var parts = fields[2].split(separator: "/")[...]
            while true {
                let path = ([place.folder] + parts.map(String.init) + [place.file]).joined(separator: "/")
                if let text = try? String(contentsOfFile: path, encoding: .utf8),
                    let bytes = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
                {
                    limits.append(bytes)
                }
                if parts.popLast() == nil { break }
            }
        }
        return limits.min()
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

    /// "33.5 GB", "210 MB", in powers of ten.
    package static func text(_ bytes: Int) -> String {
        let value = Double(bytes)
        return value < 1e9 ? String(format: "%.0f MB", value / 1e6) : String(format: "%.1f GB", value / 1e9)
    }
}
