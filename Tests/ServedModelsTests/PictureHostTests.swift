import Autoencoders
import Checkpoints
import Foundation
import Images
import MapExplorer
import ServedModels
import TensorCore
import TestSupport
import Testing
import TrainingRuns

/// The models behind requests for pictures, beside the same models used directly.
@Suite struct PictureHostTests {
    /// A small model of spots in two classes, in a store, and its pictures in a folder.
    private struct Place {
        let folder: TemporaryFolder
        let store: CheckpointStore
        let saved: SavedAutoencoder
        let context = ComputeContext(threads: 1)

        var pictures: String { folder.file("pictures") }

        init(count: Int = 24, steps: Int = 8) throws {
            folder = try TemporaryFolder()
            for number in 0..<count {
                try folder.write(
                    "pictures/\("ab".map(String.init)[number % 2])/\(100 + number).png", PNG.encode(spot(number)))
            }
            store = try CheckpointStore.open(at: folder.file("store.sqlite"), access: .readWrite)
            var selection = PictureSelection(paths: [folder.file("pictures")])
            selection.rule = .count(6)
            var options = AutoencoderOptions()
            (options.code, options.steps, options.batch, options.channels, options.hidden) = (4, steps, 6, [4], 8)
            let prepared = try #require(try PreparedPictures.read(selection, in: context, components: { _ in 4 }))
            let training = try AutoencoderTraining(
                plan: .plan(for: prepared.summary, options: options), pictures: prepared, store: store, name: "spots",
                in: context)
            _ = try training.train(shouldStop: { false }, onEvent: { _ in })
            saved = try SavedAutoencoder.load(.named("spots"), from: store, in: context)
        }

        func host(_ paths: [String]? = nil, _ change: (inout PictureHost.Limits) -> Void = { _ in }) -> PictureHost {
            var limits = PictureHost.Limits()
            change(&limits)
            return PictureHost(store: store, pictures: paths ?? [pictures], limits: limits) {
                ComputeContext(threads: 1)
            }
        }

        /// The codes of the folder, as the program that encodes folders makes them.
        func codes() throws -> PictureCodes {
            let source = StreamedPictures(try ImageCollection.scan([pictures]), format: saved.format)
            return try #require(try saved.codes(of: PicturePass(source), in: context))
        }

        func bytes(_ name: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(pictures)/\(name)")))
        }
    }

    private static func spot(_ number: Int, width: Int = 12, height: Int = 12, channels: Int = 1) -> Picture {
        let x = Double((number * 7) % 9) + 1, y = Double((number * 5) % 8) + 2
        var picture = Picture(width: width, height: height, channels: channels, filledWith: 0)
        for row in 0..<height {
            for column in 0..<width {
                let distance = (Double(column) - x) * (Double(column) - x) + (Double(row) - y) * (Double(row) - y)
                for channel in 0..<channels { picture[column, row, channel] = UInt8(max(0, 240 - 20 * distance)) }
            }
        }
        return picture
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot()
    }

    @Test func codesAreThoseOfTheFolder() async throws {
        let place = try Place(), host = place.host(), expected = try place.codes()
        let names = ["a/100.png", "b/101.png", "a/122.png"]
        let answer = try await host.encode(
            try names.map(place.bytes), fields: names, model: nil)
        #expect(answer.model == "spots" && answer.codes.count == 3)
        for (name, code) in zip(names, answer.codes) {
            let index = try #require(expected.names.firstIndex(of: name))
            #expect(distance(code, expected.code(index)) < 1e-5)
            // However many others there are in the request, or none.
            #expect(try await host.encode([try place.bytes(name)], fields: ["image"], model: "spots").codes == [code])
        }
        // The error, from the code and the model alone.
        let picture = Self.spot(0)
        let made = place.saved.decode(Tensor(answer.codes[0], shape: [1, 4]), in: place.context).values
        let errors = zip(made, picture.pixels).map { Double($0) - Double($1) / 255 }
        let squares = errors.map { $0 * $0 }
        #expect(abs(answer.errors[0] - squares.reduce(0, +) / 144) < 1e-6)
    }

    @Test func aPictureOfAnotherShapeIsFittedAsInAFolder() async throws {
        let place = try Place()
        let wide = Self.spot(3, width: 40, height: 17, channels: 3)
        try place.folder.write("pictures/a/wide.png", PNG.encode(wide))
        let expected = try place.codes(), host = place.host()
        let answer = try await host.encode([PNG.encode(wide)], fields: ["image"], model: nil)
        let index = try #require(expected.names.firstIndex(of: "a/wide.png"))
        #expect(distance(answer.codes[0], expected.code(index)) < 1e-5)
        let rebuilt = try await host.reconstruct(PNG.encode(wide), field: "image", model: nil)
        #expect(rebuilt.picture.size == wide.size && rebuilt.difference.size == wide.size)
        #expect(rebuilt.code == answer.codes[0] && rebuilt.error == answer.errors[0])
        // A large one is answered smaller.
        let small = place.host { $0.longestSide = 20 }
        #expect(
            try await small.reconstruct(PNG.encode(wide), field: "image", model: nil).picture.size
                == PictureSize(width: 20, height: 8))
    }

    @Test func theHeatLiesWhereTheErrorsAre() async throws {
        let place = try Place(), host = place.host()
        // What the model draws, but for one corner.
        let code = try place.codes().code(0)
        var picture = try #require(
            place.saved.pictures(from: Tensor(code, shape: [1, 4]), in: place.context).first)
        for pixel in 0..<9 { picture[pixel % 3, pixel / 3, 0] = 255 }
        let found = try await host.reconstruct(PNG.encode(picture), field: "image", model: nil)
        func light(_ x: Int, _ y: Int) -> Int { (0..<3).reduce(0) { $0 + Int(found.difference[x, y, $1]) } }
        #expect(light(1, 1) > 400 && found.scale >= 0.25)
        // Against the reconstruction that was answered.
        let errors = (0..<144).map { abs(Int(found.picture.pixels[$0]) - Int(picture.pixels[$0])) }
        let worst = errors.indices.max { errors[$0] < errors[$1] } ?? 0
        #expect(light(worst % 12, worst / 12) >= light(6, 6))
    }

    @Test func codesBecomePictures() async throws {
        let place = try Place(), host = place.host()
        let codes: [[Float]] = [[0, 0, 0, 0], [1, -2, 0.5, 3], [1e38, -1e38, 0, 1e38]]
        let answer = try await host.decode(codes, model: "spots")
        for (code, picture) in zip(codes, answer.pictures).prefix(2) {
            let values = place.saved.decode(Tensor(code, shape: [1, 4]), in: place.context).values
            #expect(picture.size == PictureSize(width: 12, height: 12) && picture.isGray)
            #expect(zip(picture.pixels, values).allSatisfy { abs(Double($0) - 255 * Double($1)) <= 0.51 })
        }
        #expect(answer.pictures.count == 3)
    }

    @Test func neighborsAreTheNearestByCode() async throws {
        let place = try Place(), host = place.host(), all = try place.codes()
        let index = 5, own = all.code(index)
        let expected = all.names.indices.map { ($0, distance(own, all.code($0))) }.sorted { $0.1 < $1.1 }
        let byIndex = try await host.neighbors(of: .index(index), count: 4, model: nil).neighbors
        #expect(byIndex.count == 4)
        let others = expected.filter { $0.0 != index }.prefix(4)
        for (found, (at, distance)) in zip(byIndex, others) {
            #expect(abs(Double(found.distance) - distance) < 1e-4)
            #expect(found.name == all.names[found.index] && found.label == all.labels[found.index])
            #expect(found.index == at || abs(Double(found.distance) - self.distance(own, all.code(found.index))) < 1e-4)
        }
        // A code has itself among its neighbors, and so has the picture.
        let byCode = try await host.neighbors(of: .code(own), count: 1, model: nil).neighbors
        let byPicture = try await host.neighbors(
            of: .picture(try place.bytes(all.names[index]), field: "image"), count: 1, model: nil)
        #expect(byCode[0].distance < 1e-5 && byPicture.neighbors[0].distance < 1e-4)
        #expect(distance(byPicture.code, own) < 1e-5)
        // There are no more than there are.
        #expect(try await host.neighbors(of: .index(0), count: 1000, model: nil).neighbors.count == 23)
    }

    @Test func directionsAreThoseOfLargestVariance() async throws {
        let place = try Place(), all = try place.codes()
        let found = try await place.host().directions(model: nil).directions
        #expect(found.directions.count == 4 && found.deviations == found.deviations.sorted(by: >))
        let codes = (0..<all.count).map { all.code($0).map(Double.init) }
        for k in 0..<4 {
            let mean = codes.reduce(0) { $0 + $1[k] } / Double(codes.count)
            #expect(abs(mean - Double(found.mean[k])) < 1e-4)
        }
        func along(_ direction: [Float]) -> [Double] {
            codes.map { code in
                zip(code, zip(found.mean, direction)).reduce(0) { $0 + ($1.0 - Double($1.1.0)) * Double($1.1.1) }
            }
        }
        for (i, direction) in found.directions.enumerated() {
            for (j, other) in found.directions.enumerated() {
                let product = zip(direction, other).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-4)
                // What codes are along one direction says nothing of what they are along another: of all directions at
                // right angles to each other, those of the variances alone are so.
                let covariance =
                    zip(along(direction), along(other)).reduce(0) { $0 + $1.0 * $1.1 } / Double(codes.count)
                let deviations = found.deviations[i] * found.deviations[j]
                #expect(abs(covariance - (i == j ? deviations : 0)) < 1e-3 * deviations, "\(i) and \(j)")
            }
        }
    }

    @Test func theMapShowsTheServersPictures() async throws {
        let place = try Place(), host = place.host()
        async let second = host.map(model: "spots")
        let map = try await host.map(model: nil)
        #expect(try await second.data == map.data)
        #expect(map.data.names == (try place.codes()).names && map.data.columns == 5)
        let sheet = try map.pictures.withUnsafeBytes { try PictureFile.read($0, name: "tiles") }
        #expect(sheet.size == PictureSize(width: 60, height: 60))
        // The third tile is the third picture.
        #expect((0..<12).map { sheet[24 + $0, 4, 0] } == (0..<12).map { Self.spot(4)[$0, 4, 0] })
        let neighbors = try await host.neighbors(of: .index(7), count: 8, model: nil).neighbors
        #expect(map.data.neighbors[7] == neighbors.map(\.index))
        let some = try await place.host { $0.shown = 10 }.map(model: nil)
        #expect(some.data.names.count == 10)
    }

    @Test func storedCodesTakeThePlaceOfPictures() async throws {
        let place = try Place(), host = place.host([])
        let none = await #expect(throws: ServedPictureError.self) { try await host.map(model: nil) }
        #expect(none?.field == "model" && none?.description.contains("ae encode FOLDER --to-store") == true)
        var all = try place.codes()
        // Far apart, so that what they are decoded to is too.
        all.codes = Tensor(all.codes.values.map { 40 * $0 }, shape: all.codes.shape)
        try place.store.saveCodes(
            all.names.indices.map {
                StoredCode(name: all.names[$0], label: all.labels[$0], step: place.saved.step, values: all.code($0))
            }, of: place.saved.run.id)
        let map = try await host.map(model: nil)
        #expect(map.data.names == all.names)
        let sheet = try map.pictures.withUnsafeBytes { try PictureFile.read($0, name: "tiles") }
        let decoded = place.saved.pictures(from: all.codes, in: place.context)
        for (index, picture) in decoded.enumerated() {
            let tile = sheet.cropped(x: index % 5 * 12, y: index / 5 * 12, width: 12, height: 12)
            #expect(zip(tile.pixels, picture.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        }
        #expect(decoded[0] != decoded[23])
    }

    @Test func codesThatAreKeptMeanwhileAreShown() async throws {
        let place = try Place(), host = place.host([]), all = try place.codes()
        func keep(_ range: Range<Int>, scaledBy scale: Float = 1) throws {
            try place.store.saveCodes(
                range.map {
                    StoredCode(
                        name: all.names[$0], label: all.labels[$0], step: place.saved.step,
                        values: all.code($0).map { scale * $0 })
                }, of: place.saved.run.id)
        }
        try keep(0..<20)
        let before = try await host.directions(model: nil).directions
        #expect(try await host.map(model: nil).data.names.count == 20)
        try keep(20..<24)
        // Indices and directions are those of the map that was given last.
        #expect(try await host.directions(model: nil).directions == before)
        #expect(try await host.map(model: nil).data.names == all.names)
        let after = try await host.directions(model: nil).directions
        #expect(after != before)
        // As many as before, one of them of another picture by the same name.
        try keep(3..<4, scaledBy: 2)
        #expect(try await host.neighbors(of: .index(3), count: 1, model: nil).code == all.code(3))
        _ = try await host.map(model: nil)
        #expect(try await host.neighbors(of: .index(3), count: 1, model: nil).code == all.code(3).map { 2 * $0 })
        #expect(try await host.directions(model: nil).directions != after)
        // The same numbers with another label.
        try place.store.saveCodes(
            [StoredCode(name: all.names[5], label: "other", step: place.saved.step, values: all.code(5))],
            of: place.saved.run.id)
        #expect(try await host.map(model: nil).data.labels?[5] == "other")
        #expect(host.figures.loadedModels == 1 && host.figures.loads == 1)
    }

    @Test func newerWeightsAreTakenUp() async throws {
        let place = try Place(), host = place.host()
        let before = try await host.encode([try place.bytes("a/100.png")], fields: ["image"], model: nil).codes
        var stored = try place.store.loadCheckpoint(.best, of: place.saved.run.id)
        stored.step += 1
        for name in stored.sections[.parameter]?.names ?? [] {
            if let tensor = stored.sections[.parameter]?[name] {
                stored.sections[.parameter]?[name] = Tensor(tensor.values.map { $0 * 1.25 }, shape: tensor.shape)
            }
        }
        try place.store.save(stored, in: place.saved.run.id, isBest: true)
        let after = try await host.encode([try place.bytes("a/100.png")], fields: ["image"], model: nil).codes
        #expect(before != after)
        #expect(host.figures.loadedModels == 1 && host.figures.loads == 2)
    }

    // MARK: What is wrong

    @Test func whatIsWrongIsSaidByItsField() async throws {
        let place = try Place(), host = place.host { ($0.pixels, $0.pictures, $0.codes) = (200, 2, 2) }
        func refused(_ work: () async throws -> Void) async -> ServedPictureError? {
            await #expect(throws: ServedPictureError.self) { try await work() }
        }
        let large = try PNG.encode(Self.spot(0, width: 40, height: 20)), good = try place.bytes("a/100.png")
        #expect(
            await refused { _ = try await host.encode([large], fields: ["image"], model: nil) }
                == .tooLarge(field: "image", width: 40, height: 20, limit: 200))
        let text = await refused { _ = try await host.encode([Array("text".utf8)], fields: ["images[0]"], model: nil) }
        #expect(text?.field == "images[0]" && text?.description.contains("PNG and JPEG pictures are read") == true)
        let cut = await refused {
            _ = try await host.reconstruct(Array(good.dropLast(20)), field: "image", model: nil)
        }
        guard case .unreadable("image", _)? = cut else { return #expect(Bool(false), "\(String(describing: cut))") }
        for bytes in [[], [0x89, 0x50], Array(good.prefix(30))] as [[UInt8]] {
            #expect(await refused { _ = try await host.encode([bytes], fields: ["image"], model: nil) } != nil)
        }
        #expect(
            await refused { _ = try await host.encode([good, good, good], fields: ["a", "b", "c"], model: nil) }
                == .count(field: "images", found: 3, limit: 2))
        #expect(
            await refused { _ = try await host.decode([], model: nil) } == .count(field: "codes", found: 0, limit: 2))
        #expect(
            await refused { _ = try await host.decode([[1, 2]], model: nil) }
                == .codeLength(field: "codes", found: 2, expected: 4))
        for bad in [Float.nan, .infinity] {
            #expect(
                await refused { _ = try await host.decode([[1, 2, 3, bad]], model: nil) }
                    == .codeNotFinite(field: "codes"))
            #expect(
                await refused { _ = try await host.neighbors(of: .code([1, 2, 3, bad]), count: 1, model: nil) }
                    == .codeNotFinite(field: "code"))
        }
        for index in [-1, 24] {
            #expect(
                await refused { _ = try await host.neighbors(of: .index(index), count: 1, model: nil) }
                    == .noSuchIndex(index, count: 24))
        }
        #expect(
            await refused { _ = try await host.neighbors(of: .index(0), count: 0, model: nil) }?.field == "count")
        let nowhere = await refused { _ = try await place.host(["/nowhere"]).map(model: nil) }
        #expect(nowhere?.field == "model")
    }

    @Test func modelsThatAreNotThere() async throws {
        let place = try Place(), host = place.host()
        await #expect(throws: ServedModelError.unknownModel("other", kind: "pictures")) {
            try await host.decode([[0, 0, 0, 0]], model: "other")
        }
        let empty = try CheckpointStore.open(at: place.folder.file("empty.sqlite"), access: .readWrite)
        let bare = PictureHost(store: empty) { ComputeContext(threads: 1) }
        await #expect(throws: ServedModelError.unknownModel(nil, kind: "pictures")) {
            try await bare.decode([[0, 0, 0, 0]], model: nil)
        }
        host.stop()
        await #expect(throws: ServedModelError.stopping) { try await host.decode([[0, 0, 0, 0]], model: nil) }
    }
}
