import BuiltPrograms
import Foundation
import Testing

/// Every signal that a program answers, while it validates and while it makes the final score; in training itself
/// ``ResumingTests`` and ``OwnershipTests`` send them.
@Suite(.serialized) struct SignalTests {
    enum Phase: CaseIterable { case validating, scoring }

    /// A small model and much to score: half of the text is held out.
    private static let options =
        tiny + ["--steps", "60", "--eval-every", "20", "--validation", "0.5"]

    @Test(arguments: [SIGINT, SIGQUIT, SIGTERM, SIGHUP], Phase.allCases)
    func isAnsweredWhateverIsGoingOn(number: Int32, phase: Phase) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(200_000), to: "text.txt")
        let undisturbed = try Self.undisturbed.get()
        var result = try Self.interrupted(place, by: number, in: phase)
        // One that comes when the last number has just been computed changes nothing any more.
        for _ in 0..<20 where result.status == 0 {
            #expect(result.errors.contains("Finished after 60 steps"))
            #expect(try place.run("remove", "cut", "--yes").status == 0)
            result = try Self.interrupted(place, by: number, in: phase)
        }
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
        let place = try Workplace()
        try place.write(Texts.sentences(200_000), to: "text.txt")
        #expect(try place.start(["train", "text.txt", "--name", "whole"] + options).wait().status == 0)
        return try Outcome(place, "whole")
    }

    private static func interrupted(_ place: Workplace, by number: Int32, in phase: Phase) throws -> Program.Result {
        let running = try place.start(
            ["--default-signal=INT,QUIT,TERM,HUP", place.program.path, "train", "text.txt", "--name", "cut"] + options,
            of: "/usr/bin/env")
        switch phase {
        case .validating: running.waitFor("step 20 ")
        case .scoring: running.waitFor("Scoring ")
        }
        running.signal(number)
        return running.wait()
    }

    /// Signals that no program of ours watches end it at once; what was saved goes on.
    @Test(arguments: [SIGUSR1, SIGALRM]) func othersEndAtOnceAndLoseNothing(number: Int32) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        let options = tiny + ["--steps", "400", "--eval-every", "50", "--save-every", "20"]
        #expect(try place.start(["train", "text.txt", "--name", "whole"] + options).wait().status == 0)
        let running = try place.start(["train", "text.txt", "--name", "cut"] + options)
        running.waitFor("step 50 ")
        running.signal(number)
        let result = running.wait()
        #expect(result.status == -Int(number) || result.status == 0, "\(result.errors)")
        if result.status != 0 { #expect(try place.run("train", "--resume", "cut").status == 0) }
        #expect(try place.fingerprint("cut") == place.fingerprint("whole"))
    }
}
