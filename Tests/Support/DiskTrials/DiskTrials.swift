import CFailingDisk
import Foundation

/// Breaks the disk under stores, models and files in every way it can, and says what did not stand it.
///
///     DiskTrials cuts SCENARIO COUNT [--seed N] [--compound N] [--lie ENDING]
///     DiskTrials files [--every N] [--cuts N] [--seed N] [--only FILE-true]
///     DiskTrials histories COUNT [--seed N] [--log yes]
///     DiskTrials show SCENARIO
///     DiskTrials faults SCENARIO [--every N] [--seed N] [--case CASE]
@main
enum DiskTrials {
    static func main() {
        var status: Int32 = 1
        do {
            status = try run(Array(CommandLine.arguments.dropFirst())) ? 0 : 1
        } catch {
            print("\(error)")
        }
        Disk.unwatch()
        try? FileManager.default.removeItem(atPath: Disk.home)
        exit(status)
    }

    private static func run(_ arguments: [String]) throws -> Bool {
        var words: [String] = [], options: [String: String] = [:], rest = arguments[...]
        while let word = rest.popFirst() {
            if word.hasPrefix("--") {
                options[String(word.dropFirst(2))] = rest.popFirst() ?? ""
            } else {
                words.append(word)
            }
        }
        let trial = Trial(), seed = options["seed"].flatMap { UInt64($0) } ?? 1
        if let ending = options["lie"] { disk_ignore_synchronizing(ending) }
        switch words.first {
        case "cuts" where words.count == 3:
            let count = UInt64(words[2]) ?? 1, compound = options["compound"].flatMap { Int($0) } ?? 10
            for scenario in words[1] == "all" ? Scenario.all : [try Scenario.named(words[1])] {
                try PowerCuts(scenario: scenario, trial: trial).run(seeds: seed..<seed + count, compound: compound)
            }
        case "histories" where words.count == 2:
            try Undisturbed.prepare()
            for number in seed..<seed + (UInt64(words[1]) ?? 1) where !trial.isEnough {
                let history = WholeHistory(seed: number, trial: trial)
                trial.attempt("DiskTrials histories 1 --seed \(number)\n" + history.log.joined(separator: "\n")) {
                    try history.play(events: 8)
                }
                if options["log"] != nil { print("seed \(number)\n" + history.log.joined(separator: "\n")) }
            }
        case "files":
            try FileFaults(trial: trial).run(
                every: options["every"].flatMap { Int($0) } ?? 1, seed: Int(seed),
                cuts: options["cuts"].flatMap { Int($0) } ?? 100, only: options["only"])
        case "show" where words.count == 2: try PowerCuts(scenario: .named(words[1]), trial: trial).show()
        case "faults" where words.count == 2:
            let only = options["case"].flatMap { DiskFaults.Case($0) }
            for scenario in words[1] == "all" ? Scenario.all : [try Scenario.named(words[1])] {
                try DiskFaults(scenario: scenario, trial: trial).run(
                    every: options["every"].flatMap { Int($0) } ?? 1, seed: Int(seed), only: only)
            }
        default:
            throw Problem(
                "usage: DiskTrials cuts SCENARIO COUNT, faults SCENARIO, histories COUNT, files, or show SCENARIO")
        }
        return trial.report(words.joined(separator: " "), showsCounts: options["counts"] != nil)
    }
}
