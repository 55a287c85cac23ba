package import Foundation

/// The process that trains a run. A run has one at most: while it lives nobody else may train, rename or remove the run.
package struct RunOwner: Sendable, Equatable {
    package let host: String
    package let process: Int32
    package let since: Date
    /// When it last said that it is there: at every save, and once a minute where it can.
    package let heartbeat: Date
    /// Whether it is taken to be there still. A process of this machine is looked up, and lives while it is suspended;
    /// one that cannot be looked up lives for five minutes after it was last heard of.
    package let isAlive: Bool
    /// Whether it can be looked up: it runs on this machine, and not in another container.
    package let isHere: Bool

    /// Seconds for which a process that cannot be looked up is believed to live.
    package static let trust = 300.0
}

extension RunOwner: CustomStringConvertible {
    /// "process 4711 on weaver, since 2026-03-01T09:30:00Z"
    package var description: String { "process \(process) on \(host), since \(since.formatted(.iso8601))" }
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
