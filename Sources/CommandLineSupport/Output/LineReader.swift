import Foundation

/// Lines that somebody types. The terminal lets them be edited before Enter, which works everywhere; a signal ends the
/// waiting.
package final class LineReader {
    package enum Input: Equatable {
        /// Without its line end.
        case line([UInt8])
        /// Ctrl-D, or the terminal is gone.
        case end
        /// A signal has come.
        case interrupted
    }

    /// The most bytes that Linux lets a line of a terminal have; it drops what is typed after them.
    package static let longestLine = 4095

    private let descriptor: Int32
    private let signals: SignalWatch
    private let alarm: (read: Int32, write: Int32)
    private var buffer: [UInt8] = []
    private var hasEnded = false

    /// From now on the first signal ends the waiting for a line, and nothing else.
    package init(descriptor: Int32 = STDIN_FILENO, signals: SignalWatch) {
        (self.descriptor, self.signals) = (descriptor, signals)
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        alarm = (ends[0], ends[1])
        signals.defersEnding { [end = ends[1]] in
            _ = Foundation.write(end, [0], 1)
        }
    }

    deinit {
        // The other end stays open: the thread that takes signals may be writing to it.
        close(alarm.read)
    }

    package func next() -> Input {
        while true {
            if signals.shouldStop { return .interrupted }
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return .line(Array(buffer[..<end]))
            }
            if hasEnded {
                // What was typed before Ctrl-D was typed.
                defer { buffer = [] }
                return buffer.isEmpty ? .end : .line(buffer)
            }
            fill()
        }
    }

    private func fill() {
        var waited = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: alarm.read, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&waited, 2, -1) > 0, waited[0].revents != 0 else { return }
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &piece, piece.count)
        if count > 0 {
            buffer += piece[..<count]
        } else if count == 0 || errno != EINTR {
            hasEnded = true
        }
    }
}
