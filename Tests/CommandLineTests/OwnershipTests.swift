import BuiltPrograms
import Foundation
import Testing

/// Programs that meet over one run, are killed, or lose their store.
@Suite struct OwnershipTests {
    /// Trains for as long as anybody lets it, with a validation that saves now and then.
    private let endless = tiny + ["--steps", "1000000", "--eval-every", "100"]

    private func start(_ place: Workplace, _ options: [String], waitFor text: String = "step 100 ") throws
        -> RunningProgram
    {
        if !place.exists("text.txt") { try place.write(Texts.sentences(4000), to: "text.txt") }
        // A shell that runs the tests in the background may have made signals ignored.
        let program = try place.start(
            ["--default-signal=INT,TERM,HUP,QUIT", place.program.path, "train", "text.txt"] + options,
            of: "/usr/bin/env")
        program.waitFor(text)
        return program
    }

    @Test func aRunInTrainingIsRefusedToOthersAndTakenOverFromTheDead() throws {
        let place = try Workplace()
        let trainer = try start(place, endless + ["--name", "mine"])
        for command in [
            ["train", "--resume", "mine"], ["remove", "mine", "--yes"], ["train", "text.txt", "--name", "mine"] + tiny,
        ] {
            let result = try place.start(command).wait()
            #expect(result.status == 1, "\(command)")
            if command.last != tiny.last {
                #expect(
                    result.errors.contains("is being trained by process \(trainer.identifier) on"), "\(result.errors)")
                #expect(result.errors.contains("kill \(trainer.identifier)"))
            }
        }
        let alive = try #require(place.run("runs", "--json").jsonArray.first)
        #expect(alive["status"] as? String == "running")
        #expect((alive["owner"] as? [String: Any])?["process"] as? Int == Int(trainer.identifier))
        #expect(try place.run("show", "mine").output.contains("running (process \(trainer.identifier) on"))
        trainer.signal(SIGKILL)
        #expect(trainer.wait().status == -9)
        let dead = try #require(place.run("runs", "--json").jsonArray.first)
        let steps = try #require(dead["steps"] as? Int)
        #expect(dead["status"] as? String == "killed" && dead["owner"] is NSNull && steps >= 100)
        let table = try place.run("runs").output
        #expect(table.replacingOccurrences(of: ",", with: "").contains("killed at step \(steps)"), "\(table)")
        let next = try place.run("train", "--resume", "mine", "--stop-after", "\(steps + 5)")
        #expect(next.status == 0)
        #expect(next.errors.contains("being trained by process \(trainer.identifier) on"), "\(next.errors)")
        #expect(next.errors.contains("going on at step"))
        #expect(try place.run("show", "mine", "--samples", "20").output.contains("taken_over"))
    }

    @Test func killedBeforeTheFirstSaveARunStartsAgainOrGivesUpItsName() throws {
        let place = try Workplace()
        let long = tiny + ["--steps", "1000000", "--eval-every", "1000000", "--dropout", "0.2", "--name", "cut"]
        for _ in 1...2 {
            // The name is free again the second time.
            let trainer = try start(place, long, waitFor: "Run       cut in")
            trainer.signal(SIGKILL)
            _ = trainer.wait()
            #expect(try place.run("runs").output.contains("killed at step 0"))
        }
        let again = try place.run("train", "--resume", "cut", "--steps", "60")
        #expect(again.status == 0, "\(again.errors)")
        #expect(try place.run("show", "cut", "--json").json["steps"] as? Int == 60)
        #expect(try place.run("remove", "cut", "--yes").status == 0)
    }

    @Test(arguments: [true, false]) func aStoreThatIsDeletedIsMadeAgainBesideIt(withFolder: Bool) throws {
        let place = try Workplace()
        let trainer = try start(place, endless + ["--name", "run", "--save-every", "50"])
        _ = try place.shell(withFolder ? "rm -r checkpoints" : "rm checkpoints/*")
        trainer.waitFor("Training goes on; saved as run 'run' in")
        trainer.signal(SIGTERM)
        let result = trainer.wait()
        let path = (withFolder ? "" : "checkpoints/") + "jacquard-rescued-1.sqlite"
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("checkpoints/jacquard.sqlite is gone"))
        #expect(result.errors.contains("Error: not in checkpoints/jacquard.sqlite, as it was to be"))
        #expect(result.errors.contains("To go on: charnn train --resume run --store \(path)"))
        // Nothing is made again at the old place.
        #expect(place.exists(path) && !place.exists("checkpoints/jacquard.sqlite"))
        let kept = try place.run("runs", "--store", path, "--json").jsonArray
        #expect(kept.first?["status"] as? String == "interrupted" && kept.first?["steps"] as? Int ?? 0 >= 100)
    }

    // MARK: Signals

    @Test(arguments: [
        [SIGHUP, SIGHUP], [SIGHUP, SIGTERM], [SIGTERM, SIGTERM], [SIGINT, SIGINT], [SIGQUIT], [SIGTERM, SIGINT],
    ]) func signalsForOneWishSaveOnce(_ numbers: [Int32]) throws {
        let place = try Workplace()
        let trainer = try start(place, endless)
        for number in numbers { trainer.signal(number) }
        let result = trainer.wait()
        #expect(numbers.map { 128 + Int($0) }.contains(result.status), "\(result.status) \(result.errors)")
        #expect(result.errors.contains("Saving and stopping; Ctrl-C again ends at once, without saving"))
        #expect(result.errors.contains("Interrupted: saved run 'text-1'"), "\(result.errors)")
        #expect(try place.run("runs", "--json").jsonArray.first?["status"] as? String == "interrupted")
    }

    /// The window with the shell in it is closed: the terminal, the shell and the kernel each tell the program.
    @Test(.enabled(if: Machine.hasPython, "no python3 here")) func aClosedTerminalSavesTheRun() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        try place.write(
            """
            import json, os, pty, subprocess, sys, time
            program, options = sys.argv[1], " ".join(sys.argv[2:])
            shell, terminal = pty.fork()
            if shell == 0:
                os.execvp("sh", ["sh", "-i"])
            os.write(terminal, f"'{program}' train text.txt {options}\\n".encode())
            seen = b""
            while b"step 100 " not in seen:
                seen += os.read(terminal, 1024)
            run = json.loads(subprocess.check_output([program, "runs", "--json"]))[0]
            os.close(terminal)
            os.waitpid(shell, 0)
            while os.path.exists(f"/proc/{run['owner']['process']}"):
                time.sleep(0.01)
            """, to: "terminal.py")
        let script = ["python3", "terminal.py", place.program.path] + endless
        let closed = try place.start(script, of: "/usr/bin/env").wait()
        #expect(closed.status == 0, "\(closed.errors)")
        let run = try #require(place.run("runs", "--json").jsonArray.first)
        #expect(run["status"] as? String == "interrupted" && (run["steps"] as? Int ?? 0) >= 100)
    }

    /// A step of several seconds: what is saved is the state before it.
    @Test func aSlowStepIsBrokenOff() throws {
        let place = try Workplace()
        try place.write(String(repeating: Texts.sentences(20_000), count: 2), to: "text.txt")
        let slow = ["--hidden", "1024", "--layers", "1", "--batch", "128", "--window", "256", "--steps", "9"]
        let trainer = try start(place, slow, waitFor: "Run       text-1 in")
        trainer.signal(SIGINT)
        let result = trainer.wait()
        #expect(result.status == 130, "\(result.errors)")
        #expect(result.errors.contains("Interrupted: saved run 'text-1' after step 0"), "\(result.errors)")
        #expect(try place.run("runs", "--json").jsonArray.first?["status"] as? String == "interrupted")
    }

    // MARK: Texts that are read once

    @Test func aTextFromAPipeIsNamedWhenTheRunGoesOn() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        let options = (tiny + ["--steps", "60", "--stop-after", "20"]).joined(separator: " ")
        for (name, script) in [
            ("fd", "cat text.txt | \"$charnn\" train /dev/fd/0 \(options) --name fd"),
            ("stdin", "\"$charnn\" train /dev/stdin \(options) --name stdin < text.txt"),
            ("fifo", "mkfifo pipe; cat text.txt > pipe & \"$charnn\" train pipe \(options) --name fifo"),
            ("dash", "\"$charnn\" train - \(options) --name dash < text.txt"),
        ] {
            let stopped = try place.shell(script)
            #expect(stopped.status == 0, "\(stopped.errors)")
            #expect(stopped.errors.contains("To go on: charnn train FILE --resume \(name)\n"), "\(stopped.errors)")
            #expect(stopped.errors.contains("what came from a pipe cannot be read again"))
            let refused = try place.run("train", "--resume", name)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("standard input or a pipe"), "\(refused.errors)")
            #expect(refused.errors.contains("charnn train PATH --resume \(name)"))
            let resumed = try place.run("train", "text.txt", "--resume", name, "--stop-after", "40")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(resumed.errors.contains("To go on: charnn train text.txt --resume \(name)\n"), "\(resumed.errors)")
        }
    }
}
