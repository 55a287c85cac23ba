import CCodecs
import CZlib
import FileTrees
import Images
import TensorCore

extension FuzzTarget {
    static let png = FuzzTarget(
        "png",
        "PNG files. The header announces what is read, from memory as from a file, and a picture that is written comes back",
        words: [
            "IHDR", "IDAT", "IEND", "PLTE", "tRNS", "eXIf", "tEXtRaw profile type exif\\x00", "zTXt",
            "iTXtXML:com.adobe.xmp",
            "acTL", "fcTL", "gAMA", "sBIT", "\\x89PNG\\x0d\\x0a\\x1a\\x0a",
        ],
        longest: 8192,
        mend: { mendedPNG($0) },
        seeds: {
            let gray = Picture(width: 5, height: 4, channels: 1, pixels: (0..<20).map { UInt8($0 * 12) })
            let color = Picture(width: 3, height: 7, channels: 3, pixels: (0..<63).map { UInt8($0 * 4) })
            let plain = try [gray, color].map { try PNG.encode($0, texts: [PNGText("Software", "tests")]) }
            var labeled: [[UInt8]] = []
            for orientation in [2, 6, 8] as [UInt8] {
                labeled.append(Array(plain[1][..<33]) + chunk("eXIf", exif(orientation)) + plain[1][33...])
                let text = Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + xmp(orientation)
                labeled.append(Array(plain[1].dropLast(12)) + chunk("iTXt", text) + plain[1].suffix(12))
            }
            // Every kind of pixel, each with a line of the filter's kind, interlaced or not.
            for (type, depths) in [
                (0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]),
            ] {
                for depth in depths {
                    for interlaced in [0, 1] as [UInt8] {
                        labeled.append(raw(type: UInt8(type), depth: UInt8(depth), interlaced: interlaced))
                    }
                }
            }
            return try plain + labeled + FixtureFiles.named("images", "png")
        },
        run: { input in
            try readPicture(input, "png")
            if input.count >= 2 {
                let width = 1 + Int(input[0] & 15), channels = input[1] & 1 == 1 ? 3 : 1
                let height = (input.count - 2) / (width * channels)
                guard height > 0 else { return }
                let pixels = Array(input[2..<2 + width * height * channels])
                let picture = Picture(width: width, height: height, channels: channels, pixels: pixels)
                let bytes = try PNG.encode(
                    picture, texts: [PNGText("Comment", String(decoding: pixels, as: UTF8.self))])
                let again = try attempt { try bytes.withUnsafeBytes { try PictureFile.read($0, name: "again") } }
                try demand(again == picture, "a picture that was written does not come back")
            }
        })

    static let jpeg = FuzzTarget(
        "jpeg",
        "JPEG files. The header announces what is read, from memory as from a file, whole or at a part of its size",
        words: [
            "\\xff\\xd8\\xff\\xe0", "\\xff\\xc0", "\\xff\\xc2", "\\xff\\xc4", "\\xff\\xda", "\\xff\\xdb", "\\xff\\xdd",
            "\\xff\\xe1", "Exif\\x00\\x00", "\\xff\\xee", "Adobe", "\\xff\\xd9", "JFIF", "\\xff\\xcc",
        ],
        longest: 8192, seeds: { try FixtureFiles.named("images", "jpeg") },
        run: { input in try readPicture(input, "jpeg") })

    /// The first byte says what the label is in: nothing, a PNG in two ways, a JPEG.
    static let orientation = FuzzTarget(
        "orientation",
        "EXIF data and XMP packets. They tell an orientation or nothing, and the same in whatever file they stand",
        words: [
            "Exif\\x00\\x00", "II*\\x00\\x08\\x00\\x00\\x00", "MM\\x00*\\x00\\x00\\x00\\x08", "\\x12\\x01\\x03\\x00",
            "\\x01\\x12\\x00\\x03",
            "tiff:Orientation=\"6\"", "<tiff:Orientation>8</tiff:Orientation>", "http://ns.adobe.com/tiff/1.0/",
        ],
        seeds: {
            [[0] + exif(6), [1] + exif(3), [0] + xmp(8), [3] + Array("Exif\0\0".utf8) + exif(5), [1] + xmp(2)]
                + [[2] + Array("\nexif\n      26\n".utf8) + exif(6).flatMap { Array(hexadecimal($0).utf8) }]
        },
        run: { input in
            var input = InputReader(input)
            let place = input.choice(of: 4), label = input.remainder()
            let exif = jacquard_exif_orientation(label, label.count), xmp = jacquard_xmp_orientation(label, label.count)
            try demand(exif <= 8 && xmp <= 8, "orientations \(exif) and \(xmp)")
            guard place > 0, label.count < 60_000 else { return }
            let picture = Picture(width: 2, height: 1, channels: 1, pixels: [9, 200])
            let plain = try PNG.encode(picture), file: [UInt8]
            switch place {
            case 1: file = Array(plain[..<33]) + chunk("eXIf", label) + plain[33...]
            case 2:
                let text = Array("Raw profile type exif\0".utf8) + label
                file = Array(plain.dropLast(12)) + chunk("tEXt", text) + plain.suffix(12)
            default:
                file = [0xff, 0xd8, 0xff, 0xe1, UInt8((label.count + 2) >> 8), UInt8((label.count + 2) & 255)] + label
            }
            let read = try attempt { try file.withUnsafeBytes { try PictureFile.read($0, name: "labeled") } }
            guard place < 3 else { return }
            let turned = place == 1 ? (exif != 0 ? exif : xmp) : nil
            try demand(
                read.map { $0.pixels.sorted() == [9, 200] } ?? false
                    && (turned.map { ($0 >= 5) == (read?.height == 2) } ?? true),
                "a label spoils the picture, or is not obeyed")
        })

    /// A folder's worth of checks for a file of any kind.
    static let pictures = FuzzTarget(
        "pictures", "A file of whatever kind where a picture is due: known by its first bytes, and refused by name",
        words: [
            "GIF89a", "RIFF", "WEBPVP8 ", "II*\\x00", "MM\\x00*", "II+\\x00", "BM", "P6\n", "\\x00\\x00\\x00\\x0cjP  ",
            "ftypheic",
            "8BPS", "DDS ", "v/1\\x01", "<svg", "icns", "\\x0a\\x05\\x01\\x08", "\\x1f\\x8b\\x08", "%PDF-",
            "SQLite format 3\\x00", "PK\\x03\\x04",
            "# Files written by Jacquard",
        ],
        longest: 1200,
        seeds: {
            [
                "GIF89a\u{1}\u{2}", "BM    ", "P6\n2 2\n255\n", "<svg xmlns=''>",
                "# Files written by Jacquard,\n0  a\n", "",
            ].map {
                Array($0.utf8)
            }
        },
        run: { input in
            let path = try ScratchFolder.write(input, "pictures")
            try readPictures(path)
            _ = try attempt { try "\(ContentKind.of(path: path))" }
            let folder = RawPath(ScratchFolder.file("listed"))
            _ = folder.makeFolder()
            _ = try ScratchFolder.write(input, "listed/.jacquard-outputs")
            _ = try ScratchFolder.write([1], "listed/a")
            let manifest = OutputManifest(of: folder), file = folder.appending([97])
            try demand(!manifest.holds(file) || manifest.names(file), "a file is listed that is not")
        })

    /// From memory and from a file, the header and the whole.
    private static func readPicture(_ input: [UInt8], _ name: String) throws {
        let path = try ScratchFolder.write(input, name)
        try input.withUnsafeBytes { bytes in
            let header = try attempt { try PictureFile.header(bytes, name: name) }
            let headerOfFile = try attempt { try PictureFile.header(path: path) }
            try demand(header == headerOfFile, "the header is another from a file than from memory")
            // Claims are cheap: what follows takes time and memory for each pixel.
            if let header, header.width * header.height > 1 << 22 { return }
            let picture = try attempt { try PictureFile.read(bytes, name: name) }
            let pictureOfFile = try attempt { try PictureFile.read(path: path, over: .black) }
            try demand((picture == nil) == (pictureOfFile == nil), "a picture is refused from a file or memory alone")
            if let picture, let header {
                try demand(
                    picture.width == header.width && picture.height == header.height
                        && picture.channels == header.channels,
                    "the header announces another picture")
                try demand(header.hasTransparency || pictureOfFile == picture, "from a file it is another picture")
            }
            _ = try attempt {
                let format = PictureFormat(width: 3, height: 2, channels: 3)
                let (_, seen) = try PictureBatch.ofFile(bytes, name: name, in: format, pixelLimit: 1 << 20)
                if let picture { try demand(seen.width <= picture.width, "a part is larger than the whole") }
            }
        }
    }

    // MARK: Making files

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(UInt32(data.count)) + body + bigEndian(checksum(body))
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(number >> $0 & 255) } }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 { UInt32(crc32(0, bytes, UInt32(bytes.count))) }

    private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// EXIF data of one entry.
    private static func exif(_ orientation: UInt8) -> [UInt8] {
        let head: [UInt8] = [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1]
        let entry: [UInt8] = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
        return head + entry
    }

    private static func xmp(_ orientation: UInt8) -> [UInt8] {
        let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", tiff = "http://ns.adobe.com/tiff/1.0/"
        return Array(
            ("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"\(rdf)\"><rdf:Description xmlns:tiff=\"\(tiff)\" "
                + "tiff:Orientation=\"\(orientation)\"/></rdf:RDF></x:xmpmeta>").utf8)
    }

    /// A PNG file of a kind that this project does not write.
    private static func raw(type: UInt8, depth: UInt8, interlaced: UInt8) -> [UInt8] {
        let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][Int(type)] ?? 1, side = 6
        // Generous: what is too much is passed over with a warning.
        let row = 1 + (side * samples * Int(depth) + 7) / 8
        var lines: [UInt8] = []
        for line in 0..<4 * side {
            lines.append(UInt8(interlaced == 1 ? 0 : line % 5))
            for place in 1..<row { lines.append(UInt8((place * 31 + line * 17) & 255)) }
        }
        let bytes = interlaced == 1 ? lines : Array(lines[..<(side * row)])
        var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        file += chunk("IHDR", [0, 0, 0, UInt8(side), 0, 0, 0, UInt8(side), depth, type, 0, 0, interlaced])
        if type == 3 { file += chunk("PLTE", (0..<3 * min(256, 1 << Int(depth))).map { UInt8($0 & 255) }) }
        if type == 3 { file += chunk("tRNS", [0, 128]) }
        if type == 0 { file += chunk("tRNS", [0, 1]) }
        if type == 2 { file += chunk("tRNS", [0, 1, 0, 2, 0, 3]) }
        var packed = [UInt8](repeating: 0, count: bytes.count + 100), length = UInt(bytes.count + 100)
        compress2(&packed, &length, bytes, UInt(bytes.count), 9)
        return file + chunk("IDAT", Array(packed.prefix(Int(length)))) + chunk("IEND", [])
    }

    /// A PNG file whose chunks have the check sums that belong to them; the last one ends where the file does.
    private static func mendedPNG(_ input: [UInt8]) -> [UInt8] {
        guard input.count > 12 else { return input }
        var input = input, start = 8
        while start + 12 <= input.count {
            let length = input[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= input.count - start - 12 else { break }
            let end = start + 8 + length
            input.replaceSubrange(end..<end + 4, with: bigEndian(checksum(Array(input[start + 4..<end]))))
            start = end + 4
        }
        return input
    }
}
