import Foundation

/// Where a process's control groups say what it may take, as containers and batch systems set it.
enum ControlGroups {
    /// A line `id:controllers:path` for each hierarchy that this process is in.
    static var membership: String { (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? "" }
    /// Where the hierarchies are mounted.
    static let root = "/sys/fs/cgroup"

    /// The folders of the groups with a controller, and of those that they are in, whose limits count as well: of version
    /// 2, where all controllers share one hierarchy, and of version 1.
    static func folders(
        of controller: String, membership: String, root: String
    ) -> (second: [String], first: [String]) {
        var folders: (second: [String], first: [String]) = ([], [])
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            // In a container the path may be the host's, and its own group the root.
            let parts = fields[2].split(separator: "/").map(String.init)
            func above(_ root: String) -> [String] {
                (0...parts.count).map { ([root] + parts[..<$0]).joined(separator: "/") }
            }
            if fields[1].isEmpty {
                folders.second += above(root)
            } else if fields[1].split(separator: ",").contains(Substring(controller)) {
                folders.first += above(root + "/" + controller)
            }
        }
        return folders
    }

    /// The numbers in a file; none where it is not there, or says `max`.
    static func numbers(_ path: String) -> [Int] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }
}
