import Foundation

/// A terminal whose screen a test reads. What is written to `descriptor` comes out of ``finish()`` byte by byte.
public final class PseudoTerminal {
    /// The side of the program.
    public let descriptor: Int32
    private let screen: Int32
    private var isHandedOver = false
    private var isClosed = false
    private var shown: [UInt8] = []
    /// What ``waitFor(_:)`` has seen already.
    private var seen = 0

    /// - Parameters:
    ///   - columns: of the screen; nil: the terminal does not say.
    ///   - takesLines: what is typed comes to the program line by line, as a person's terminal has it, and Ctrl-D is the
    ///     end; nothing typed is shown. Otherwise every byte comes as it is.
    public init(columns: UInt16? = nil, takesLines: Bool = false) throws {
        var screen: Int32 = -1, descriptor: Int32 = -1
        guard openpty(&screen, &descriptor, nil, nil, nil) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .ENODEV)
        }
        (self.screen, self.descriptor) = (screen, descriptor)
        // A program that a test starts would keep it open.
        for end in [screen, descriptor] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        if let columns {
            var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
        }
        // Otherwise line feeds would come out as carriage return and line feed.
        var settings = termios()
        tcgetattr(descriptor, &settings)
        if takesLines {
            settings.c_lflag &= ~tcflag_t(ECHO | ECHOE | ECHOK | ECHOCTL)
            settings.c_oflag &= ~tcflag_t(OPOST)
        } else {
            cfmakeraw(&settings)
        }
        tcsetattr(descriptor, TCSANOW, &settings)
    }

    deinit {
        hangUp()
    }

    /// Closes the terminal, as when its window is closed: whoever runs in it is sent a hang-up.
    public func hangUp() {
        handOver()
        if !isClosed { close(screen) }
        isClosed = true
    }

    /// Waits until a program that has been started here writes something, or ends.
    public func waitForOutput() {
        handOver()
        _ = readSome()
    }

    /// Waits until a program that has been started here shows a text after what was waited for before, or ends.
    public func waitFor(_ text: String) {
        handOver()
        while true {
            if let range = Data(shown).range(of: Data(text.utf8), in: min(seen, shown.count)..<shown.count) {
                seen = range.upperBound
                return
            }
            guard readSome() else { return }
        }
    }

    /// Presses keys.
    public func type(_ keys: String) {
        handOver()
        let bytes = Array(keys.utf8)
        _ = write(screen, bytes, bytes.count)
    }

    /// What was written until everybody else had closed the program's side.
    public func finish() -> String {
        handOver()
        while readSome() {}
        return String(decoding: shown, as: UTF8.self)
    }

    /// From here on the program's side is open only where a program has it.
    private func handOver() {
        if !isHandedOver { close(descriptor) }
        isHandedOver = true
    }

    private func readSome() -> Bool {
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = read(screen, &piece, piece.count)
        shown += piece[..<max(0, count)]
        return count > 0
    }
}
