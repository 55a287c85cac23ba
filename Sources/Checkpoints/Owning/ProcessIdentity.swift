import Foundation

/// One process among all that were and will be, on all machines that reach a store. A process id alone is used again.
package struct ProcessIdentity: Sendable, Equatable {
    package var host: String
    /// Names the time since the machine was started; empty where the system does not say.
    package var boot: String
    /// Names the set of processes in which `process` is unique: a container has one of its own.
    package var namespace: String
    package var process: Int32
    /// When the process was started, in ticks of the kernel's clock since the machine was; 0 if unknown.
    package var start: Int

    package init(host: String, boot: String, namespace: String, process: Int32, start: Int) {
        (self.host, self.boot, self.namespace) = (host, boot, namespace)
        (self.process, self.start) = (process, start)
    }

    package static var current: ProcessIdentity {
        var start = 0
        if case .running(let found) = ProcessTable.look(for: getpid()) { start = found ?? 0 }
        let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
        return ProcessIdentity(
            host: ProcessInfo.processInfo.hostName,
            boot: boot.trimmingCharacters(in: .whitespacesAndNewlines),
            namespace: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? "",
            process: getpid(), start: start)
    }

    /// Whether the ids of processes mean the same to both.
    package func sharesProcesses(with other: ProcessIdentity) -> Bool {
        host == other.host && boot == other.boot && namespace == other.namespace
    }
}

/// What the system says of its processes.
enum ProcessTable {
    enum Entry: Equatable {
        /// Suspended ones too. `start` as in ``ProcessIdentity``; nil where another user's process hides it.
        case running(start: Int?)
        case gone
    }

    static func look(for process: Int32) -> Entry {
        // Without permission to send it a signal it is there all the same.
        guard process > 0, kill(process, 0) == 0 || errno == EPERM else { return .gone }
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The name of the program comes second, in parentheses, and may hold anything.
            let end = text.lastIndex(of: ")")
        else { return .running(start: nil) }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // Killed, and waiting for its parent to notice.
        if let state = fields.first, ["Z", "X", "x"].contains(state) { return .gone }
        return .running(start: fields.count > 19 ? Int(fields[19]) : nil)
    }

    /// When this machine was started.
    static var bootTime: Date {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Date(timeIntervalSinceNow: -(Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9))
    }
}
