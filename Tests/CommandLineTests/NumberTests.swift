import BuiltPrograms
import Checkpoints
import Foundation
import TensorCore
import Testing

/// Sizes and numbers at their ends: each does the right thing, or is refused in words before anything is made.
@Suite struct NumberTests {
    /// Everything above is a text; what is too short for the parts that it needs is said to be.
    @Test func textsOfHardlyAnything() throws {
        for count in 1...40 {
            let place = try Workplace()
            try place.write(String("to be or not to be, that is the question.".prefix(count)), to: "text.txt")
            let before = place.files
            let result = try place.run("train", "text.txt", "--steps", "2", "--hidden", "3")
            if result.status == 0 {
                let sampled = try place.run("sample", "--length", "7")
                #expect(sampled.status == 0 && sampled.output.count >= 7, "\(count): \(sampled)")
                #expect(count >= 18, "\(count)")
            } else {
                #expect(result.status == 1 && result.errors.hasPrefix("Error: "), "\(count): \(result)")
                #expect(result.errors.contains("too short") || result.errors.contains("repeated"), "\(result.errors)")
                #expect(place.files == before)
                #expect(count < 30, "\(count): \(result.errors)")
            }
        }
    }

    /// Windows, lanes, embeddings and layers of one; windows and lanes as long as the text lets them be; lengths that
    /// divide by nothing.
    @Test(arguments: [
        ["--window", "1", "--batch", "1", "--embedding", "1", "--stack", "lstm:1"],
        ["--window", "1", "--batch", "701"], ["--window", "701", "--batch", "1"], ["--window", "13", "--batch", "53"],
        ["--window", "1", "--batch", "7", "--random-windows"], ["--stack", "rnn:1:1,gru:1,lstm:1"],
        ["--window", "700", "--batch", "70", "--random-windows"], ["--validation", "1", "--test", "1"],
        ["--embedding", "0", "--layers", "9"],
    ])
    func smallestAndLargest(_ options: [String]) throws {
        let place = try Workplace()
        // 787 units, a prime, of which 709 train.
        try place.write(String(Texts.sentences(900).prefix(787)), to: "text.txt")
        let trained = try place.start(
            ["train", "text.txt", "--steps", "3", "--eval-every", "2", "--hidden", "4"].filter {
                !options.contains("--stack") || !["--hidden", "4"].contains($0)
            } + options
        ).wait()
        #expect(trained.status == 0, "\(trained.errors)")
        for extra in [[], ["--count", "3", "--prime", "the"], ["--temp", "0"]] {
            let sampled = try place.start(["sample", "--length", "9"] + extra).wait()
            #expect(sampled.status == 0 && sampled.output.count >= 9, "\(sampled.errors)")
        }
        let scored = try place.run("eval", "--part", "validation")
        #expect(scored.status == 0, "\(scored.errors)")
    }

    @Test func waysOfChoosingAtTheirEnds() throws {
        let place = try Workplace()
        try place.write(Texts.sentences(900), to: "text.txt")
        #expect(try place.run("train", "text.txt", "--steps", "20", "--hidden", "6").status == 0)
        let accepted = [
            ["--temp", "0"], ["--temp", "1e-300"], ["--temp", "1e-6"], ["--temp", "1e6"], ["--temp", "1e308"],
            ["--top-k", "1"], ["--top-k", "1000000"], ["--top-k", "\(Int.max)"], ["--top-p", "1e-300"],
            ["--top-p", "1"], ["--min-p", "0"], ["--min-p", "1"], ["--repetition-penalty", "1e-300"],
            ["--repetition-penalty", "1e300"], ["--length", "0"], ["--length", "1"],
            ["--temp", "1e6", "--top-k", "3", "--top-p", "1e-9", "--min-p", "1", "--repetition-penalty", "1e300"],
        ]
        for options in accepted {
            let result = try place.start(["sample", "--length", "40", "--count", "2", "--json"] + options).wait()
            #expect(result.status == 0, "\(options): \(result)")
            // What is no number is no JSON either; the letters of a text may be any.
            let answer = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            #expect((answer?["texts"] as? [String])?.count == 2, "\(options)")
        }
        let refused = [
            ["--temp", "-1"], ["--temp", "nan"], ["--temp", "inf"], ["--top-k", "0"], ["--top-k", "-3"],
            ["--top-p", "0"],
            ["--top-p", "1.0001"], ["--top-p", "nan"], ["--min-p", "-0.1"], ["--min-p", "1.1"], ["--min-p", "nan"],
            ["--repetition-penalty", "0"], ["--repetition-penalty", "-1"], ["--repetition-penalty", "inf"],
            ["--repetition-penalty", "nan"], ["--length", "-1"],
        ]
        for options in refused {
            let result = try place.start(["sample"] + options).wait()
            #expect([1, 64].contains(result.status) && result.output.isEmpty, "\(options): \(result)")
            let name = options[0] == "--temp" ? "temperature" : String(options[0].dropFirst(2))
            #expect(result.errors.contains(name), "\(options): \(result.errors)")
        }
    }

    /// 21,000 characters, each as often as another: 20,000 units at most.
    @Test func theLargestVocabulary() throws {
        let place = try Workplace()
        let scalars = (0..<21_000).map { Character(Unicode.Scalar(UInt32(0x4E00 + $0)) ?? "?") }
        try place.write(String(scalars + scalars.reversed()), to: "text.txt")
        let trained = try place.run(
            "train", "text.txt", "--steps", "2", "--hidden", "4", "--embedding", "2", "--batch", "4", "--window", "3",
            "--validation", "20")
        #expect(trained.status == 0, "\(trained.errors)")
        let sampled = try place.run("sample", "--length", "30", "--top-k", "20000", "--top-p", "0.99")
        #expect(sampled.status == 0 && sampled.output.count >= 30, "\(sampled.errors)")
        let classes = try place.run("show", "--json", "latest").output
        #expect(classes.contains("20000") || classes.contains("20,000"), "\(classes.prefix(400))")
    }

    @Test func everyByte() throws {
        let place = try Workplace()
        try place.write((0..<2_000).map { UInt8(($0 * 37 + $0 / 256) % 256) }, to: "bytes.bin")
        let trained = try place.run("train", "bytes.bin", "--unit", "byte", "--steps", "3", "--hidden", "5")
        #expect(trained.status == 0, "\(trained.errors)")
        let sampled = try place.shell("\"$charnn\" sample --length 500 --temp 1e6 | wc -c")
        #expect(Int(sampled.output.filter(\.isNumber)).map { (500...502).contains($0) } == true, "\(sampled)")
    }

    @Test(arguments: [(1, 1), (1, 31), (29, 1), (13, 17), (2, 2)], ["plain", "denoising", "sparse", "variational"])
    func picturesOfAnySides(sides: (width: Int, height: Int), kind: String) throws {
        let place = try Workplace("ae")
        try place.makePictures(11, width: sides.width, height: sides.height, channels: kind == "sparse" ? 3 : 1)
        let trained = try place.start(
            ["train", "pictures", "--kind", kind, "--code", "1", "--steps", "3", "--eval-every", "2", "--batch", "3"]
        ).wait()
        #expect(trained.status == 0, "\(trained.errors)")
        for command in [
            ["encode", "pictures", "-o", "codes.csv"], ["decode", "codes.csv", "-o", "decoded"],
            ["reconstruct", "pictures", "-o", "sheet.png"], ["sample", "--count", "2", "-o", "new.png"],
            ["eval", "pictures", "--json"],
        ] {
            let result = try place.start(command).wait()
            #expect(result.status == 0, "\(command): \(result.errors)")
            #expect(!result.output.contains("nan"), "\(command): \(result.output)")
        }
        let rows = try place.read("codes.csv").split(separator: "\n")
        #expect(rows.count == 12 && rows.allSatisfy { !$0.contains("nan") && !$0.contains("inf") })
    }

    /// More than there is: fewer in a step, or refused in words.
    @Test func batchesGreaterThanTheSet() throws {
        let place = try Workplace("ae")
        try place.makePictures(5)
        let result = try place.run("train", "pictures", "--batch", "1000", "--steps", "2", "--channels", "4")
        #expect(result.status == 1 && result.errors.contains("--batch: 1000"), "\(result.errors)")
        #expect(!place.exists("checkpoints"))
    }

    /// Weights that are numbers, with which no picture comes to any.
    @Test func picturesOfHugeWeights() throws {
        let place = try Workplace("ae")
        #expect(try place.trainPictures("--steps", "3").status == 0)
        let store = try CheckpointStore.open(at: place.path("checkpoints/jacquard.sqlite"), access: .readWrite)
        let run = try #require(try store.runs(kind: "ae").first)
        var checkpoint = try store.loadCheckpoint(.latest, of: run.id)
        let weights = try #require(checkpoint.sections[.parameter])
        checkpoint.sections[.parameter] = NamedTensors(
            weights.map { name, tensor in
                (name: name, tensor: Tensor(tensor.values.map { $0 * 1e30 }, shape: tensor.shape))
            })
        try store.save(checkpoint, in: run.id, isBest: true)
        try store.close()
        for command in [
            ["encode", "pictures", "-o", "codes.csv"], ["reconstruct", "pictures", "-o", "sheet.png"],
            ["eval", "pictures"],
        ] {
            let result = try place.start(command).wait()
            #expect(result.status == 1 && result.errors.contains("beyond single precision"), "\(command): \(result)")
        }
        #expect(!place.exists("codes.csv") && !place.exists("sheet.png"))
    }
}
