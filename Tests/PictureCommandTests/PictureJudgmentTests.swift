import BuiltPrograms
import Foundation
import Testing

/// What a run on pictures makes of itself, as its user sees it.
@Suite struct PictureJudgmentTests {
    @Test(arguments: [["--optimizer", "sgd", "--lr", "1e6"], ["--lr", "100"]])
    func aDivergedRunIsAFailure(_ rate: [String]) throws {
        let place = try Workplace("ae")
        try place.makePictures()
        let result = try place.start(["train", "pictures"] + tinyPictures + ["--steps", "220"] + rate).wait()
        #expect(result.status == 1)
        #expect(result.errors.contains("Try a lower --lr"), "\(result.errors)")
        #expect(!result.errors.contains("Best validation"))
        #expect(try place.run("runs", "--json").jsonArray.first?["status"] as? String == "failed")
    }

    @Test func theNormIsNotClippedWhereNobodyWantsIt() throws {
        let place = try Workplace("ae")
        let result = try place.trainPictures("--steps", "12", "--clip-norm", "none")
        #expect(result.status == 0 && result.errors.contains("norm not clipped"), "\(result.errors)")
        let command = try place.run("show", "latest", "--json").json["command"] as? String
        #expect(command?.contains("--clip-norm none") ?? false)
    }

    @Test func aRunWithoutAGivenLengthEndsWhenItIsDone() throws {
        let place = try Workplace("ae")
        try place.makePictures()
        func plan(_ options: [String]) throws -> String {
            try place.start(["train", "pictures", "--dry-run"] + tinyPictures + options).wait().output
        }
        #expect(try plan([]).contains("ends when its loss has clearly risen"))
        #expect(try plan(["--time-limit", "1m"]).contains("ends when its loss has clearly risen"))
        #expect(try !plan(["--steps", "50"]).contains("ends "))
        #expect(try !plan(["--patience", "none"]).contains("ends "))
        #expect(try plan(["--patience", "7"]).contains("ends after 7 validations without improvement"))
    }
}
