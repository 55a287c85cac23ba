import Foundation

/// Who may touch what a checkpoint holds: the thread that trains, except while it computes what may be given up.
///
/// A step changes nothing that is kept before its gradients are applied. So another thread can save the state before
/// it and end the session, however long the step takes: the thread that trains finds out when it comes back.
final class Turn: @unchecked Sendable {
    private let lock = NSLock()
    private var isTraining = false
    private(set) var ending: Result<TrainingOutcome, any Error>?

    /// Thrown on the thread that trains when another one has ended the session.
    struct BrokenOff: Error {}

    /// Waits, if need be, until another thread has ended the session before.
    func begin() {
        lock.lock()
        (isTraining, ending) = (true, nil)
    }

    func end() {
        isTraining = false
        lock.unlock()
    }

    /// On the thread that trains, when it is done.
    var wasBrokenOff: Bool { ending != nil }

    /// Runs what changes nothing that is kept.
    /// - Throws: ``BrokenOff``, and what the body throws.
    func computing<Result>(_ body: () throws -> Result) throws -> Result {
        lock.unlock()
        let result = Swift.Result { try body() }
        lock.lock()
        if ending != nil { throw BrokenOff() }
        return try result.get()
    }

    /// Within ``computing(_:)``, on the thread that trains: runs something that touches the store.
    func meanwhile(_ body: () -> Void) {
        lock.lock()
        defer { lock.unlock() }
        if ending == nil { body() }
    }

    /// Ends the session from another thread, once the one that trains computes.
    /// - Returns: nil if it had ended already.
    func breakOff(_ body: () throws -> TrainingOutcome) throws -> TrainingOutcome? {
        lock.lock()
        defer { lock.unlock() }
        guard isTraining, ending == nil else { return nil }
        let result = Result { try body() }
        ending = result
        return try result.get()
    }
}
