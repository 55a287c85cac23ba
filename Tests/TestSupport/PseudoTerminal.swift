import Foundation

/// A terminal whose screen a test reads. What is written to `descriptor` comes out of ``finish()`` byte by byte.
public final class PseudoTerminal {
    /// The side of the program.
    public let descriptor: Int32
    private let screen: Int32
    private var isHandedOver = false
    private var shown: [UInt8] = []

    public init() throws {
        var screen: Int32 = -1, descriptor: Int32 = -1
        guard openpty(&screen, &descriptor, nil, nil, nil) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .ENODEV)
        }
        (self.screen, self.descriptor) = (screen, descriptor)
        // A program that a test starts would keep it open.
        for end in [screen, descriptor] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // Otherwise line feeds would come out as carriage return and line feed.
        var settings = termios()
        tcgetattr(descriptor, &settings)
        cfmakeraw(&settings)
        tcsetattr(descriptor, TCSANOW, &settings)
    }

    deinit {
        handOver()
        close(screen)
    }

    /// Waits until a program that has been started here writes something, or ends.
    public func waitForOutput() {
        handOver()
        _ = readSome()
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
