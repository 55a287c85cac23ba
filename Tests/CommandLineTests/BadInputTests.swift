import BuiltPrograms
import Foundation
import GRDB
import Testing

@Suite struct BadInputTests {
    /// Every one of these must end with 1, say what was wrong, and leave no store behind.
    @Test(arguments: [
        ("no such file", "missing.txt", [], "missing.txt: no such file or folder"),
        ("empty file", "empty.txt", [UInt8](), "empty.txt: is empty"),
        ("one distinct character", "same.txt", [UInt8](repeating: 97, count: 500), "\"a\" repeated"),
        ("too short", "short.txt", Array("abcabc".utf8), "too short"),
        (
            "invalid UTF-8", "latin1.txt", Array(Texts.sentences(300).utf8) + [0x63, 0x61, 0x66, 0xe9, 0x20, 0x61],
            "byte 303 (0xE9) is not valid"
        ),
        (
            "binary", "noise.bin", [0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0, 0, 0] + Array(repeating: 0, count: 400),
            "is not text"
        ),
    ])
    func badTexts(what: String, name: String, bytes: [UInt8], message: String) throws {
        let place = try Workplace()
        if what != "no such file" { try place.write(bytes, to: name) }
        let before = place.files
        let result = try place.run("train", name)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("Error: ") && result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(place.files == before)
    }

    @Test func aFolderWithoutText() throws {
        let place = try Workplace()
        try place.write([0, 1, 2, 3, 0, 0], to: "pictures/a.raw")
        let result = try place.run("train", "pictures")
        #expect(result.status == 1 && result.errors.contains("the folder holds no text (skipped: 1 binary)"))
    }

    @Test func anUnknownEncoding() throws {
        let place = try Workplace()
        let result = try place.train("--encoding", "shift-jiss")
        #expect(result.status == 1)
        #expect(result.errors.contains("unknown encoding \"shift-jiss\"") && result.errors.contains("shift-jis"))
    }

    @Test(arguments: [
        ["--hidden", "-5"], ["--hidden", "many"], ["--layers", "0"], ["--steps", "-1"], ["--lr", "-0.1"],
        ["--lr", "fast"],
        ["--dropout", "1"], ["--batch", "0"], ["--window", "-3"], ["--epochs", "0"], ["--time-limit", "4q"],
        ["--time-limit", "-4m"], ["--clip-norm", "-1"], ["--clip-norm", "any"], ["--weight-decay", "-1"],
        ["--warm-up", "-1"],
        ["--validation", "1.5"], ["--validation", "-2"], ["--validation", "head:0.1"], ["--validation", "lines:1.5"],
        ["--patience", "-1"], ["--patience", "some"], ["--threads", "0"], ["--threads", "x"],
        ["--stop-after", "0"], ["--seed", "-1"], ["--stack", "lstm:0"], ["--stack", "cnn:5"], ["--cell", "cnn"],
        ["--optimizer", "sgdd"], ["--unit", "word"], ["--min-count", "0"], ["--steps", "5", "--epochs", "1"],
        ["--stack", "lstm:8", "--hidden", "8"], ["--nonsense", "1"], ["--save-every", "0"], ["--embedding", "-1"],
    ])
    func badOptionsOfTrain(arguments: [String]) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(300), to: "text.txt")
        let result = try place.start(["train", "text.txt"] + arguments).wait()
        #expect(result.status == 64)
        #expect(result.errors.contains(arguments[0]) && result.errors.contains("Usage"), "\(result.errors)")
        #expect(place.files == ["text.txt"])
    }

    @Test(arguments: [
        ["--temperature", "-1"], ["--temp", "hot"], ["--top-k", "0"], ["--top-p", "1.5"], ["--min-p", "-1"],
        ["--length", "-1"], ["--count", "0"], ["--repetition-penalty", "0"], ["--stop", ""],
    ])
    func badOptionsOfSample(arguments: [String]) throws {
        let place = try Workplace()
        let result = try place.start(["sample"] + arguments).wait()
        #expect(result.status == 64)
        let name = arguments[0] == "--temp" ? "--temp" : arguments[0]
        #expect(result.errors.contains(name), "\(result.errors)")
    }

    @Test func whatIsMissingIsNamed() throws {
        let place = try Workplace()
        let train = try place.run("train"), score = try place.run("eval")
        #expect(train.status == 64 && train.errors.contains("charnn train corpus.txt"))
        #expect(score.status == 64 && score.errors.contains("charnn eval other.txt"))
        let swim = try place.run("swim")
        #expect(swim.status == 64 && swim.errors.contains("there is no command 'swim': the commands are train, sample"))
    }

    @Test(arguments: [
        ("charnn", "samle", "'sample'"), ("charnn", "help trian", "'train'"), ("ae", "neighburs", "'neighbors'"),
    ])
    func aMistypedCommandIsToldTheNearOne(program: String, typed: String, near: String) throws {
        let place = try Workplace(program)
        let result = try place.start(typed.split(separator: " ").map(String.init) + ["x.txt"]).wait()
        #expect(result.status == 64 && result.output.isEmpty)
        #expect(result.errors.contains("did you mean \(near)?") && result.errors.contains("Usage"), "\(result.errors)")
    }

    @Test func aMistypedRunIsToldTheNearOnesOnly() throws {
        let place = try Workplace()
        for name in ["verse", "tale", "proverbs"] {
            #expect(try place.train("--steps", "2", "--name", name).status == 0)
        }
        let near = try place.run("train", "--resume", "vrese")
        #expect(near.status == 1 && near.errors.contains("Did you mean 'verse'? "), "\(near.errors)")
        let far = try place.run("train", "--resume", "nope")
        #expect(far.status == 1 && far.errors.contains("None has a name like it. The command 'runs' lists all."))
    }

    @Test func theEnvironmentIsChecked() throws {
        let place = try Workplace()
        let threads = try place.train(environment: ["JACQUARD_THREADS": "some"])
        #expect(threads.status == 1 && threads.errors.contains("JACQUARD_THREADS"))
        let instructions = try place.train(environment: ["JACQUARD_ISA": "sse9"])
        #expect(instructions.status == 1 && instructions.errors.contains("portable"))
        let elsewhere = try place.train("--steps", "5", environment: ["JACQUARD_STORE": "here/my.sqlite"])
        #expect(elsewhere.status == 0 && place.exists("here/my.sqlite") && !place.exists("checkpoints"))
    }

    @Test(arguments: ["sample", "runs", "show latest", "export latest x", "remove latest --yes", "eval text.txt"])
    func noModelYet(command: String) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(300), to: "text.txt")
        let result = try place.start(command.split(separator: " ").map(String.init)).wait()
        #expect(result.status == 1)
        #expect(result.errors.contains("no model has been trained yet"), "\(result.errors)")
        #expect(place.files == ["text.txt"])
        let resumed = try place.run("train", "--resume", "latest")
        #expect(resumed.status == 1 && resumed.errors.contains("no model has been trained yet"))
        #expect(place.files == ["text.txt"])
    }

    @Test func aStoreThatIsNotSQLite() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(300), to: "text.txt")
        for arguments in [["sample", "--store", "text.txt"], ["train", "text.txt", "--store", "text.txt"]] {
            let result = try place.start(arguments).wait()
            #expect(result.status == 1 && result.errors.contains("not an SQLite file"), "\(result.errors)")
        }
        #expect(try place.read("text.txt") == Texts.sentences(300))
    }

    @Test func aStoreFromANewerVersion() throws {
        let place = try Workplace()
        try place.train("--steps", "5")
        let queue = try DatabaseQueue(path: place.path("checkpoints/jacquard.sqlite"))
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        try queue.close()
        for result in [try place.run("sample"), try place.train("--steps", "5")] {
            #expect(result.status == 1 && result.errors.contains("newer version"), "\(result.errors)")
        }
    }

    @Test(.enabled(if: Machine.canActAsNobody, "a superuser writes anywhere, and cannot become another user here"))
    func aReadOnlyFolder() throws {
        let place = try Workplace()
        try place.train("--steps", "5")
        try place.write(Texts.sentences(300), to: "locked/text.txt")
        let script = "chmod 777 . checkpoints; chmod 644 checkpoints/*; chmod 555 locked checkpoints; cd locked; "
        let trained = try place.shell(script + Machine.asNobody + "\"$charnn\" train text.txt")
        #expect(trained.status == 1 && trained.errors.contains("cannot write to"), "\(trained.errors)")
        // A model can be used where nothing can be written.
        let sampled = try place.shell(
            "cd locked; \(Machine.asNobody)\"$charnn\" sample --store ../checkpoints/jacquard.sqlite")
        #expect(sampled.status == 0 && !sampled.output.isEmpty, "\(sampled.errors)")
        _ = try place.shell("chmod 755 locked checkpoints")
    }

    @Test(.enabled(if: Machine.canMountSmallDisks, "no small disk can be made here"))
    func aFullDisk() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        let script = """
            mkdir small; unshare -rm sh -c 'mount -t tmpfs -o size=400k none small || exit 99
            "$charnn" train text.txt --steps 30 --hidden 200 --layers 1 --store small/full.sqlite'
            """
        let result = try place.shell(script)
        #expect(result.status == 1 && result.errors.contains("not enough space"), "\(result.errors)")
    }

    @Test func aFullDeviceForOutput() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(4000), to: "text.txt")
        let output = try place.shell("\"$charnn\" train text.txt --dry-run > /dev/full")
        #expect(output.status == 1 && output.errors.contains("No space left"), "\(output.errors)")
    }

    /// Nothing is made for a plan that the machine has no memory for, and the program does not crash.
    @Test(arguments: [[], ["--dry-run"], ["--dry-run", "--json"]])
    func aPlanThatTheMachineCannotCarryOut(arguments: [String]) throws {
        let place = try Workplace()
        try place.write(Texts.sentences(300), to: "text.txt")
        let before = place.files
        let result = try place.start(
            ["train", "text.txt", "--hidden", "65536", "--layers", "64", "--steps", "1"] + arguments
        ).wait()
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(
            result.errors.contains("not enough memory: this takes about") && result.errors.contains("Lower --hidden"))
        #expect(place.files == before)
    }

    @Test func limitsOfTheProcessCount() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(300), to: "text.txt")
        let before = place.files
        let result = try place.shell("ulimit -v 4000000; exec $charnn train text.txt --hidden 8000 --steps 1")
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("the limits of this process (ulimit) allow 4.1 GB"), "\(result.errors)")
        #expect(place.files == before)
    }
}
