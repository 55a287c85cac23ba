import Foundation
import Testing

extension Workplace {
    /// Ends trainings of run `whole`'s kind by signals and resumes them: each says how to go on, leaves nothing but the
    /// store beside what was there, and comes to the weights of the run that was left alone.
    ///
    /// - Parameter files: the files to look at, without the store.
    package func expectSignalsToSave(training input: String, _ options: [String], files: () -> [String]) throws {
        let name = URL(fileURLWithPath: program.path).lastPathComponent, before = files()
        #expect(try start(["train", input, "--name", "whole"] + options).wait().status == 0)
        let whole = try fingerprint("whole")
        for (number, status) in [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] {
            // A shell that runs the tests in the background may have made signals ignored.
            let running = try start(
                ["--default-signal=INT,TERM,HUP", program.path, "train", input, "--name", "cut-\(status)"] + options,
                of: "/usr/bin/env")
            running.waitFor("step 200 ")
            running.signal(number)
            let result = running.wait()
            #expect(result.status == status, "\(result.errors)")
            #expect(result.errors.contains("Interrupted: saved run 'cut-\(status)'"))
            #expect(result.errors.contains("\(name) train --resume cut-\(status)"))
            #expect(files() == (before + ["checkpoints", "checkpoints/jacquard.sqlite"]).sorted())
            #expect(try run("train", "--resume", "cut-\(status)", "--threads", "2").status == 0)
            #expect(try fingerprint("cut-\(status)") == whole)
        }
    }

    /// A training whose output goes to `head`, as in `charnn train … 2>&1 | head`, ends when that does, and is saved.
    package func expectARunThatNobodyWatchesToBeSaved(training input: String, _ options: [String]) throws {
        let name = URL(fileURLWithPath: program.path).lastPathComponent
        let endless = (options + ["--steps", "1000000", "--eval-every", "100"]).joined(separator: " ")
        let result = try shell(
            "{ \"$\(name)\" train \(input) \(endless) 2>&1 >/dev/null; echo $? > status; } | head -n 9")
        #expect(result.output.split(separator: "\n").count == 9)
        #expect(try read("status") == "141\n")
        let runs = try run("runs", "--json").jsonArray
        #expect(runs.first?["status"] as? String == "interrupted")
        #expect(runs.first?["steps"] as? Int ?? 0 >= 100)
    }

    /// The only run, "NAME-1" of fewer than 70 steps, can be given 80, does them, and is done; there is no other one.
    package func expectMoreStepsAndAnEnd(ofRunsCalled name: String) throws {
        let longer = try run("train", "--resume", "latest", "--steps", "80", "--stop-after", "70")
        #expect(longer.status == 0, "\(longer.errors)")
        #expect(try run("show", "latest", "--json").json["steps"] as? Int == 70)
        #expect(try run("train", "--resume", "latest").status == 0)
        let finished = try run("train", "--resume", "latest")
        #expect(finished.status == 1 && finished.errors.contains("has done its 80 steps"))
        let unknown = try run("train", "--resume", "\(name)-2")
        #expect(unknown.status == 1 && unknown.errors.contains("Did you mean '\(name)-1'"))
    }

    /// Options with which any training diverges.
    package static let divergent = ["--optimizer", "sgd", "--lr", "1e30", "--clip-norm", "1e30", "--steps", "50"]

    package func expectDivergence(_ result: Program.Result) throws {
        #expect(result.status == 1)
        #expect(result.errors.contains("Going back to step 0, with 0.5 of the learning rate"), "\(result.errors)")
        #expect(result.errors.contains("Error: training diverged at step"), "\(result.errors)")
        #expect(try run("runs", "--json").jsonArray.first?["status"] as? String == "failed")
    }

    /// The last run, in bf16 and stopped on its way, goes on in that to these weights; others may start from it in either.
    package func expectPrecisionToLast(training input: String, weights: String) throws {
        let refused = try run("train", "--resume", "latest", "--precision", "single")
        #expect(refused.status == 1 && refused.errors.contains("--precision bf16"), "\(refused.errors)")
        let result = try run("train", "--resume", "latest", "--threads", "3")
        #expect(result.status == 0 && result.errors.contains(", bf16"), "\(result.errors)")
        #expect(try fingerprint() == weights)
        // Its weights are for every precision: a run that starts from them chooses again.
        let tuned = try run("train", input, "--from", "latest", "--steps", "3", "--precision", "bf16", "--lr", "0.0005")
        #expect(tuned.status == 0 && tuned.errors.contains(", bf16"), "\(tuned.errors)")
        let single = try run("train", input, "--from", "latest", "--steps", "3", "--lr", "0.0005")
        #expect(single.status == 0 && !single.errors.contains(", bf16"), "\(single.errors)")
    }
}
