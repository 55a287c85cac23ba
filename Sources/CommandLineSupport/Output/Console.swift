import FileTrees
import Foundation

/// Standard error: messages, and a line of progress.
///
/// On a terminal that line is rewritten in place, and messages go above it. Elsewhere it becomes an ordinary line now
/// and then. Names in messages may hold anything: control characters are shown, whoever reads.
package final class Console {
    package let isTerminal: Bool
    /// Whether nobody reads standard error any more.
    package private(set) var isClosed = false
    private let descriptor: Int32
    private let now: () -> ContinuousClock.Instant
    private let start: ContinuousClock.Instant
    private var pacing: Pacing
    private var showsProgress = false

    /// - Parameters:
    ///   - isTerminal: nil finds out.
    ///   - now: the time that progress is paced by.
    package init(
        descriptor: Int32 = STDERR_FILENO, isTerminal: Bool? = nil,
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        (self.descriptor, self.now, start) = (descriptor, now, now())
        self.isTerminal = isTerminal ?? Terminal.isTerminal(descriptor)
        pacing = Pacing(interval: self.isTerminal ? 0.1 : 10)
    }

    package func line(_ text: String = "") {
        clearProgress()
        write(VisibleText.line(text) + "\n")
    }

    /// Several lines at once.
    func text(_ text: String) {
        clearProgress()
        write(VisibleText.block(text) + "\n")
    }

    /// Shows progress if it is time to; the text is made only then.
    package func progress(_ text: () -> String) {
        guard pacing.isDue(at: (now() - start) / .seconds(1)) else { return }
        let text = VisibleText.line(text())
        if isTerminal {
            showsProgress = true
            write("\r" + Terminal.prefix(text, columns: (Terminal.width(descriptor) ?? 80) - 1) + "\u{1B}[K")
        } else {
            write(text + "\n")
        }
    }

    /// The first parts, joined, as many as fit into one line of the terminal.
    package func fitting(_ parts: [String]) -> String {
        let limit = isTerminal ? (Terminal.width(descriptor) ?? 80) - 1 : .max
        var line = ""
        for part in parts {
            let longer = line.isEmpty ? part : line + "  " + part
            guard Terminal.columns(longer) <= limit else { break }
            line = longer
        }
        return line
    }

    /// Shows what is being done while there is no progress to tell of; on a terminal only.
    package func status(_ text: String) {
        guard isTerminal else { return }
        pacing.reset()
        progress { text }
    }

    /// Takes the line of progress away; the next one may come at once.
    package func clearProgress() {
        guard showsProgress else { return }
        write("\r\u{1B}[K")
        showsProgress = false
        pacing.reset()
    }

    /// Says something on a console from a thread other than the one that uses it, if that is possible without waiting.
    struct Announcer: Sendable {
        private let descriptor: Int32
        private let isTerminal: Bool

        init(_ console: Console) { (descriptor, isTerminal) = (console.descriptor, console.isTerminal) }

        func announce(_ text: String) {
            // A line of progress, and the "^C" of the terminal, give way.
            let line = (isTerminal ? "\r\u{1B}[K" : "") + VisibleText.line(text) + "\n"
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&ready, 1, 0) == 1, ready.revents & Int16(POLLOUT) != 0 else { return }
            try? DescriptorWriter(descriptor: descriptor).write(Array(line.utf8))
        }
    }

    private func write(_ text: String) {
        guard !isClosed else { return }
        do {
            try DescriptorWriter(descriptor: descriptor).write(Array(text.utf8))
        } catch .closed {
            isClosed = true
        } catch {
            // A full disk under a log file is no reason to lose a run.
        }
    }
}
