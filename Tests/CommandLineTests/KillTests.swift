import BuiltPrograms
import Checkpoints
import Digests
import Foundation
import TensorCore
import Testing
import TestSupport

/// Runs that are killed again and again, at whatever moment, come to the end of one that nobody touched.
///
/// `JACQUARD_KILLS` is how many kills of each program there are, and `JACQUARD_KILL_SEED` draws their moments;
/// `scripts/long-tests/kills` has many.
@Suite(.serialized) struct KillTests {
    /// A step takes less than a millisecond, a validation some, and the final score tens of them, so that kills hit them;
    /// without vectors a hundred times as much.
    @Test func languageModels() throws {
        let place = try Workplace(in: TemporaryFolder.memory)
        try place.write(Texts.sentences(100_000), to: "text.txt")
        try killed(
            place, data: "text.txt",
            tiny + [
                "--steps", "40", "--eval-every", "4", "--sample-every", "12", "--save-every", "10", "--dropout", "0.2",
                "--validation", "0.5",
            ], kills: Self.number("JACQUARD_KILLS") ?? 12)
    }

    @Test func autoencoders() throws {
        let place = try Workplace("ae", in: TemporaryFolder.memory)
        try place.makePictures(600, width: 48, height: 48)
        try killed(
            place, data: "pictures",
            [
                "--code", "4", "--channels", "6", "--hidden", "16", "--batch", "2", "--kind", "variational",
                "--augment-flip", "--steps", "120", "--eval-every", "3", "--save-every", "40", "--validation", "0.9",
            ], kills: Self.number("JACQUARD_KILLS").map { ($0 + 3) / 4 } ?? 4)
    }

    // MARK: Moments

    /// When a program is killed.
    private enum Moment: CaseIterable {
        /// After a while: in reading, training, validation, whatever comes.
        case atAnyTime
        /// When the store's log begins to grow: inside of a transaction, or right after it.
        case inASave
        /// While held-out data are scored.
        case inValidation
        /// While the final score is made.
        case atTheEnd
    }

    /// Kills a run, resumes it on other threads and another instruction set, and so on until it ends; then another one.
    private func killed(_ place: Workplace, data: String, _ options: [String], kills: Int) throws {
        var random = SeededNumbers(seed: UInt64(Self.number("JACQUARD_KILL_SEED") ?? 1))
        let begin = ContinuousClock.now
        let whole = try place.start(["train", data, "--name", "whole"] + options).wait()
        let duration = Int((ContinuousClock.now - begin) / .microseconds(1))
        #expect(whole.status == 0, "\(whole.errors)")
        let expected = try Remains("whole", at: place.path("checkpoints/jacquard.sqlite"))
        let sets = try Self.instructionSets(place, data)
        var killed = 0, chain = 0, byMoment: [Moment: Int] = [:]
        while killed < kills, chain < 10 + 2 * kills {
            chain += 1
            let name = "chain-\(chain)"
            var hasEnded = false, attempt = 0
            while !hasEnded {
                let mayKill = killed < kills && attempt < 12
                attempt += 1
                // Killed early enough, it is not there at all.
                let run = try place.run("runs", "--json").jsonArray.first { $0["run"] as? String == name }
                // Killed late enough, it had come to its end.
                hasEnded = run?["status"] as? String == "finished"
                if hasEnded { break }
                let running = try place.start(
                    (run == nil ? ["train", data, "--name", name] + options : ["train", "--resume", name])
                        + ["--threads", "\(1 + random.next(3))"],
                    environment: ["JACQUARD_ISA": sets[random.next(sets.count)]])
                guard mayKill else {
                    let result = running.wait()
                    #expect(result.status == 0, "\(name): \(result.errors)")
                    hasEnded = true
                    break
                }
                // One of those that had the fewest kills so far.
                let fewest = Moment.allCases.map { byMoment[$0, default: 0] }.min()
                let moments = Moment.allCases.filter { byMoment[$0, default: 0] == fewest }
                let moment = moments[random.next(moments.count)]
                wait(running, for: moment, of: duration, at: place, &random)
                running.signal(SIGKILL)
                let result = running.wait()
                if result.status == -Int(SIGKILL) {
                    killed += 1
                    byMoment[moment, default: 0] += 1
                } else {
                    // It was faster.
                    #expect(result.status == 0, "\(name): \(result.errors)")
                    hasEnded = result.status == 0
                    if !hasEnded { return }
                }
            }
            let remains = try Remains(name, at: place.path("checkpoints/jacquard.sqlite"))
            #expect(
                remains == expected, "\(name), after \(killed) kills; seed \(Self.number("JACQUARD_KILL_SEED") ?? 1)")
            #expect(try place.run("remove", name, "--yes").status == 0)
        }
        for moment in Moment.allCases { #expect(byMoment[moment, default: 0] >= kills / 4, "\(moment)") }
        let counts = byMoment.map { "\($0.key) \($0.value)" }.sorted()
        print("\(place.program.path): \(killed) kills in \(chain) runs: \(counts)")
    }

    /// - Parameter duration: microseconds that a whole run takes.
    private func wait(
        _ running: RunningProgram, for moment: Moment, of duration: Int, at place: Workplace,
        _ random: inout SeededNumbers
    ) {
        let log = place.path("checkpoints/jacquard.sqlite-wal")
        func size() -> Int {
            var status = stat()
            return stat(log, &status) == 0 ? Int(status.st_size) : 0
        }
        func sleep(until isSo: () -> Bool) { while running.isRunning, !isSo() { usleep(200) } }
        switch moment {
        case .atAnyTime: usleep(UInt32(random.next(duration)))
        case .inASave:
            for _ in 0...random.next(12) {
                let before = size()
                sleep { size() != before }
            }
            usleep(UInt32(random.next(600)))
        case .inValidation:
            // A few milliseconds after a save either few steps have been made, and the next save is there, or a
            // validation is going on.
            sleep { running.errorsSoFar.contains("Run ") }
            for _ in 0...random.next(20) {
                let before = size()
                sleep { size() != before }
            }
            usleep(UInt32(4_000 + random.next(8_000)))
        case .atTheEnd:
            sleep { running.errorsSoFar.contains("Scoring ") }
            usleep(UInt32(random.next(4000)))
        }
    }

    private static func number(_ variable: String) -> Int? {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
    }

    /// Those of this machine, as the refusal of another names them.
    private static func instructionSets(_ place: Workplace, _ data: String) throws -> [String] {
        let refused = try place.start(["train", data, "--dry-run"], environment: ["JACQUARD_ISA": "none"]).wait()
        let sets = try #require(refused.errors.firstMatch(of: /it has ([a-z0-9, ]+)\./)?.1).split(separator: ", ")
        return sets.map(String.init)
    }

    // MARK: What is left

    /// Everything that a run has left but its times.
    private struct Remains: Equatable {
        let latest: String
        let best: String
        let state: String
        let metrics: [String]
        let samples: [String]

        init(_ name: String, at path: String) throws {
            let store = try CheckpointStore.open(at: path, access: .readOnly)
            defer { try? store.close() }
            let run = try #require(try store.runs().first { $0.name == name })
            #expect(run.status == .finished, "\(name)")
            func fingerprint(_ checkpoint: Checkpoint) -> String {
                let sections = checkpoint.sections.map { "\($0.key) \(weightsSHA256(of: $0.value))" }.sorted()
                return "\(checkpoint.step) \(sections)"
            }
            let stored = try store.loadCheckpoint(.latest, of: run.id)
            latest = fingerprint(stored)
            best = fingerprint(try store.loadCheckpoint(.best, of: run.id))
            var json = try #require(try JSONSerialization.jsonObject(with: stored.state) as? [String: Any])
            json["seconds"] = nil
            state = String(
                decoding: try JSONSerialization.data(withJSONObject: json, options: .sortedKeys), as: UTF8.self)
            metrics = try store.metrics(of: run.id).map { "\($0.name) \($0.step) \($0.value)" }
            samples = try store.samples(of: run.id).map { "\($0.step) \($0.text)" }
        }
    }
}

/// Numbers that a seed draws: Steele, Lea and Flood's SplitMix64 (2014).
private struct SeededNumbers {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// From 0 to one less than the bound.
    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) >> 1) % bound
    }
}
