import Autoencoders
import Checkpoints
import Foundation
import Images
import TensorCore
import Testing
import TestSupport

@Suite struct UsingModelTests {
    /// Of the angle between two codes.
    private func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func product(_ a: [Float], _ b: [Float]) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
    }

    @Test func codesOfAFolder() throws {
        let model = try TrainedModel(), source = try model.source()
        let codes = try #require(try model.saved.codes(of: PicturePass(source), in: model.context))
        #expect(codes.names.prefix(2) == ["a/0.png", "a/1.png"] && codes.count == 20 && codes.length == 3)
        #expect(codes.labels == Array(repeating: "a", count: 10) + Array(repeating: "b", count: 10))
        // One by one, with nothing beside them: a picture's code does not depend on its batch.
        for index in [0, 7, 19] {
            let path = "\(model.pictures)/\(codes.names[index])"
            let alone = try model.saved.code(of: PictureReference.find(path), in: model.context).code
            for (a, b) in zip(alone, codes.code(index)) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test func aPassNamesSkipsAndCounts() throws {
        let model = try TrainedModel()
        let bytes = try PNG.encode(Drawn.disc(1))
        try model.folder.write(bytes.prefix(bytes.count - 20), to: "pictures/a/cut.png")
        var failures: [String] = [], progress: [PicturePass.Progress] = []
        let observer = PicturePass.Observer(
            onProgress: { progress.append($0) }, onFailure: { failures.append($0.name) })
        let codes = try #require(
            try model.saved.codes(of: PicturePass(try model.source()), in: model.context, observer))
        #expect(codes.count == 20 && failures == ["a/cut.png"])
        #expect(progress.last?.done == 21 && progress.last?.failed == 1 && progress.last?.count == 21)
        let strict = StreamedPictures(
            try ImageCollection.scan([model.pictures]), format: model.saved.format,
            options: LoadingOptions(isStrict: true))
        #expect(throws: ImageError.self) { try model.saved.codes(of: PicturePass(strict), in: model.context) }
        let bad = try model.source("\(model.pictures)/a/cut.png")
        let error = #expect(throws: ImageError.self) { try model.saved.codes(of: PicturePass(bad), in: model.context) }
        #expect(error?.description.contains("none of the 1 pictures could be read") == true)
    }

    @Test func whatIsEncodedBeforeAnInterruptionStays() throws {
        let model = try TrainedModel(folder: try Drawn.folder(70))
        let pass = PicturePass(try model.source()), path = model.folder.file("codes.csv")
        #expect(pass.batchSize == 128 && pass.indices.count == 140)
        var asked = 0
        let observer = PicturePass.Observer(shouldStop: {
            asked += 1
            return asked > 1
        })
        let (progress, written, _) = try model.saved.encode(pass, in: model.context, observer) {
            try CodeFile.writer(to: path, length: 3)
        }
        #expect(progress.isStopped && progress.read == 128 && written == 128)
        let partial = try CodeFile.read(path: path)
        let whole = try #require(try model.saved.codes(of: pass, in: model.context))
        #expect(partial == whole.subset(Array(0..<128)))
        // Nothing is touched before the first codes are there.
        try model.folder.write("kept".utf8, to: "kept.csv")
        let none = try model.saved.encode(pass, in: model.context, .init(shouldStop: { true })) {
            try CodeFile.writer(to: model.folder.file("kept.csv"), length: 3)
        }
        #expect(none.written == 0 && none.progress.isStopped)
        #expect(try model.folder.text("kept.csv") == "kept")
    }

    @Test func codesInTheStore() throws {
        let model = try TrainedModel(), saved = model.saved
        let store = try CheckpointStore.open(at: model.storePath, access: .readWrite)
        #expect(throws: AutoencoderError.noStoredCodes(run: "test", outdated: 0)) {
            try StoredCodes.read(of: saved, from: store)
        }
        try store.saveCodes([StoredCode(name: "old", label: nil, step: 1, values: [1, 2, 3])], of: saved.run.id)
        let error = #expect(throws: AutoencoderError.self) { try StoredCodes.read(of: saved, from: store) }
        #expect(error == .noStoredCodes(run: "test", outdated: 1))
        #expect(error?.description.contains("Encode pictures into it") == true)
        let (_, written, _) = try saved.encode(PicturePass(try model.source()), in: model.context) {
            StoredCodeWriter(store, run: saved.run, step: saved.step)
        }
        let stored = try StoredCodes.read(of: saved, from: store)
        let codes = try #require(try saved.codes(of: PicturePass(try model.source()), in: model.context))
        #expect(written == 20 && stored.outdated == 1 && stored.codes == codes)
        try store.close()
    }

    /// Pictures of two folders may have the same names, and those that are gone would stay on the map.
    @Test func codesOfOtherPicturesAreReplacedOnlyAllTogether() throws {
        let model = try TrainedModel(), run = model.saved.run
        let store = try CheckpointStore.open(at: model.storePath, access: .readWrite)
        func write(_ codes: [String: Float], step: Int = 2, replaces: Bool = false, ends: Bool = true) throws -> Int {
            let writer = StoredCodeWriter(store, run: run, step: step, replaces: replaces)
            // As they come, each in a batch of its own.
            for (name, value) in codes.sorted(by: { $0.key < $1.key }) {
                let values = Tensor([value, 2, 3], shape: [1, 3])
                try writer.append(PictureCodes(names: [name], labels: [nil], codes: values))
                try writer.finish()
            }
            if replaces, ends { try writer.removeOthers() }
            return writer.replaced
        }
        func stored() throws -> [String: Float] {
            try Dictionary(uniqueKeysWithValues: store.codes(of: run.id).map { ($0.name, $0.values[0]) })
        }
        #expect(try write(["a.png": 1, "b.png": 2]) == 0)
        #expect(throws: AutoencoderError.codeOfAnother(name: "b.png", run: run.name)) { try write(["b.png": 7]) }
        // The same pictures again, others besides, and what other weights make of the same names.
        #expect(try write(["b.png": 2, "c.png": 3]) == 1)
        #expect(try write(["a.png": 5], step: 3) == 1)
        #expect(try stored() == ["a.png": 5, "b.png": 2, "c.png": 3])
        // Interrupted, it has taken nothing away that it did not replace.
        #expect(try write(["a.png": 6], step: 3, replaces: true, ends: false) == 1)
        #expect(try stored() == ["a.png": 6, "b.png": 2, "c.png": 3])
        #expect(try write(["b.png": 7, "d.png": 4], step: 3, replaces: true) == 3)
        #expect(try stored() == ["b.png": 7, "d.png": 4])
        // The same picture again, whose code is no number.
        #expect(try write(["n.png": .nan], step: 3) == 0 && write(["n.png": .nan], step: 3) == 1)
        try store.close()
    }

    @Test func codesOfAnotherLength() throws {
        let model = try TrainedModel()
        let codes = PictureCodes(names: ["x"], labels: [nil], codes: Tensor([1, 2, 3, 4], shape: [1, 4]))
        let error = #expect(throws: AutoencoderError.self) { try model.saved.check(codes, from: "codes.npy") }
        #expect(error == .codeLength(path: "codes.npy", found: 4, expected: 3, run: "test"))
        #expect(error?.description.contains("codes of 4 numbers") == true)
        #expect(error?.description.contains("codes of 3") == true)
    }

    /// Of the same length, so that nothing but a note of who made them can tell.
    @Test(arguments: ["codes.csv", "codes.npy"])
    func codesInAFileBelongToTheWeightsThatMadeThem(name: String) throws {
        let first = try TrainedModel(), second = try TrainedModel(steps: 7), path = first.folder.file(name)
        func encode(with model: TrainedModel) throws {
            _ = try model.saved.encode(PicturePass(try first.source()), in: model.context) {
                try CodeFile.writer(to: path, length: 3, weights: model.saved.fingerprint)
            }
        }
        try encode(with: first)
        #expect(try first.saved.codes(inFile: path).count == 20)
        // Where they lie can be drawn without weights.
        #expect(try second.saved.codes(inFile: path, needsWeights: { _ in false }).count == 20)
        let error = #expect(throws: AutoencoderError.self) { try second.saved.codes(inFile: path) }
        #expect(error == .codesOfOtherWeights(path: path, run: "test", step: 7))
        // By another name they are the same codes; in another folder, or changed, nobody knows.
        let renamed = first.folder.file("renamed-\(name)"), elsewhere = second.folder.file("moved.\(name.suffix(3))")
        try FileManager.default.moveItem(atPath: path, toPath: renamed)
        #expect(throws: AutoencoderError.self) { try second.saved.codes(inFile: renamed) }
        try FileManager.default.moveItem(atPath: renamed, toPath: elsewhere)
        #expect(try second.saved.codes(inFile: elsewhere).count == 20)
        try encode(with: second)
        #expect(try second.saved.codes(inFile: path).count == 20)
        #expect(throws: AutoencoderError.self) { try first.saved.codes(inFile: path) }
    }

    @Test func decodingIsTheSecondHalfOfReconstructing() throws {
        let model = try TrainedModel(), source = try model.source()
        let batch = try source.batch([0, 5, 11]), pictures = batch.tensor()
        let made = model.saved.reconstruct(pictures, in: model.context)
        let decoded = model.saved.pictures(from: model.saved.encode(pictures, in: model.context), in: model.context)
        for (index, picture) in decoded.enumerated() {
            let values = Array(made.values[index * 144..<(index + 1) * 144])
            #expect(picture == Picture(planar: values, format: model.saved.format))
        }
    }

    @Test func theWayFromOnePictureToAnother() throws {
        let model = try TrainedModel(
            .variational(freeNats: 0), steps: 150, folder: try Drawn.folder(width: 12, height: 6))
        // Codes that point elsewhere: between those of nearly one direction there is hardly an arc.
        let codes = try #require(try model.saved.codes(of: PicturePass(try model.source()), in: model.context))
        let first = codes.code(0)
        let far = try #require((0..<20).min { cosine(first, codes.code($0)) < cosine(first, codes.code($1)) })
        let (a, b) = ("\(model.pictures)/\(codes.names[0])", "\(model.pictures)/\(codes.names[far])")
        try model.folder.write(Drawn.disc(4, width: 6, height: 12, channels: 3), to: "other.png")
        let walk = try CodeWalk(
            from: PictureReference.find(a), to: PictureReference.find(b), with: model.saved, in: model.context)
        let source = try model.source(a, b), batch = try source.batch([0, 1])
        let ends = Reconstruction(
            batch, pictures: batch.tensor(), made: model.saved.reconstruct(batch.tensor(), in: model.context))
        let walks = Interpolation.allCases.map { path in
            let pictures = walk.pictures(path, count: 5, in: model.context)
            #expect(pictures.count == 5 && pictures.allSatisfy { $0.size == PictureSize(width: 12, height: 6) })
            #expect(pictures[0] == ends.picture(0) && pictures[4] == ends.picture(1))
            let between = Tensor((0..<5).map { path.point(Double($0) / 4, from: walk.start, to: walk.end) })
            #expect(pictures == model.saved.pictures(from: between, at: batch.placements[0], in: model.context))
            return pictures
        }
        #expect(walks[0][2] != walks[1][2], "\(cosine(walk.start, walk.end))")
        // Of another shape: what lies between has the model's.
        let mixed = try CodeWalk(
            from: PictureReference.find(a), to: PictureReference.find(model.folder.file("other.png")),
            with: model.saved,
            in: model.context
        ).pictures(.linear, count: 3, in: model.context)
        #expect(mixed.allSatisfy { $0.size == model.saved.format.size && $0.channels == 1 })
    }

    @Test func aPictureIsNamedByFileOrNumber() throws {
        let folder = try TemporaryFolder()
        let values = (0..<3).flatMap { Drawn.disc($0).pixels }
        try NumPyArray.write(values, shape: [3, 12, 12], path: folder.file("some.npy"))
        try folder.write(Drawn.disc(8), to: "a#1")
        let second = try PictureReference.find(folder.file("some.npy#1"))
        #expect(try second.items.count == 1 && second.items[0].picture() == Drawn.disc(1))
        #expect(try PictureReference.find(folder.file("a#1")).items[0].picture() == Drawn.disc(8))
        #expect(throws: AutoencoderError.notOnePicture(path: folder.file("some.npy"), found: 3)) {
            try PictureReference.find(folder.file("some.npy"))
        }
        #expect(throws: AutoencoderError.noSuchPicture(path: folder.file("some.npy"), number: 3, count: 3)) {
            try PictureReference.find(folder.file("some.npy#3"))
        }
        #expect(throws: ImageError.noSuchFile(path: folder.file("none.png"))) {
            try PictureReference.find(folder.file("none.png"))
        }
        #expect(throws: ImageError.self) { try PictureReference.find(folder.file("none.npy#0")) }
    }

    @Test func neighborsWithoutThePictureItself() throws {
        let model = try TrainedModel()
        // A copy under another name is a neighbor; a link to the picture is the picture.
        try model.folder.write(Drawn.disc(0), to: "pictures/copy.png")
        try FileManager.default.createSymbolicLink(
            atPath: model.folder.file("link.png"), withDestinationPath: "\(model.pictures)/a/0.png")
        let query = try PictureReference.find(model.folder.file("link.png"))
        let code = try model.saved.code(of: query, in: model.context).code
        let source = try model.source()
        let search = try #require(try PictureSearch(source, with: model.saved, in: model.context))
        let found = try search.neighbors(of: query.items[0], code: code, count: 4, in: model.context)
        #expect(found.neighbors.count == 4 && found.neighbors[0].name == "copy.png" && found.neighbors[0].label == nil)
        #expect(found.neighbors[0].distance < 1e-4)
        #expect(!found.neighbors.contains { $0.name == "a/0.png" })
        #expect(try search.picture(found.neighbors[0]) == Drawn.disc(0))
        // By hand: distances of all codes.
        let byHand = (0..<search.codes.count).filter { search.codes.names[$0] != "a/0.png" }.map { row in
            (
                zip(code, search.codes.code(row)).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) },
                search.codes.names[row]
            )
        }.sorted { $0.0 < $1.0 }.prefix(4)
        #expect(found.neighbors.map(\.name) == byHand.map(\.1))
        let all = try search.neighbors(of: query.items[0], code: code, count: 99, metric: .cosine, in: model.context)
        #expect(all.neighbors.count == 20)
        // One less the cosine of the angle, not the length of the difference.
        for neighbor in all.neighbors {
            let other = search.codes.code(neighbor.index)
            #expect(abs(Double(neighbor.distance) - (1 - cosine(code, other))) < 1e-5)
        }
    }

    /// Whatever file they are in, copies are other pictures.
    @Test func copiesInArraysAreNeighbors() throws {
        let model = try TrainedModel(), pixels = (0..<5).flatMap { Drawn.disc($0).pixels }
        let bytes: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 12, 0, 0, 0, 12] + pixels
        for name in ["one.idx", "two.idx"] { try model.folder.write(bytes, to: name) }
        for name in ["one.npy", "two.npy"] {
            try NumPyArray.write(pixels, shape: [5, 12, 12], path: model.folder.file(name))
        }
        for (asked, searched, isFound) in [
            ("one.idx", "one.idx", false), ("one.idx", "two.idx", true), ("one.npy", "one.npy", false),
            ("one.npy", "two.npy", true),
        ] {
            let query = try PictureReference.find(model.folder.file("\(asked)#2"))
            let code = try model.saved.code(of: query, in: model.context).code
            let source = try model.source(model.folder.file(searched))
            let search = try #require(try PictureSearch(source, with: model.saved, in: model.context))
            let found = try search.neighbors(of: query.items[0], code: code, count: 5, in: model.context)
            #expect(found.neighbors.contains { $0.name == "\(searched)#2" } == isFound, "\(asked) in \(searched)")
        }
    }

    /// A gray model takes color channel by channel, and is trained on pictures whose blackened pixels are black.
    @Test func aPixelIsBlackenedInAllChannels() throws {
        let model = try TrainedModel(.denoising(noise: 0, masking: 0.3)), color = Drawn.disc(3, channels: 3)
        try model.folder.write(color, to: "mixed/color.png")
        for number in 0..<8 { try model.folder.write(Drawn.disc(number), to: "mixed/gray-\(number).png") }
        let collection = try ImageCollection.scan([model.folder.file("mixed")])
        let source = StreamedPictures(collection, format: model.saved.denoisingFormat(for: collection))
        #expect(source.format.channels == 3)
        var blackened = 0, gray = 0
        try model.saved.denoise(PicturePass(source), addingNoise: 1, in: model.context) { denoised in
            for position in 0..<denoised.count {
                let clean = try collection.items[denoised.batch.indices[position]].picture(over: .white)
                let noisy = denoised.input(position), channels = clean.channels
                for pixel in 0..<144 {
                    let place = pixel * channels..<(pixel + 1) * channels
                    let isBlack = noisy.pixels[place].allSatisfy { $0 == 0 }
                    #expect(isBlack || noisy.pixels[place] == clean.pixels[place], "\(position), pixel \(pixel)")
                    if channels == 1, clean.pixels[pixel] > 0 {
                        (gray, blackened) = (gray + 1, blackened + (isBlack ? 1 : 0))
                    }
                }
            }
        }
        #expect(gray > 300 && abs(Double(blackened) / Double(gray) - 0.3) < 0.1, "\(blackened) of \(gray)")
    }

    @Test func onlyAModelThatHasLearnedItDenoises() throws {
        let plain = try TrainedModel()
        let error = #expect(throws: AutoencoderError.self) { try plain.saved.checkDenoises() }
        #expect(error?.description.contains("run 'test' is a plain model") == true)
        #expect(error?.description.contains("`kind` denoising") == true)
        let model = try TrainedModel(.denoising(noise: 0.2, masking: 0.1))
        try model.saved.checkDenoises()
        let pass = PicturePass(try model.source())
        func inputs(_ seed: UInt64?) throws -> [Picture] {
            var pictures: [Picture] = []
            try model.saved.denoise(pass, addingNoise: seed, in: model.context) { denoised in
                #expect(denoised.made == model.saved.reconstruct(denoised.pictures, in: model.context))
                #expect(denoised.made != denoised.pictures)
                pictures += (0..<denoised.count).map(denoised.input)
            }
            return pictures
        }
        let clean = try inputs(nil), noisy = try inputs(1)
        #expect(clean[0] == Drawn.disc(0) && noisy[0] != clean[0])
        #expect(try inputs(1) == noisy && inputs(2) != noisy)
    }

    @Test func picturesOfTheRun() throws {
        let model = try TrainedModel()
        let pictures = try #require(try model.saved.runPictures(or: "", in: model.context))
        #expect(pictures.heldOutPass.indices.count == 4 && pictures.trainingPass().indices.count == 16)
        let some = pictures.trainingPass(atMost: 3).indices, all = pictures.trainingPass().indices
        #expect(some == [all[0], all[7], all[15]])
        #expect(try model.saved.runPictures(or: "", in: model.context, progress: { _, _ in false }) == nil)
        try model.folder.write(Drawn.disc(99), to: "pictures/a/0.png")
        let changed = #expect(throws: AutoencoderError.self) {
            try model.saved.runPictures(or: "Give codes instead", in: model.context)
        }
        #expect(changed?.description.contains("they have changed") == true)
        #expect(changed?.description.hasSuffix("Give codes instead") == true)
        try FileManager.default.removeItem(atPath: model.pictures)
        let gone = #expect(throws: AutoencoderError.self) {
            try model.saved.runPictures(or: "Give codes instead", in: model.context)
        }
        #expect(gone?.description.contains("no such file") == true)
    }
}
