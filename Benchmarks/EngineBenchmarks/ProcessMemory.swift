import Foundation

/// Memory of this process as Linux counts it, in bytes; 0 where it does not say.
enum ProcessMemory {
    /// The most that was resident at any time.
    static var peak: Int { status("VmHWM:") }
    /// What is resident now.
    static var resident: Int { status("VmRSS:") }

    /// `VmHWM:	   12345 kB` of /proc/self/status. Unlike getrusage's, these do not begin with the parent's figures.
    private static func status(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return 0 }
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
