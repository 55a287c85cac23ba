import Foundation

/// What can go wrong with standard output.
package enum OutputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nobody reads any more, as with `| head`.
    case closed
    case failed(reason: String)

    package var description: String {
        switch self {
        case .closed: "nobody reads the output any more"
        case .failed(let reason): "cannot write the output: \(reason)"
        }
    }
}

/// Writes whole texts to a file descriptor.
struct DescriptorWriter {
    let descriptor: Int32

    func write(_ bytes: [UInt8]) throws(OutputError) {
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                start += written
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // A pipe that somebody made non-blocking, and that is full.
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waited, 1, 1000)
            case EPIPE, EBADF, EIO: throw .closed
            case let code: throw .failed(reason: String(cString: strerror(code)))
            }
        }
    }
}
