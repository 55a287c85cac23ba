import BuiltPrograms
import Foundation
import Testing

/// Training for ever costs no more than training for a while: memory, open files, threads, the store and the time of a
/// step stay what they were. `scripts/test --long` sets `JACQUARD_ENDURANCE_STEPS` to a million.
@Suite(.serialized) struct EnduranceTests {
    static let longSteps = ProcessInfo.processInfo.environment["JACQUARD_ENDURANCE_STEPS"].flatMap { Int($0) }
    static let steps = longSteps ?? 20_000

    /// What a process holds at one moment.
    struct Moment {
        let step: Int
        /// kB of memory that are in use.
        let memory: Int
        let handles: Int
        let threads: Int
        /// Of the store without its log, which is moved into it after every save and may be half-way at any look.
        let storeBytes: Int
        /// Seconds of all processors.
        let work: Double

        init?(_ running: RunningProgram, _ place: Workplace, step: Int) {
            let process = "/proc/\(running.identifier)"
            func number(_ key: String) -> Int? {
                let status = (try? String(contentsOfFile: "\(process)/status", encoding: .utf8)) ?? ""
                let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
                return line.flatMap { Int($0.filter(\.isNumber)) }
            }
            let times =
                (try? String(contentsOfFile: "\(process)/stat", encoding: .utf8))?
                .split(separator: ")").last?.split(separator: " ").compactMap { Int($0) } ?? []
            guard let memory = number("VmRSS"), let threads = number("Threads"), times.count > 11,
                let handles = try? FileManager.default.contentsOfDirectory(atPath: "\(process)/fd").count
            else { return nil }
            (self.step, self.memory, self.threads, self.handles) = (step, memory, threads, handles)
            // Behind the state's letter: eight numbers until user and system time.
            work = Double(times[10] + times[11]) / Double(sysconf(Int32(_SC_CLK_TCK)))
            let store = try? FileManager.default.attributesOfItem(atPath: place.path("checkpoints/jacquard.sqlite"))
            storeBytes = (store?[.size] as? Int) ?? 0
        }
    }

    /// Trains and looks on, each time when something has been printed. How often that is depends on the machine and on
    /// what else it does, so that the run goes on until the steps are done and enough has been seen; then it is stopped.
    static func moments(_ place: Workplace, _ arguments: [String]) throws -> [Moment] {
        let running = try place.start(["train"] + arguments)
        var moments: [Moment] = [], seen = ""
        running.wait(until: {
            let errors = running.errorsSoFar
            guard errors.count > seen.count else { return false }
            seen = errors
            let step = errors.split(separator: "\n").last { $0.hasPrefix("step ") }
                .flatMap { Int($0.split(separator: " ")[1].filter(\.isNumber)) }
            if let step, step != moments.last?.step, let moment = Moment(running, place, step: step) {
                moments.append(moment)
            }
            guard let last = moments.last, last.step >= steps else { return false }
            return moments.count { $0.step >= steps / 5 } >= 8
        })
        running.signal(SIGINT)
        let result = running.wait()
        #expect(result.status == 130, "\(result.errors.suffix(500))")
        return moments
    }

    static func expectSteady(_ moments: [Moment], _ name: String) throws {
        let seen = moments.filter { $0.step >= steps / 5 }
        try #require(seen.count >= 3 && seen.last!.step >= steps)
        let (warm, middle, last) = (seen[0], seen[seen.count / 2], seen[seen.count - 1])
        let report = moments.enumerated().filter { $0.offset % max(1, moments.count / 10) == 0 }.map { _, moment in
            "step \(moment.step): \(moment.memory) kB, \(moment.handles) handles, \(moment.threads) threads, "
                + "store \(moment.storeBytes) bytes, \(moment.work) s"
        }
        if longSteps != nil { print(([name] + report).joined(separator: "\n")) }
        let what = Comment(rawValue: "\(name): \(report)")
        // While it saves or validates it holds more for a moment: the least of some moments is what it keeps.
        let (early, late) = (seen[...(seen.count / 2)], seen[(seen.count / 2 + 1)...])
        func least(_ moments: ArraySlice<Moment>, _ value: (Moment) -> Int) -> Int { moments.map(value).min() ?? 0 }
        #expect(least(late, \.memory) <= least(early, \.memory) + 1_024, what)
        // On a busy machine every moment may be one of a save, which has the log and its index open: a handful. What leaks
        // with every save comes to more.
        #expect(least(late, \.handles) < least(early, \.handles) + 8, what)
        #expect(least(late, \.threads) <= least(early, \.threads), what)
        // What is kept on purpose: some numbers of each validation.
        let validations = (last.step - warm.step) * 100 / steps
        #expect(least(late, \.storeBytes) <= least(early, \.storeBytes) + 131_072 + 1_024 * validations, what)
        guard longSteps != nil else { return }
        // Processor time a step, of the second half of the time against the first.
        let before = (middle.work - warm.work) / Double(middle.step - warm.step)
        let after = (last.work - middle.work) / Double(last.step - middle.step)
        #expect(after <= 1.3 * before + 0.1 / Double(last.step - middle.step), what)
    }

    private static var every: [String] {
        ["--steps", "\(1_000 * steps)", "--eval-every", "\(steps / 100)", "--save-every", "\(steps / 50)"]
    }

    @Test(arguments: longSteps == nil ? ["rnn:4"] : ["rnn:4", "lstm:5", "gru:3"]) func aTinyModelOfText(stack: String)
        throws
    {
        let place = try Workplace()
        try place.write(Texts.sentences(600), to: "text.txt")
        let options = [
            "text.txt", "--stack", stack, "--embedding", "3", "--batch", "2", "--window", "3", "--dropout", "0.1",
            "--sample-every", "\(Self.steps / 20)",
        ]
        try Self.expectSteady(Self.moments(place, options + Self.every), stack)
    }

    @Test func aTinyModelOfPictures() throws {
        let place = try Workplace("ae")
        try place.makePictures(20, width: 5, height: 4)
        let options = ["pictures", "--code", "1", "--channels", "none", "--hidden", "3", "--batch", "2"]
        try Self.expectSteady(Self.moments(place, options + Self.every), "pictures")
    }
}
