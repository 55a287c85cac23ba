import Foundation
import Synchronization

/// Turns Ctrl-C, a request to end, and a terminal that hangs up into a flag that training reads.
///
/// While ``defersEnding(_:)`` is on, the first signal sets the flag and the second ends the process at once; otherwise
/// the first one does. The signals are blocked in every thread and taken by one that waits for them, so that nothing
/// runs inside a handler. Make it before any other thread: those made later inherit the mask.
public final class SignalWatch: Sendable {
    private let received = Atomic<Int32>(0)
    private let isDeferring = Atomic<Bool>(false)

    public init() {
        var watched = sigset_t()
        sigemptyset(&watched)
        // What is ignored already (by nohup, or by a shell for its background jobs) stays so.
        for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) { sigaddset(&watched, number) }
        pthread_sigmask(SIG_BLOCK, &watched, nil)
        let thread = Thread { [self, watched] in
            var watched = watched
            while true {
                var number: Int32 = 0
                if sigwait(&watched, &number) == 0 { take(number) }
            }
        }
        thread.stackSize = 64 << 10
        thread.start()
    }

    /// Whether the first signal only sets the flag.
    public func defersEnding(_ defers: Bool) { isDeferring.store(defers, ordering: .releasing) }

    /// Whether a signal has come.
    public var shouldStop: Bool { received.load(ordering: .relaxed) != 0 }

    /// What a shell expects of a process that a signal ended: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP. Nil if
    /// none came.
    public var exitStatus: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }

    private func take(_ number: Int32) {
        let isFirst = received.exchange(number, ordering: .acquiringAndReleasing) == 0
        guard isFirst, isDeferring.load(ordering: .acquiring) else { _exit(128 + number) }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
