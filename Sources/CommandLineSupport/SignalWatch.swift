import Foundation
import Synchronization

/// Turns Ctrl-C, a request to end, and a terminal that hangs up into a flag that training reads.
///
/// Outside training the first signal ends the process. Within it (``defersEnding(onFirst:)``) the first one sets the
/// flag, and only a second Ctrl-C or Ctrl-\, a second or more after the first, ends the process at once: a shell and
/// its terminal, both closing, send two signals for one wish, and so does a key that bounces.
///
/// The signals are blocked in every thread and taken by one that waits for them, so that nothing runs inside a handler.
/// Make it before any other thread: those made later inherit the mask.
package final class SignalWatch: Sendable {
    /// What training reads, often.
    private let isStopping = Atomic<Bool>(false)
    private let state = Mutex(State())

    struct State {
        /// The first signal that came while training.
        private(set) var first: Int32?
        private var firstKey: ContinuousClock.Instant?
        /// Nil outside training.
        var onFirst: (@Sendable () -> Void)?

        enum Answer { case endAtOnce, stop, none }

        mutating func answer(to number: Int32, at time: ContinuousClock.Instant) -> Answer {
            guard onFirst != nil else { return .endAtOnce }
            if [SIGINT, SIGQUIT].contains(number) {
                if let firstKey, firstKey.duration(to: time) >= .seconds(1) { return .endAtOnce }
                firstKey = firstKey ?? time
            }
            guard first == nil else { return .none }
            first = number
            return .stop
        }
    }

    package init() {
        var watched = sigset_t()
        sigemptyset(&watched)
        // What is ignored already (by nohup, or by a shell for its background jobs) stays so.
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] where !Self.isIgnored(number) { sigaddset(&watched, number) }
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

    /// From now on the first signal only sets the flag.
    /// - Parameter onFirst: called then, on a thread that takes signals and must be free for the next one.
    package func defersEnding(onFirst: @escaping @Sendable () -> Void) { state.withLock { $0.onFirst = onFirst } }

    /// From now on the first signal ends the process, unless one has come already: the process is then ending.
    package func endsAtOnce() {
        state.withLock { if $0.first == nil { $0.onFirst = nil } }
    }

    /// Whether a signal has come.
    package var shouldStop: Bool { isStopping.load(ordering: .relaxed) }

    /// What a shell expects of a process that a signal ended: 130 for Ctrl-C, 131 for Ctrl-\, 143 for SIGTERM, 129 for
    /// SIGHUP. Nil if none came.
    package var exitStatus: Int32? { state.withLock { $0.first.map { 128 + $0 } } }

    private func take(_ number: Int32) {
        let (answer, onFirst) = state.withLock { ($0.answer(to: number, at: .now), $0.onFirst) }
        switch answer {
        case .endAtOnce: _exit(128 + number)
        case .stop:
            isStopping.store(true, ordering: .relaxed)
            onFirst?()
        case .none: break
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
