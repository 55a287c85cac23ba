public import Foundation
import Synchronization

/// The process that trains a run. A run has one at most: while it lives nobody else may train, rename or remove the run.
public struct RunOwner: Sendable, Equatable {
    /// The name of its machine.
    public let host: String
    /// Its process id there.
    public let process: Int32
    /// When it took the run.
    public let since: Date
    /// When it last said that it is there: at every save, and once a minute where it can.
    public let heartbeat: Date
    /// Whether it is taken to be there still. A process of this machine is looked up, and lives while it is suspended;
    /// one that cannot be looked up lives for five minutes after it was last heard of.
    public let isAlive: Bool
    /// Whether it can be looked up: it runs on this machine, and not in another container.
    public let isHere: Bool

    /// Seconds for which a process that cannot be looked up is believed to live.
    package static let trust = 300.0
}

extension RunOwner: CustomStringConvertible {
    /// "process 4711 on weaver, since 2026-03-01T09:30:00Z"
    public var description: String { "process \(process) on \(host), since \(since.formatted(.iso8601))" }
}

/// A row of the table `owner`.
struct OwnerRow {
    var token: String
    var identity: ProcessIdentity
    /// Of the store: a copy of the file holds the row as well, and is not what its process trains into.
    var file: String
    var since: Date
    var heartbeat: Date

    init(_ row: StoredRow) throws(StoreError) {
        token = try row.text("token")
        identity = ProcessIdentity(
            host: try row.text("host"), boot: try row.text("boot"), namespace: try row.text("namespace"),
            process: Int32(try row.integer("process", in: 0...Int(Int32.max))), start: try row.integer("process_start"))
        file = try row.text("file")
        since = try row.time("since")
        heartbeat = try row.time("heartbeat")
    }

    /// - Parameters:
    ///   - observer: who asks.
    ///   - file: the identity of the store that the row is in.
    func owner(seenBy observer: ProcessIdentity, file: String, now: Date) -> RunOwner {
        let isHere = identity.sharesProcesses(with: observer)
        return RunOwner(
            host: identity.host, process: identity.process, since: since, heartbeat: heartbeat,
            isAlive: isAlive(isHere: isHere, observer, file, now), isHere: isHere)
    }

    private func isAlive(isHere: Bool, _ observer: ProcessIdentity, _ file: String, _ now: Date) -> Bool {
        if LeftRuns.contains(token) { return false }
        if isHere {
            guard self.file == file, case .running(let start) = ProcessTable.look(for: identity.process) else {
                return false
            }
            if let start { return start == identity.start }
        } else if identity.host == observer.host, identity.boot != observer.boot, heartbeat < ProcessTable.bootTime {
            // This machine was started again since then. One of the same name elsewhere would have been heard of.
            return false
        }
        return now.timeIntervalSince(heartbeat) < RunOwner.trust
    }
}

/// The runs that this process has left without being able to say so in their stores: it lives, and has them no more.
enum LeftRuns {
    private static let tokens = Mutex<Set<String>>([])

    static func remove(_ token: String) { _ = tokens.withLock { $0.remove(token) } }
    static func add(_ token: String) { _ = tokens.withLock { $0.insert(token) } }
    static func contains(_ token: String) -> Bool { tokens.withLock { $0.contains(token) } }
}

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
