import Autoencoders
import Foundation
import Images
import TensorCore
import Testing
import TestSupport

@Suite struct UsingCodeFileTests {
    /// Names that trip readers up: separators, quotes, line ends, spaces, letters of several scalars, an accent that
    /// would melt into a quote before it.
    static let names = [
        "plain.png", "with space.png", "a,b.png", "the \"best\".png", "\"", "two\nlines.png", "cr\r.png",
        "crlf\r\n.png",
        " leading and trailing ", "Ünïcødé/日本語.jpg", "👩‍👩‍👧.png", "\u{301}accent first, with comma", ",", "1e5", "",
    ]

    private func codes() -> PictureCodes {
        let count = Self.names.count
        let values = (0..<3 * count).map { index -> Float in
            [0.1, -1e-38, 3.4028235e38, 1e-45, -0.0, 16_777_217, 1 / 3][index % 7]
        }
        return PictureCodes(
            names: Self.names, labels: (0..<count).map { $0 % 3 == 0 ? nil : $0 % 3 == 1 ? "a,\"b\"" : "1" },
            codes: Tensor(values, shape: [count, 3]))
    }

    private func write(_ codes: PictureCodes, to path: String, by size: Int = 4) throws {
        let writer = try CodeFile.writer(to: path, length: codes.length)
        for start in stride(from: 0, to: codes.count, by: size) {
            try writer.append(codes.subset(Array(start..<min(codes.count, start + size))))
        }
        #expect(writer.count == codes.count)
        try writer.finish()
    }

    @Test(arguments: ["codes.csv", "codes.npy", "CODES.CSV", "new folder/codes.npy"])
    func roundTrip(name: String) throws {
        let folder = try TemporaryFolder(), codes = codes()
        try write(codes, to: folder.file(name))
        let read = try CodeFile.read(path: folder.file(name))
        #expect(read.names == codes.names && read.labels == codes.labels)
        // To the bit: Tensor compares those.
        #expect(read.codes == codes.codes)
    }

    @Test func theTableAsItIsWritten() throws {
        let folder = try TemporaryFolder()
        let codes = PictureCodes(
            names: ["x.png", "a,\"b\".png"], labels: [nil, "7"], codes: Tensor([0.5, -2, 1e-10, 3], shape: [2, 2]))
        try write(codes, to: folder.file("codes.csv"))
        #expect(try folder.text("codes.csv") == "name,label,c0,c1\nx.png,,0.5,-2.0\n\"a,\"\"b\"\".png\",7,1e-10,3.0\n")
        try write(codes, to: folder.file("codes.npy"))
        #expect(try folder.text("codes.names.csv") == "name,label\nx.png,\n\"a,\"\"b\"\".png\",7\n")
        #expect(try NumPyArray.read(path: folder.file("codes.npy")).shape == [2, 2])
    }

    /// What was appended can be read while the writer is still at work: that is what is left when it is killed.
    @Test(arguments: ["codes.csv", "codes.npy"])
    func whatIsThereBeforeTheEnd(name: String) throws {
        let folder = try TemporaryFolder(), codes = codes()
        let writer = try CodeFile.writer(to: folder.file(name), length: 3)
        for row in 0..<5 {
            try writer.append(codes.subset([row]))
            #expect(try CodeFile.read(path: folder.file(name)) == codes.subset(Array(0...row)))
        }
        _ = writer
    }

    /// What people type first is no list of titles, though it counts.
    @Test(arguments: [("0,1\n1,0\n", [0, 1, 1, 0]), ("0,1\n", [0, 1]), ("0,1,2\n3,4,5\n", [0, 1, 2, 3, 4, 5])])
    func codesThatCount(text: String, numbers: [Float]) throws {
        let folder = try TemporaryFolder()
        let read = try CodeFile.read(path: folder.write(text.utf8, to: "codes.csv"))
        #expect(read.codes.values == numbers)
    }

    @Test(arguments: [
        // What pandas writes, and what people type.
        (",name,label,c0,c1\r\n0,a,x,1,2\r\n1,b,,3,4\r\n", ["a", "b"], ["x", nil]),
        ("\u{feff}c0,c1,label,name\n1,2,x,a\n3,4,,b", ["a", "b"], ["x", nil]),
        ("1,2\n3,4\n", ["0", "1"], [nil, nil]),
        ("0,1\n1.0,2.0\n3.0,4.0\n", ["0", "1"], [nil, nil]),
        ("first,second\n\n 1 , 2 \n\n3,4\n\n", ["0", "1"], [nil, nil]),
        ("name,c0,c1\r\"a\",\"1\",2\r\"b\",3,\"4\"\r", ["a", "b"], [nil, nil]),
    ])
    func tablesOfOthers(text: String, names: [String], labels: [String?]) throws {
        let folder = try TemporaryFolder()
        let read = try CodeFile.read(path: folder.write(text.utf8, to: "codes.csv"))
        #expect(read.names == names && read.labels == labels)
        #expect(read.codes == Tensor([1, 2, 3, 4], shape: [2, 2]))
    }

    /// As programs leave them that sort columns by name, or write titles with capitals.
    @Test func theTitlesOfNumbersGiveTheirOrder() throws {
        let folder = try TemporaryFolder()
        func values(_ text: String) throws -> [Float] {
            let read = try CodeFile.read(path: folder.write(text.utf8, to: "codes.csv"))
            #expect(read.names == ["a"] && read.labels == ["x"])
            return read.codes.values
        }
        let sorted = (0..<12).sorted { "c\($0)" < "c\($1)" }
        let titles = sorted.map { "c\($0)" }.joined(separator: ","), numbers = sorted.map(String.init)
        let counted = try values("\(titles),label,name\n\(numbers.joined(separator: ",")),x,a\n")
        #expect(counted == (0..<12).map { Float($0) })
        #expect(try values("Name,Label,C1,C0\na,x,1,0\n") == [0, 1])
        // Where titles do not count the numbers of a code, each once from 0, their places do.
        #expect(try values("name,label,c2,c1\na,x,2,1\n") == [2, 1])
        #expect(try values("name,label,c1,c1,c0\na,x,1,5,0\n") == [1, 5, 0])
        #expect(try values("name,label,z,c0\na,x,7,0\n") == [7, 0])
        #expect(try values("name,label,c00,c1\na,x,7,0\n") == [7, 0])
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("name,label,c0\n", "no line below"),
        ("name,label\na,b\n", "line 1: no column of numbers"),
        ("name,c0\na,1\nb,two\n", "line 3: \"two\" in field 2 is no finite number"),
        ("name,c0\na,nan\n", "line 2: \"nan\""),
        ("name,c0\na,1\nb\n", "line 3: 1 fields, and 2 in the first line"),
        ("name,c0\na,1,2\n", "line 2: 3 fields"),
        ("name,c0\n\"a\nb\",1\n\"c,1\nd,2\n", "line 4: a quote is opened and never closed"),
        ("name,c0\n\"a\"b,1\n", "line 2: something follows a closing quote"),
        ("name,c0\na\"b,1\n", "line 2: a quote stands inside"),
        ("name,c0\r\na,1\r\n\r\nb,x\r\n", "line 4: \"x\""),
        ("name,c0\ra,1\rb,x\r", "line 3: \"x\""),
    ])
    func badTables(text: String, message: String) throws {
        let folder = try TemporaryFolder(), path = try folder.write(text.utf8, to: "codes.csv")
        let error = #expect(throws: AutoencoderError.self) { try CodeFile.read(path: path) }
        #expect(error?.description.hasPrefix("\(path) holds no codes: ") == true)
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func badArrays() throws {
        let folder = try TemporaryFolder()
        func message(_ values: [Float], _ shape: [Int], names: String? = nil) throws -> String {
            try NumPyArray.write(values, shape: shape, path: folder.file("codes.npy"))
            if let names { try folder.write(names.utf8, to: "codes.names.csv") }
            let error = #expect(throws: AutoencoderError.self) { try CodeFile.read(path: folder.file("codes.npy")) }
            return error?.description ?? ""
        }
        #expect(try message([1, 2, 3, 4, 5, 6], [1, 2, 3]).contains("its shape [1, 2, 3] is not"))
        #expect(try message([], [0, 4]).contains("its shape [0, 4]"))
        #expect(try message([1, 2, 3, .infinity], [2, 2]).contains("row 1 holds inf"))
        #expect(try message([1, 2], [2, 1], names: "name,label\na,\n").contains("names 1 pictures, and the array"))
        #expect(try message([1, 2], [2, 1], names: "name\na\n").contains("where a name and a label are due"))
        #expect(throws: ImageError.noSuchFile(path: folder.file("none.npy"))) {
            try CodeFile.read(path: folder.file("none.npy"))
        }
    }

    @Test func oneCodeInAnArrayOfOneDimension() throws {
        let folder = try TemporaryFolder()
        try NumPyArray.write([1, 2, 3] as [Float], shape: [3], path: folder.file("code.npy"))
        let read = try CodeFile.read(path: folder.file("code.npy"))
        #expect(read == PictureCodes(names: ["0"], labels: [nil], codes: Tensor([1, 2, 3], shape: [1, 3])))
    }

    @Test func codesAreToldFromPictures() throws {
        let folder = try TemporaryFolder()
        try NumPyArray.write([Float](repeating: 0, count: 12), shape: [3, 4], path: folder.file("codes.npy"))
        try NumPyArray.write([Float](repeating: 0, count: 12), shape: [3, 2, 2], path: folder.file("pictures.npy"))
        try folder.write("name,c0\na,1\n".utf8, to: "codes.csv")
        try folder.write(Drawn.disc(1), to: "picture.csv")
        let names = ["codes.npy", "pictures.npy", "codes.csv", "picture.csv", "none.csv"]
        #expect(names.map { CodeFile.isCodes(path: folder.file($0), length: 4) } == [true, false, true, false, false])
        // A gray picture is an array of two dimensions as well, unless names say that it holds codes.
        let array = folder.file("codes.npy")
        for length in [nil, 3, 5] { #expect(!CodeFile.isCodes(path: array, length: length)) }
        try folder.write("name,label\na,\nb,\nc,\n".utf8, to: "codes.names.csv")
        for length in [nil, 3, 4] { #expect(CodeFile.isCodes(path: array, length: length)) }
        try NumPyArray.write([1, 2, 3] as [Float], shape: [3], path: folder.file("code.npy"))
        #expect(CodeFile.isCodes(path: folder.file("code.npy"), length: 4))
    }

    @Test func namesOfOtherFiles() throws {
        let folder = try TemporaryFolder()
        #expect(throws: AutoencoderError.outputKind(path: "codes.txt", expected: ".csv or .npy")) {
            try CodeFile.check("codes.txt", OutputGuard())
        }
        #expect(throws: ImageError.self) { try CodeFile.writer(to: "/proc/none/codes.csv", length: 2) }
        _ = folder
    }

    /// 64 digits' worth of values: Swift's shortest text must come back to the same bits.
    @Test func numbersKeepTheirBits() throws {
        let folder = try TemporaryFolder()
        var bits: UInt32 = 1
        let values = (0..<4096).map { _ -> Float in
            bits = bits &* 1_664_525 &+ 1_013_904_223
            let value = Float(bitPattern: bits)
            return value.isFinite ? value : 1
        }
        let codes = PictureCodes(
            names: (0..<64).map { "\($0)" }, labels: Array(repeating: nil, count: 64),
            codes: Tensor(values, shape: [64, 64]))
        try write(codes, to: folder.file("codes.csv"))
        #expect(try CodeFile.read(path: folder.file("codes.csv")).codes == codes.codes)
    }
}
