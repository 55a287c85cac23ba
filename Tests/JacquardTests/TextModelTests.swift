import Foundation
import Jacquard
import Testing

@Suite("A text model of a text in memory") struct TextModelTests {
    /// Words by chance: which comes next can be learned by heart, but not foretold.
    private let text: String = {
        let words = ["loom ", "weft ", "warp ", "thread "]
        return (0..<300).map { (place: Int) in words[(place * place * 7919 + 31 * place) % 101 % 4] }.joined()
    }()

    private var options: TextOptions {
        var options = TextOptions()
        (options.hidden, options.layers, options.epochs, options.learningRate) = (64, 1, 60, 0.02)
        return options
    }

    @Test("it is the model that the same text makes as a file, bit for bit") func likeAFile() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("text.txt").path
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let store = try CheckpointStore.open(at: folder.appendingPathComponent("s.sqlite").path, access: .readWrite)

        // So long that the best weights are not the last ones.
        let context = ComputeContext(threads: 1)
        let stored = try TextModel.train(on: [file], options: options, store: store, in: context)
        let inMemory = try TextModel.train(onText: text, options: options, in: context)
        #expect(inMemory.isFinished && inMemory.name == "text")
        #expect(inMemory.characters == stored.characters && inMemory.parameterCount == stored.parameterCount)
        #expect(inMemory.validationLoss != nil && inMemory.validationLoss == stored.validationLoss)
        #expect(try inMemory.score(text) == stored.score(text))
        #expect(try inMemory.write(length: 80) == stored.write(length: 80))
    }

    @Test("a model begins with what another has learned, stored or in memory, and leaves that one as it is")
    func startingFromAnother() throws {
        let folder = try Folder(), context = ComputeContext(threads: 1)
        let store = try CheckpointStore.open(at: folder.path + "/s.sqlite", access: .readWrite)
        let first = try TextModel.train(onText: text, options: options, in: context)
        let before = try first.score(text)
        // Of the same words, and a character that the first model has never seen.
        let more = text.replacing("loom", with: "loöm"), place = try folder.file("more.txt", more)
        var short = TextOptions()
        (short.epochs, short.dropout) = (0.2, 0)
        let stored = try TextModel.train(
            on: [place], from: first, options: short, store: store, name: "more", in: context)
        let inMemory = try TextModel.train(onText: more, from: first, options: short, in: context)
        #expect(try first.score(text) == before)
        #expect(Set(stored.characters) == Set(first.characters).union(["ö"]))
        #expect(try inMemory.score(more) == stored.score(more))
        // A new model knows next to nothing by then.
        var sizes = short
        (sizes.hidden, sizes.layers) = (64, 1)
        let new = try TextModel.train(onText: more, options: sizes, in: context)
        #expect(try stored.score(text).natsPerCharacter < new.score(text).natsPerCharacter - 0.5)
        // And so does a third one, from the second.
        let third = try TextModel.train(onText: text, from: stored, options: short, in: context)
        #expect(third.parameterCount == first.parameterCount)
        #expect(try third.score(text).natsPerCharacter < new.score(text).natsPerCharacter - 0.5)

        let refused = #expect(throws: ModelError.self) {
            try TextModel.train(onText: more, from: first, options: sizes)
        }
        #expect(refused?.kind == .option("hidden"))
        #expect(
            refused?.description.hasPrefix("`hidden`: the model starts from run 'text' and has its sizes") == true,
            "\(refused?.description ?? "")")
    }

    @Test("training that is stopped leaves a model that is not finished and can be asked all the same") func stopped()
        throws
    {
        var steps = 0
        let model = try TextModel.train(onText: text, options: options) {
            steps = $0.step
        } shouldStop: {
            steps >= 3
        }
        #expect(!model.isFinished && model.validationLoss == nil && steps == 3)
        let guessing = log(Double(model.characters.count))
        #expect(abs(try model.score(text).natsPerCharacter - guessing) < 0.5)
    }

    @Test("what it writes follows from the prompt, the temperature, the share and the seed") func writing() throws {
        var options = options
        options.epochs = 6
        let model = try TextModel.train(onText: text, options: options, in: ComputeContext(threads: 1))
        let plain = try model.write(length: 200, seed: 4)
        #expect(try model.write(length: 200, seed: 4) == plain)
        #expect(try model.write(length: 200, seed: 5) != plain)
        // Letters are learned soon: after these, one goes on in the word.
        #expect(try model.write(after: "loom w", length: 200, seed: 4) != plain)
        #expect(try model.write(after: "loom threa", length: 2, temperature: 0) == "d ")
        #expect(try model.stream(after: "loom threa", length: 2, temperature: 0).joined() == "d ")
        // The most probable of all, whatever the seed; and the same if nothing but that is left to draw from.
        let probable = try model.write(length: 200, temperature: 0, seed: 4)
        #expect(try model.write(length: 200, temperature: 0, seed: 5) == probable && probable != plain)
        #expect(try model.write(length: 200, temperature: 5, topP: 1e-9, seed: 6) == probable)
        #expect(try model.write(length: 200, temperature: 5, seed: 4) != plain)
        for (option, number) in [("temperature", (-1, 0.5)), ("topP", (1, 1.5))] as [(String, (Double, Double))] {
            #expect(throws: ModelError.self, "\(option)") {
                try model.write(length: 9, temperature: number.0, topP: number.1)
            }
        }
    }

    @Test("a text that is too short, and an option out of its range, are errors that say so") func errors() {
        #expect(throws: ModelError.self) { try TextModel.train(onText: "a") }
        var options = TextOptions()
        options.hidden = 0
        #expect(throws: ModelError.self) { try TextModel.train(onText: text, options: options) }
    }

    @Test("errors name options as Swift has them, and say that something is stored only where it is") func names()
        throws
    {
        var wrong = options
        wrong.learningRate = -1
        let rate = #expect(throws: ModelError.self) { try TextModel.train(onText: text, options: wrong) }
        #expect(rate?.kind == .option("learningRate") && rate?.description.hasPrefix("`learningRate`: ") == true)
        wrong = options
        wrong.timeLimit = .seconds(-1)
        let limit = #expect(throws: ModelError.self) { try TextModel.train(onText: text, options: wrong) }
        #expect(limit?.kind == .option("timeLimit") && limit?.description.hasPrefix("`timeLimit`: ") == true)

        var short = options
        short.epochs = 1
        let model = try TextModel.train(onText: text, options: short)
        let share = #expect(throws: ModelError.self) { try model.write(topP: 2) }
        #expect(share?.kind == .option("topP") && share?.description.hasPrefix("`topP`: ") == true)

        var wild = options
        (wild.learningRate, wild.epochs) = (1e6, 10)
        let diverged = #expect(throws: ModelError.self) { try TextModel.train(onText: text, options: wild) }
        let said = try #require(diverged?.description)
        #expect(diverged?.kind == .run && !said.contains("stored") && !said.contains("`lr`"), "\(said)")
    }

    @Test("a time limit before the epochs asked for leaves the best weights, and says that it was not the end")
    func limited() throws {
        var limited = options
        (limited.epochs, limited.timeLimit) = (100_000, .seconds(0.5))
        let model = try TextModel.train(onText: text, options: limited)
        #expect(!model.isFinished && model.validationLoss != nil)
    }

    @Test("a run goes on with its text at another place, and what cannot be done is not advised") func moved() throws {
        let folder = try Folder(), context = ComputeContext(threads: 1)
        let place = try folder.file("text.txt", text)
        let store = try CheckpointStore.open(at: folder.path + "/s.sqlite", access: .readWrite)
        var short = options
        short.epochs = 20
        let whole = try TextModel.train(on: [place], options: short, store: store, name: "whole", in: context)
        let again = #expect(throws: ModelError.self) { try TextModel.resume("whole", store: store, in: context) }
        #expect(again?.kind == .run && again?.description.contains("Use it with `open`") == true)

        var steps = 0
        _ = try TextModel.train(on: [place], options: short, store: store, name: "part", in: context) {
            steps = $0.step
        } shouldStop: {
            steps >= 3
        }
        let other = folder.path + "/moved.txt"
        try FileManager.default.moveItem(atPath: place, toPath: other)
        let lost = #expect(throws: ModelError.self) { try TextModel.resume("part", store: store, in: context) }
        #expect(lost?.kind == .data && lost?.description.hasSuffix("Give the path where it is now with `at`") == true)
        let resumed = try TextModel.resume("part", store: store, at: [other], in: context)
        #expect(resumed.isFinished && resumed.validationLoss == whole.validationLoss)
        #expect(try resumed.write(length: 50) == whole.write(length: 50))
        try store.close()
    }

    @Test("a hyphen is the name of a file: standard input belongs to the program") func hyphen() throws {
        let folder = try Folder()
        let store = try CheckpointStore.open(at: folder.path + "/s.sqlite", access: .readWrite)
        let error = #expect(throws: ModelError.self) { try TextModel.train(on: ["-"], store: store) }
        #expect(error?.kind == .data && error?.description == "./-: no such file or folder")
        let nothing = #expect(throws: ModelError.self) { try TextModel.train(on: [], store: store) }
        #expect(nothing?.description == "no text given: name one or more files or folders")
        try store.close()
    }
}
