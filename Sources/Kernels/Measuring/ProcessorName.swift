import Foundation

/// What the system calls its processor.
package enum ProcessorName {
    /// "AMD EPYC"; nil where the system does not say, as on many ARM machines.
    package static var current: String? {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        if let name = name(in: information) { return name }
        let tree = (try? String(contentsOfFile: "/proc/device-tree/model", encoding: .utf8)) ?? ""
        let board = tree.trimmingCharacters(in: .controlCharacters.union(.whitespacesAndNewlines))
        return board.isEmpty ? nil : board
    }

    /// In the text of `/proc/cpuinfo`: x86 has a model name, ARM boards at best a model.
    package static func name(in information: String) -> String? {
        let lines = information.split(whereSeparator: \.isNewline).map {
            $0.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for key in ["model name", "cpu model", "Model", "Hardware"] {
            if let line = lines.first(where: { $0.count == 2 && $0[0] == key && !$0[1].isEmpty }) {
                return line[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
        }
        return nil
    }
}
