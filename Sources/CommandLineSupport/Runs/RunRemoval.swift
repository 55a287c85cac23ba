package import Checkpoints
import Foundation
import TrainingRuns

/// Removing runs, after asking.
package enum RunRemoval {
    package enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        case notConfirmed(runs: [String])

        package var description: String {
            switch self {
            case .notConfirmed(let runs):
                "nothing was removed: there is no terminal to ask on. Add --yes to remove \(runs.joined(separator: ", "))"
            }
        }
    }

    /// Removes all of them, or none if one is unknown or the user says no.
    /// - Returns: the names of those removed.
    package static func remove(
        _ names: [String], kind: String, from store: CheckpointStore, isConfirmed: Bool, console: Console
    ) throws -> [String] {
        var runs: [Run] = []
        for name in names {
            let run = try store.run(name == "latest" ? .latest : .named(name), kind: kind)
            if !runs.contains(run) { runs.append(run) }
        }
        for (run, start) in try derived(from: runs, in: store) {
            console.line(
                "note: run '\(run)' began with the weights of '\(start)', and cannot be made again without them")
        }
        if !isConfirmed {
            guard isatty(STDIN_FILENO) == 1, console.isTerminal else {
                throw Problem.notConfirmed(runs: runs.map(\.name))
            }
            console.line("Remove \(runs.map(\.name).joined(separator: ", ")) with all checkpoints? [y/N]")
            guard let answer = readLine()?.lowercased(), ["y", "yes"].contains(answer) else { return [] }
        }
        try store.remove(runs.map(\.id))
        return runs.map(\.name)
    }

    /// The runs that stay and began with weights of one of these.
    private static func derived(
        from runs: [Run], in store: CheckpointStore
    ) throws -> [(run: String, start: String)] {
        try store.runs().compactMap { run in
            guard !runs.contains(run), let start = run.startingPoint?.run,
                runs.contains(where: { $0.name == start && $0.createdAt <= run.createdAt })
            else { return nil }
            return (run.name, start)
        }
    }
}
