import CFailingDisk
import Foundation

/// What a command tries, and what it found.
final class Trial {
    /// Seconds that anybody waits for a lock. Whoever has it acts in the same thread, and will not give way.
    static let patience = 0.02

    private(set) var cases = 0
    private(set) var problems: [String] = []
    /// How often something was seen, for those who want to know what was tried.
    private(set) var counts: [String: Int] = [:]
    private let start = disk_seconds()

    func count(_ what: String) { counts[what, default: 0] += 1 }

    /// One case. What it throws is a problem, said with how to see it again.
    func attempt(_ again: @autoclosure () -> String, _ body: () throws -> Void) {
        cases += 1
        do {
            try body()
        } catch {
            problems.append("\(error)\n    again: \(again())")
            if problems.count <= 20 { print("FAULT \(problems.count): \(problems[problems.count - 1])") }
            fflush(nil)
        }
    }

    var isEnough: Bool { problems.count >= 20 }

    /// The last line that a command prints.
    func report(_ name: String, showsCounts: Bool = false) -> Bool {
        if showsCounts {
            for (what, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count) × \(what)") }
        }
        let seconds = disk_seconds() - start
        print("\(name): \(cases) cases, \(problems.count) faults, \(String(format: "%.1f", seconds)) s")
        return problems.isEmpty
    }
}
