import Foundation

/// A terminal whose screen a test reads. What is written to `descriptor` comes out of ``finish()`` byte by byte.
public final class PseudoTerminal {
    /// The side of the program.
    public let descriptor: Int32
    private let screen: Int32

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

    deinit { close(screen) }

    /// Closes the program's side, and returns what was written until everybody else had closed theirs.
    public func finish() -> String {
        close(descriptor)
        var bytes: [UInt8] = [], piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(screen, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
