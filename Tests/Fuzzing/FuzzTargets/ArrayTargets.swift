import FileTrees
import Images

extension FuzzTarget {
    /// The first byte says whether the file is compressed, and whether one of labels lies beside it.
    static let idx = FuzzTarget(
        "idx",
        "Files in the format of the MNIST data, with labels beside them. The values are those of the file, and the pictures "
            + "are as many as it announces",
        words: ["\\x00\\x00\\x08\\x03", "\\x00\\x00\\x08\\x04", "\\x00\\x00\\x08\\x01", "\\xff\\xff\\xff\\xff"],
        seeds: {
            func file(_ sizes: [UInt8], _ values: Int) -> [UInt8] {
                [0, 0, 8, UInt8(sizes.count)] + sizes.flatMap { [0, 0, 0, $0] } + (0..<values).map { UInt8($0 & 255) }
            }
            let files = [
                file([3, 4, 5], 60), file([2, 3, 2, 2], 24), file([2, 2, 2, 3], 24), file([2, 4, 4, 1], 32),
            ]
            return files.flatMap { [[0] + $0, [1] + $0] } + [[2, 9, 0, 0, 8, 1, 0, 0, 0, 1, 7] + file([1, 2, 2], 4)]
        },
        run: { input in
            var input = InputReader(input)
            let choices = input.byte(), labels = choices & 2 == 2 ? input.bytes(input.choice(of: 64)) : []
            let plain = input.remainder(), content = choices & 1 == 1 ? compressed(plain, level: 1) : plain
            let path = try ScratchFolder.write(content, "idx-images")
            ScratchFolder.remove("idx-labels")
            if choices & 2 == 2 { _ = try ScratchFolder.write(labels, "idx-labels") }
            if let file = try attempt({ try IDXFile.read(path: path) }) {
                let count = file.header.dimensions.reduce(1, *)
                try demand(file.values == plain.suffix(count), "the values are not those of the file")
                if let images = try attempt({ try file.images() }) {
                    try demand(images.count == file.header.dimensions[0], "\(images.count) pictures")
                    if images.count > 0 { _ = (images[0], images[images.count - 1]) }
                }
                _ = try attempt { try file.labels(forImages: count) }
            }
            _ = try attempt { try IDXFile.header(path: path) }
            try readPictures(path)
        })

    static let numPy = FuzzTarget(
        "npy",
        "NumPy arrays: as arrays, as pictures and row by row. What is read is written and read again as the same, and rows "
            + "are the same alone as in the whole",
        words: [
            "\\x93NUMPY\\x01\\x00", "\\x93NUMPY\\x02\\x00", "'descr': '<f4'", "'|u1'", "'>u2'", "'<f2'", "'<i8'",
            "'|b1'",
            "'fortran_order': True", "'shape': (", "9223372036854775807", "[('a', '<f4')]",
        ],
        mend: { input in
            // The length of the dictionary, which ends at the first line end.
            var input = input
            guard input.count > 10, input.starts(with: [0x93] + Array("NUMPY".utf8)), input[6] == 1,
                let end = input[10...].firstIndex(of: 10)
            else { return input }
            (input[8], input[9]) = (UInt8((end - 9) & 255), UInt8((end - 9) >> 8 & 255))
            return input
        },
        seeds: {
            func file(_ type: String, _ shape: String, _ fortran: Bool, _ bytes: Int) -> [UInt8] {
                let text = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
                return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
                    + (0..<bytes).map { UInt8($0 * 7 & 127) }
            }
            return [
                file("|u1", "(4, 5)", false, 20), file("<f4", "(2, 3, 3)", true, 72),
                file(">u2", "(2, 3, 3)", false, 36),
                file("<f2", "(3, 2, 2)", false, 24), file("|b1", "(2, 2, 3)", false, 12),
                file("<i8", "(3,)", false, 24),
                file("<f8", "()", false, 8), file("<i4", "(2, 3, 2, 2)", true, 96), file("|i1", "(0, 3)", false, 0),
                NumPyArray.encode([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3]),
            ]
        },
        run: { input in
            let path = try ScratchFolder.write(input, "npy")
            if let array = try attempt({ try NumPyArray.read(path: path) }) {
                let bytes = NumPyArray.encode(array.values, shape: array.shape)
                let again = try attempt { try NumPyArray.read(path: ScratchFolder.write(bytes, "npy-again")) }
                try demand(
                    again?.shape == array.shape && again?.values.map(\.bitPattern) == array.values.map(\.bitPattern),
                    "written and read again it is another array")
                let reader = try NumPyReader(path: path)
                var rows: [Float] = []
                for row in 0..<min(reader.rowCount, 64) { rows += try reader.read(rows: row..<row + 1) }
                try demand(
                    zip(rows, array.values).allSatisfy { $0.bitPattern == $1.bitPattern }
                        && rows.count <= array.values.count,
                    "rows alone are others")
            }
            _ = try ScratchFolder.write(input, "npy")
            try readPictures(path)
        })

    /// Everything there is to be known of a file of pictures, and some of the pictures.
    static func readPictures(_ path: String) throws {
        guard let found = try attempt({ try ImageCollection.scan([path]) }) else { return }
        _ = (found.remarks, found.labels, found.summary, found.fingerprint(), found.files)
        let format = found.suggestedFormat()
        for item in found.items.prefix(3) + found.items.suffix(1) {
            guard let picture = try attempt({ try item.picture() }) else { continue }
            try demand(
                picture.size == item.size && picture.channels == item.channels,
                "\(item.name) is announced as \(item.size) of \(item.channels) and is \(picture.size)")
        }
        guard format.size.pixels <= 1 << 16 else { return }
        let small = PictureFormat(width: 5, height: 3, channels: format.channels)
        for wanted in [format, small] {
            _ = try attempt {
                let some = found.subset(Array(found.items.indices.prefix(4)))
                _ = try some.pictures(in: wanted)?.batch(Array(some.items.indices))
            }
        }
    }
}
