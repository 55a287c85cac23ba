import BuiltPrograms
import Foundation
import GRDB
import Testing

/// What the commands say of stores that somebody has touched.
@Suite struct StoreDamageTests {
    private static let store = "checkpoints/jacquard.sqlite"

    private func edit(_ place: Workplace, _ sql: String) throws {
        let queue = try DatabaseQueue(path: place.path(Self.store))
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func trained() throws -> Workplace {
        let place = try Workplace()
        #expect(try place.train("--steps", "40", "--name", "r").status == 0)
        return place
    }

    @Test func damagedWeightsAreNeverUsed() throws {
        let place = try trained()
        try edit(
            place,
            "UPDATE tensor SET data = zeroblob(length(data)) WHERE name = 'head.bias' AND section = 'parameter'")
        for arguments in [["sample"], ["eval", "text.txt"], ["export", "r", "copy.sqlite"], ["show", "r"]] {
            let result = try place.start(arguments).wait()
            #expect(result.status == 1 && result.errors.contains("is damaged"), "\(arguments): \(result)")
        }
        // All else is shown.
        let shown = try place.run("show", "r")
        #expect(shown.output.contains("Weights     damaged") && !shown.output.contains("SHA-256"))
        let repaired = try place.run("repair")
        #expect(repaired.status == 0 && repaired.output.contains("Lost  the checkpoint of run 'r'"), "\(repaired)")
        #expect(try place.run("runs", "--store", "checkpoints/jacquard-repaired.sqlite").output.contains("r "))
    }

    @Test func weightsThatAreNoNumbersAreNeverUsed() throws {
        let place = try trained()
        // Of an older store, which has no checksums.
        try edit(
            place,
            "UPDATE tensor SET crc32 = NULL, data = CAST(substr(data, 1, 4) || x'0000c07f' || substr(data, 9) AS BLOB) WHERE name = 'head.bias'"
        )
        for arguments in [["sample"], ["eval", "text.txt"]] {
            let result = try place.start(arguments).wait()
            #expect(result.status == 1 && result.output.isEmpty, "\(result)")
            #expect(result.errors.contains("'head.bias'") && result.errors.contains("its number 1 is nan"))
        }
    }

    /// Losses that no run has, and steps and times likewise.
    @Test(arguments: ["5e37", "1e300", "-1e300", "1e308", "1e-300"]) func absurdLossesAreDrawn(loss: String) throws {
        let place = try trained()
        try edit(
            place,
            """
            INSERT OR REPLACE INTO metric
            SELECT id, 'validation_loss', step, 1, value, 1e300 FROM run,
                (SELECT 10 AS step, 3 AS value UNION SELECT 20, \(loss) UNION SELECT 30, 2)
            """)
        let shown = try place.run("show", "r")
        #expect(shown.status == 0 && shown.output.contains("┤"), "\(shown)")
        #expect(try place.run("show", "r", "--json").status == 0)
        #expect(try place.run("runs").status == 0)
        try edit(
            place,
            "UPDATE metric SET step = 1000000000000000 WHERE step = 30; UPDATE checkpoint SET validation_loss = \(loss)"
        )
        #expect(try place.run("show", "r").status == 0 && place.run("runs").status == 0)
        try edit(place, "UPDATE metric SET step = 9223372036854775807 WHERE step = 20")
        let refused = try place.run("show", "r")
        #expect(refused.status == 1 && refused.errors.contains("the column step"), "\(refused)")
    }

    /// Sizes that would trap where they are multiplied.
    @Test(arguments: ["hidden", "classes", "embedding"]) func absurdSizesAreRefused(key: String) throws {
        let place = try trained()
        let path = key == "hidden" ? "$.model.stack[0].hidden" : "$.model.\(key)"
        for size in ["9223372036854775807", "4611686018427387904", "1000000000", "-1", "65535"] {
            try edit(
                place,
                "UPDATE run SET configuration = json_replace(configuration, '\(path)', \(size)), configuration_crc32 = NULL"
            )
            #expect(try place.run("runs").status == 0)
            // A size that a model may have is found out by the weights, or by what training would take.
            let isPossible = size == "65535", shown = try place.run("show", "r")
            #expect(isPossible ? shown.status == 0 : shown.status == 1 && shown.errors.contains("no model has"))
            for arguments in [["sample", "--length", "5"], ["train", "--resume", "r", "--steps", "50"]] {
                let result = try place.start(arguments).wait()
                let reasons = isPossible ? ["does not fit its model", "not enough memory"] : ["no model has"]
                #expect(
                    result.status == 1 && result.output.isEmpty && reasons.contains(where: result.errors.contains),
                    "\(size), \(arguments): \(result)")
            }
        }
    }

    @Test func anExportedRunSaysNothingOfThisMachine() throws {
        let place = try trained()
        #expect(try place.run("export", "r", "copy.sqlite", "--weights-only").status == 0)
        let shown = try place.run("show", "r", "--store", "copy.sqlite")
        #expect(shown.status == 0 && !shown.output.contains(place.url.path), "\(shown)")
        #expect(shown.output.contains("finished, 40 of 40 steps"), "\(shown.output)")
        let data = try Data(contentsOf: place.url.appendingPathComponent("copy.sqlite"))
        #expect(data.range(of: Data(place.url.path.utf8)) == nil)
        // The whole run goes on where its text is named.
        #expect(try place.run("export", "r", "whole.sqlite").status == 0)
        let resumed = try place.run("train", "text.txt", "--resume", "r", "--steps", "50", "--store", "whole.sqlite")
        #expect(resumed.status == 0, "\(resumed.errors)")
    }

    /// Who can only read cannot move what was written into the store, and may be the last to close it.
    @Test func theEndOfARunStandsInTheStoreAlthoughSomebodyReads() throws {
        let place = try trained()
        var configuration = Configuration()
        configuration.readonly = true
        let reader = try DatabaseQueue(path: place.path(Self.store), configuration: configuration)
        func runs(_ queue: DatabaseQueue) throws -> [String] {
            try queue.read { try String.fetchAll($0, sql: "SELECT name || ' ' || status FROM run ORDER BY id") }
        }
        #expect(try runs(reader) == ["r finished"])
        #expect(try place.train("--steps", "10", "--name", "s").status == 0)
        #expect(try runs(reader) == ["r finished", "s finished"])
        #expect(try place.shell("cp \(Self.store) copy.sqlite").status == 0)
        let copy = try DatabaseQueue(path: place.path("copy.sqlite"))
        #expect(try runs(copy) == ["r finished", "s finished"])
        try copy.close()
        try reader.close()
    }

    /// Nothing is wrong with a store that holds no more than what a model needs.
    @Test func weightsAloneAreUsedAndNotResumed() throws {
        let place = try trained()
        #expect(try place.run("export", "r", "copy.sqlite", "--weights-only").status == 0)
        let resumed = try place.run("train", "text.txt", "--resume", "r", "--steps", "50", "--store", "copy.sqlite")
        #expect(resumed.status == 1 && !resumed.errors.contains("damaged"), "\(resumed)")
        #expect(
            resumed.errors.contains(
                "run 'r' holds its weights alone: it can be used, not resumed. To train on from it, --from r"),
            "\(resumed)")
        let next = try place.run(
            "train", "text.txt", "--from", "r", "--steps", "3", "--name", "next", "--store", "copy.sqlite")
        #expect(next.status == 0, "\(next)")
        // A rule without memory, and the state that each text is read on with.
        try place.train("--steps", "10", "--optimizer", "sgd", "--name", "plain")
        #expect(try place.run("export", "plain", "plain.sqlite", "--weights-only").status == 0)
        let plain = try place.run(
            "train", "text.txt", "--resume", "plain", "--steps", "20", "--store", "plain.sqlite")
        #expect(plain.status == 1 && plain.errors.contains("holds its weights alone"), "\(plain)")
    }

    /// Devices, pipes and the store itself are not replaced, whatever is forced.
    @Test func onlyFilesAreMadeAndRepaired() throws {
        let place = try trained()
        #expect(try place.shell("mkfifo pipe && cp \(Self.store) store.npz").status == 0)
        for arguments in [
            ["export", "r", "pipe", "--force"], ["export", "r", "/dev/null", "--force"], ["repair", "pipe"],
            ["repair", "/dev/zero", "--output", "saved.sqlite"],
        ] {
            let result = try place.start(arguments).wait()
            #expect(result.status == 1 && result.errors.contains("is a pipe or a device, not a file"), "\(result)")
        }
        for arguments in [
            ["export", "r", Self.store, "--force"], ["repair", Self.store, "--output", Self.store],
            ["export", "r", "store.npz", "--force", "--store", "store.npz"],
        ] {
            let result = try place.start(arguments).wait()
            #expect(result.status == 1 && result.errors.contains("is the store itself"), "\(result)")
            #expect(!result.errors.contains("--force"), "\(result)")
        }
        let again = try place.run("repair", "--output", "text.txt")
        #expect(again.status == 1 && again.errors.contains("Choose another name with --output."), "\(again)")
        let none = try place.run("repair", "nope")
        #expect(none.status == 1 && none.errors.contains("there is no file nope"), "\(none)")
        #expect(try place.run("runs", "--store", "store.npz").output.contains("r "))
    }

    @Test func aStoreThatAnotherProgramChangedIsLeftAlone() throws {
        let place = try trained()
        try edit(place, "CREATE TRIGGER mine AFTER UPDATE ON run BEGIN DELETE FROM tensor; END")
        for arguments in [
            ["runs"], ["show", "r"], ["sample"], ["train", "--resume", "r"], ["remove", "r", "--yes"],
            ["export", "r", "x.sqlite"],
        ] {
            let result = try place.start(arguments).wait()
            #expect(result.status == 1 && result.errors.contains("trigger 'mine'"), "\(arguments): \(result)")
        }
        #expect(try place.run("repair", "--output", "saved.sqlite").errors.contains("Nothing was lost"))
        #expect(try place.run("sample", "--length", "5", "--store", "saved.sqlite").status == 0)
    }
}
