import Foundation
import Jacquard
import TestSupport
import Testing

@Suite struct DatasetTests {
    private func numbered(_ count: Int) -> Dataset {
        Dataset(inputs: (0..<count).map { [Float($0), Float(-$0)] }, targets: (0..<count).map { [Float($0) * 10] })
    }

    @Test func aSplitHasEveryExampleOnceAndIsThatOfItsSeed() throws {
        let data = numbered(53), (training, heldOut) = data.split(heldOut: 13, seed: 4)
        func firsts(_ data: Dataset) throws -> [Float] {
            try data.batch(0..<data.count).inputs.values.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        }
        #expect(training.count == 40 && heldOut.count == 13)
        #expect(try (firsts(training) + firsts(heldOut)).sorted() == (0..<53).map(Float.init))
        #expect(try firsts(heldOut) != (40..<53).map(Float.init))
        let again = data.split(heldOut: 13, seed: 4), other = data.split(heldOut: 13, seed: 5)
        #expect(try firsts(again.heldOut) == firsts(heldOut))
        #expect(try firsts(other.heldOut) != firsts(heldOut))
        #expect(data.split(heldOutShare: 0.25).heldOut.count == 13)
        // Targets go with their inputs, wherever they are.
        guard case .values(let targets) = try training.batch(0..<40).targets else { throw CancellationError() }
        #expect(try targets.values == firsts(training).map { $0 * 10 })
    }

    @Test func batchesCoverAPassInAnOrderOfItsOwn() {
        let data = numbered(23), first = data.batches(of: 5, seed: 1), second = data.batches(of: 5, seed: 1, epoch: 1)
        #expect(first.map(\.count) == [5, 5, 5, 5, 3])
        #expect(first.joined().sorted() == Array(0..<23) && second.joined().sorted() == Array(0..<23))
        #expect(first != second && first == data.batches(of: 5, seed: 1))
    }

    @Test func batchesByTheirNumberGoOverPassAfterPass() throws {
        let data = numbered(23), twelve = data.batches(12, of: 5, seed: 3)
        #expect(twelve.map(\.count) == [5, 5, 5, 5, 3, 5, 5, 5, 5, 3, 5, 5])
        #expect(Array(twelve[5..<10]) == data.batches(of: 5, seed: 3, epoch: 1))
        #expect(data.batches(0, of: 5, seed: 3).isEmpty)
        #expect(try data.batch(twelve[4]).targets.numbers.values == twelve[4].map { Float($0) * 10 })
        let classes = Dataset(inputs: [[1], [2], [3]], labels: [2, 0, 1])
        #expect(try classes.batch([2, 0]).targets.numbers == Tensor([1, 2]))
    }

    /// Every order of four examples comes about as often as any other.
    @Test func shufflesAreFair() throws {
        let data = numbered(4)
        var seen: [[Float]: Int] = [:]
        for seed in 0..<2400 {
            let order = try data.shuffled(seed: UInt64(seed)).batch(0..<4).inputs.values
            seen[order, default: 0] += 1
        }
        #expect(seen.count == 24)
        // 100 each; the standard deviation is 9.8.
        #expect(seen.values.allSatisfy { (55...145).contains($0) }, "\(seen.values.sorted())")
    }

    @Test func standardizationNeverSeesWhatIsHeldOut() throws {
        var chance = Chance(3)
        let rows = (0..<40).map { _ in [Float(5 + 3 * chance.next()), Float(-2 + chance.next()), 7] }
        let data = Dataset(inputs: rows, targets: rows.map { [$0[0]] })
        let (training, heldOut) = data.split(heldOut: 11, seed: 2)
        let scale = try Standardization(fittedTo: training)
        let seen = try training.batch(0..<29).inputs.values.map(Double.init)
        for column in 0..<2 {
            let values = (0..<29).map { seen[3 * $0 + column] }, mean = values.reduce(0, +) / 29
            let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 29).squareRoot()
            #expect(abs(Double(scale.mean[column]) - mean) < 1e-6)
            #expect(abs(Double(scale.deviation[column]) - deviation) < 1e-6)
            let whole = rows.map { Double($0[column]) }.reduce(0, +) / 40
            #expect(abs(mean - whole) > 1e-3)
            let scaled = try heldOut.standardized(by: scale).batch(0..<11).inputs,
                plain = try heldOut.batch(0..<11).inputs
            for row in 0..<11 {
                #expect(abs(Double(scaled[row, column]) - (Double(plain[row, column]) - mean) / deviation) < 1e-5)
            }
        }
        // A column that never changes becomes zero, and not infinite.
        #expect(scale.deviation[2] == 1 && scale(Tensor([[5, 5, 7]]))[0, 2] == 0)
    }

    @Test func oneScaleForAllNumbersOfAPicture() throws {
        var chance = Chance(4)
        let rows = (0..<9).map { _ in [Float(5 + 3 * chance.next()), Float(-2 + chance.next()), 7] }
        let data = Dataset(inputs: rows, targets: rows.map { [$0[0]] })
        let scale = try Standardization(fittedTo: data, isShared: true), all = rows.joined().map(Double.init)
        let mean = all.reduce(0, +) / 27
        let deviation = (all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 27).squareRoot()
        for column in 0..<3 {
            #expect(abs(Double(scale.mean[column]) - mean) < 1e-6)
            #expect(abs(Double(scale.deviation[column]) - deviation) < 1e-6)
        }
    }

    // MARK: Files

    private func idx(_ sizes: [Int], _ bytes: [UInt8]) -> Data {
        var data = Data([0, 0, 8, UInt8(sizes.count)])
        for size in sizes { data.append(contentsOf: withUnsafeBytes(of: UInt32(size).bigEndian, Array.init)) }
        return data + Data(bytes)
    }

    @Test func idxFilesBecomeRowsFromZeroToOne() throws {
        let folder = try Folder()
        let images = try folder.file("images", idx([3, 2, 4], (0..<24).map { UInt8($0 * 11) }))
        let data = try Dataset(idxImages: images, labels: folder.file("labels", idx([3], [2, 0, 2])))
        #expect(data.count == 3 && data.inputShape == [8] && data.pictureShape == [1, 2, 4])
        #expect(data.labels == [2, 0, 2] && data.classes == ["0", "1", "2"])
        #expect(try data.batch([1]).inputs == Tensor((8..<16).map { Float($0 * 11) / 255 }, shape: [1, 8]))
        #expect(try data.asPictures.batch([1, 2]).inputs.shape == [2, 1, 2, 4])

        let cut = try folder.file("cut", idx([3, 2, 4], [1, 2, 3]))
        for bad in [cut, folder.path + "/none", try folder.file("text", "no picture")] {
            #expect(throws: DatasetError.self) { try Dataset(idxImages: bad, labels: images) }
        }
        #expect(throws: DatasetError.self) {
            try Dataset(idxImages: images, labels: folder.file("short", idx([2], [1, 0])))
        }
    }

    @Test func tablesHaveQuotesLineEndsAndMarks() throws {
        let folder = try Folder()
        let text =
            "\u{FEFF}\"size, in m²\",rooms,kind\r\n1.5,2,\"a \"\"b\"\"\"\r\n-3e1, 4 ,\"line\r\nbreak\"\r\n\r\n7,8,x10\r\n2,3,x9"
        let data = try Dataset(csv: folder.file("t.csv", text), label: "kind")
        #expect(data.classes == ["a \"b\"", "line\r\nbreak", "x9", "x10"] && data.labels == [0, 1, 3, 2])
        #expect(try data.batch(0..<4).inputs == Tensor([[1.5, 2], [-30, 4], [7, 8], [2, 3]]))

        let values = try Dataset(
            csv: folder.file("v.csv", "a;b;c\n1;2;3\n4;5;6\n"), targets: ["b"], inputs: ["c"], separator: ";")
        #expect(try values.batch(0..<2).inputs == Tensor([[3], [6]]))
        #expect(try values.batch([1]).targets == .values(Tensor([[5]])))
    }

    /// Names that are the same number have an order all the same, the same in every process.
    @Test func classesOfTheSameNumberHaveAnOrder() throws {
        let folder = try Folder(), names = ["2", "1", "0001", "01", "00001", "001", "000001", "10"]
        let text = "x,kind\n" + names.map { "0,\($0)\n" }.joined()
        let data = try Dataset(csv: folder.file("t.csv", text), label: "kind")
        #expect(data.classes == ["000001", "00001", "0001", "001", "01", "1", "2", "10"])
        #expect(data.labels == [6, 5, 2, 4, 1, 3, 0, 7])
    }

    @Test func nothingToShowAModelStopsTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Standardization(fittedTo: Dataset(inputs: Tensor(zeros: [3, 0]), targets: Tensor(zeros: [3, 1])))
        }
        expectMessage("inputs of shape [0] have none", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Dataset(csv: "/dev/null", targets: [])
        }
        expectMessage("a model answers one column or more", from: result2)
        let result3 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Dataset(pictures: "/", width: 28, height: 0)
        }
        expectMessage("width and height are from 1 to 4096 pixels, not 28 and 0", from: result3)
    }

    @Test func whatIsWrongWithATableNamesRowAndColumn() throws {
        let folder = try Folder()
        func error(_ text: String, label: String = "c") throws -> DatasetError? {
            let path = try folder.file("x.csv", text)
            do {
                _ = try Dataset(csv: path, label: label)
                return nil
            } catch {
                return error
            }
        }
        let path = folder.path + "/x.csv"
        #expect(
            try error("a,b,c\n1,2,x\n1,zwei,y\n")
                == .badValue(path: path, row: 3, column: "b", value: "zwei", expected: "a number"))
        #expect(
            try error("a,b,c\n1,nan,x\n")
                == .badValue(path: path, row: 2, column: "b", value: "nan", expected: "a number"))
        #expect(try error("a,b,c\n1,2\n") == .rowLength(path: path, row: 2, fields: 2, expected: 3))
        #expect(try error("a,b,c\n1,2,\"x\n3,4,y\n") == .badQuote(path: path, row: 2, column: "c"))
        #expect(try error("a,b,c\n1,2\"3,x\n") == .badQuote(path: path, row: 2, column: "b"))
        #expect(try error("a,b,c\n1,2,x\n", label: "d") == .noColumn(path: path, name: "d", present: ["a", "b", "c"]))
        #expect(try error("") == .unusable(path: path, reason: "it is empty"))
        #expect(try error("a,b,c\n") == .unusable(path: path, reason: "it has a head and no rows"))
        #expect(try error("a,a,c\n1,2,x\n") == .unusable(path: path, reason: "two columns are named 'a'"))
        #expect(try error("b,a,b,a,c\n1,2,3,4,x\n") == .unusable(path: path, reason: "two columns are named 'b'"))
        // Only answers, and nothing that a model is shown.
        let alone = DatasetError.unusable(
            path: path, reason: "all its columns are answers, and a model is shown the others")
        #expect(try error("c\nx\ny\n") == alone)
        #expect(throws: alone) { try Dataset(csv: folder.file("x.csv", "a,c\n1,2\n"), targets: ["c", "a"]) }
        // An empty field at the very end is a field.
        #expect(try error("a,b,c\n1,2,") == nil)
        #expect(throws: DatasetError.self) { try Dataset(csv: folder.path + "/none.csv", label: "c") }
    }

    private func npy(_ type: String, _ shape: String, _ data: Data) -> Data {
        var head = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
        head += String(repeating: " ", count: 63 - (10 + head.count) % 64) + "\n"
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(head.utf8.count), 0]) + Data(head.utf8) + data
    }

    @Test func numPyArraysBecomeInputsAndTargets() throws {
        let folder = try Folder()
        let numbers = (0..<12).map { Float($0) / 4 }
        let inputs = try folder.file("x.npy", npy("<f4", "(3, 4)", numbers.withUnsafeBytes { Data($0) }))
        let labels = try folder.file("y.npy", npy("|u1", "(3,)", Data([2, 1, 0])))
        let data = try Dataset(npyInputs: inputs, labels: labels)
        #expect(data.labels == [2, 1, 0])
        #expect(try data.batch([2]).inputs == Tensor(numbers[8...], shape: [1, 4]))
        let other = try Dataset(npyInputs: inputs, targets: inputs)
        #expect(other.targetShape == [4] && other.classes.isEmpty)

        let short = try folder.file("s.npy", npy("|u1", "(2,)", Data([1, 0])))
        #expect(throws: DatasetError.unusable(path: short, reason: "it has 2 rows for the 3 of \(inputs)")) {
            try Dataset(npyInputs: inputs, labels: short)
        }
        let halves = try folder.file("h.npy", npy("<f4", "(3,)", numbers[1...3].withUnsafeBytes { Data($0) }))
        #expect(throws: DatasetError.self) { try Dataset(npyInputs: inputs, labels: halves) }
        let cut = try folder.file("c.npy", npy("<f4", "(3, 4)", Data([1, 2])))
        #expect(throws: DatasetError.self) { try Dataset(npyInputs: cut, labels: labels) }
    }

    /// The smallest gray PNG: stored, not compressed.
    private func png(_ width: Int, _ height: Int, gray: UInt8) -> Data {
        func crc(_ bytes: [UInt8]) -> UInt32 {
            ~bytes.reduce(UInt32.max) { crc, byte in
                (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            }
        }
        func number(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
        func chunk(_ kind: String, _ body: [UInt8]) -> [UInt8] {
            number(UInt32(body.count)) + Array(kind.utf8) + body + number(crc(Array(kind.utf8) + body))
        }
        let row = [0] + [UInt8](repeating: gray, count: width)
        let raw = [[UInt8]](repeating: row, count: height).flatMap { $0 }
        var a: UInt32 = 1, b: UInt32 = 0
        for byte in raw {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        let count = UInt16(raw.count)
        var stored: [UInt8] = [
            0x78, 1, 1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8),
        ]
        stored += raw
        stored += number(b << 16 | a)
        let head = number(UInt32(width)) + number(UInt32(height)) + [8, 0, 0, 0, 0]
        return Data(
            [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] + chunk("IHDR", head) + chunk("IDAT", stored) + chunk("IEND", []))
    }

    @Test func foldersAreClassesOfPictures() throws {
        let folder = try Folder()
        _ = try folder.file("set/cat/a.png", png(6, 4, gray: 51))
        _ = try folder.file("set/cat/b.png", png(6, 4, gray: 255))
        _ = try folder.file("set/dog/c.png", png(6, 4, gray: 0))
        let data = try Dataset(pictures: folder.path + "/set")
        #expect(data.classes == ["cat", "dog"] && data.labels == [0, 0, 1] && data.inputShape == [1, 4, 6])
        #expect(
            try data.batch([0, 2]).inputs
                == Tensor([Float](repeating: 0.2, count: 24) + [Float](repeating: 0, count: 24), shape: [2, 1, 4, 6]))
        let fitted = try Dataset(pictures: folder.path + "/set", width: 3, height: 3, channels: 3)
        #expect(try fitted.batch([1]).inputs.shape == [1, 3, 3, 3])

        _ = try folder.file("set/stray.png", png(2, 2, gray: 9))
        #expect(throws: DatasetError.self) { try Dataset(pictures: folder.path + "/set") }
        #expect(throws: DatasetError.self) { try Dataset(pictures: folder.path + "/none") }
    }

    @Test func placesAndSharesThatThereAreNotStopTheProgram() async {
        let batch = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try clouds(4, seed: 1).batch([7])
        }
        expectMessage("there is no example 7: positions are from 0 to 3", from: batch)
        let share = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = clouds(4, seed: 1).split(heldOutShare: .nan)
        }
        expectMessage("a share from 0 to 1 of the examples can be held out, not nan", from: share)
    }

    /// A picture that goes away after it was found is an error of the batch that needs it.
    @Test func aPictureThatCannotBeReadIsSaid() throws {
        let folder = try Folder()
        let path = try folder.file("set/cat/a.png", png(3, 3, gray: 1))
        let data = try Dataset(pictures: folder.path + "/set")
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: DatasetError.self) { try data.batch([0]) }
    }
}
