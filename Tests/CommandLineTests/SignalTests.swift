import BuiltPrograms
import Foundation
import Testing
import TestSupport

/// Every signal that a program answers, while it validates and while it makes the final score; in training itself
/// ``ResumingTests`` and ``OwnershipTests`` send them.
@Suite(.serialized) struct SignalTests {
    enum Phase: CaseIterable { case validating, scoring }

    /// Few steps and much to score: a validation takes a seventh of a second, a step some milliseconds.
    private static let options = [
        "--hidden", "128", "--layers", "1", "--embedding", "8", "--batch", "4", "--window", "16", "--steps", "3",
        "--eval-every", "1", "--validation", "0.5",
    ]

    private static func workplace() throws -> Workplace {
        let place = try Workplace(in: TemporaryFolder.memory)
        try place.write(Texts.sentences(150_000), to: "text.txt")
        return place
    }

    @Test(arguments: [SIGINT, SIGQUIT, SIGTERM, SIGHUP], Phase.allCases)
    func isAnsweredWhateverIsGoingOn(number: Int32, phase: Phase) throws {
        let place = try Self.workplace(), undisturbed = try Self.undisturbed.get()
        var result = try Self.interrupted(place, by: number, in: phase), attempts = 1
        // One that comes beside what is meant, or when the last number has just been computed, is sent again.
        while attempts < 20, try !Self.isIncomplete(phase, in: place) {
            #expect(try place.run("remove", "cut", "--yes").status == 0)
            result = try Self.interrupted(place, by: number, in: phase)
            attempts += 1
        }
        #expect(try Self.isIncomplete(phase, in: place), "\(attempts) attempts")
        #expect(result.status == 128 + Int(number), "\(result.errors)")
        #expect(result.errors.contains("charnn train --resume cut"), "\(result.errors)")
        let resumed = try place.run("train", "--resume", "cut", "--threads", "2")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try Outcome(place, "cut") == undisturbed)
    }

    /// What a run comes to.
    private struct Outcome: Equatable {
        let fingerprint: String
        let bestValidation: Double

        init(_ place: Workplace, _ run: String) throws {
            fingerprint = try place.fingerprint(run)
            bestValidation = try #require(place.run("show", run, "--json").json["best_validation_nats"] as? Double)
        }
    }

    /// The same for all: nobody sends a signal to it.
    private static let undisturbed = Result {
        let place = try workplace()
        #expect(try place.start(["train", "text.txt", "--name", "whole"] + options).wait().status == 0)
        return try Outcome(place, "whole")
    }

    private static func interrupted(_ place: Workplace, by number: Int32, in phase: Phase) throws -> Program.Result {
        let running = try place.start(
            ["--default-signal=INT,QUIT,TERM,HUP", place.program.path, "train", "text.txt", "--name", "cut"] + options,
            of: "/usr/bin/env")
        switch phase {
        case .validating:
            // The validation of step 1 is over; the one of step 2 begins as soon as that is saved, and the step is made.
            running.waitFor("step 1 ")
            usleep(60_000)
        case .scoring: running.waitFor("Scoring ")
        }
        running.signal(number)
        return running.wait()
    }

    /// Whether the run ended inside of what it was to be interrupted in: at a step that has no validation, or after the
    /// last one without a score.
    private static func isIncomplete(_ phase: Phase, in place: Workplace) throws -> Bool {
        let run = try place.run("show", "cut", "--json").json, steps = try #require(run["steps"] as? Int)
        let metrics = try #require(run["metrics"] as? [[String: Any]])
        func has(_ metric: String) -> Bool {
            metrics.contains { $0["name"] as? String == metric && $0["step"] as? Int == steps }
        }
        return switch phase {
        case .validating: steps == 2 && !has("validation_loss")
        case .scoring: steps == 3 && has("validation_loss") && run["status"] as? String == "interrupted"
        }
    }

    /// Signals that no program of ours watches end it at once; what was saved goes on.
    @Test(arguments: [SIGUSR1, SIGALRM]) func othersEndAtOnceAndLoseNothing(number: Int32) throws {
        let place = try Workplace(in: TemporaryFolder.memory)
        try place.write(Texts.sentences(4000), to: "text.txt")
        let options = tiny + ["--steps", "100000", "--eval-every", "50", "--save-every", "20"]
        let whole = try place.start(["train", "text.txt", "--name", "whole", "--stop-after", "2000"] + options).wait()
        #expect(whole.status == 0, "\(whole.errors)")
        // The threads that tests run on block signals, and a program that they start inherits that.
        let running = try place.start(
            ["--default-signal=USR1,ALRM", place.program.path, "train", "text.txt", "--name", "cut"] + options,
            of: "/usr/bin/env")
        running.waitFor("step 50 ")
        running.signal(number)
        let result = running.wait()
        #expect(result.status == -Int(number), "\(result.errors)")
        let resumed = try place.run("train", "--resume", "cut", "--stop-after", "2000")
        #expect(resumed.status == 0 && resumed.errors.contains("after step 2,000"), "\(resumed.errors)")
        #expect(try place.fingerprint("cut") == place.fingerprint("whole"))
    }
}
