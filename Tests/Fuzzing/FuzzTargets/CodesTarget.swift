import Autoencoders
import Images
import TensorCore

extension FuzzTarget {
    /// The first byte: a table, or an array with names beside it, whose length are the next two.
    static let codes = FuzzTarget(
        "codes",
        "Codes and labels as comma-separated values, or as an array with names beside it. What is read is written and read "
            + "again as the same",
        words: ["name,label,c0,c1\n", "\"\"", "\",\"", "\r\n", "\\xef\\xbb\\xbf", "nan", "1e-45", "inf", "\"\n\""],
        seeds: {
            let tables = [
                "name,label,c0,c1\na.png,x,1,2.5\n\"b,\"\"c\"\".png\",,-3e-5,0\n", "1,2,3\r\n4,5,6\r\n",
                ",c0,name\n1,2,a\n",
                "\u{feff}name,c0\n\"a\nb\",7\n",
            ]
            let array = NumPyArray.encode([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3]),
                names = "name,label\na,x\n\"b\",\n"
            return tables.map { [0] + Array($0.utf8) }
                + [
                    [1, UInt8(array.count & 255), UInt8(array.count >> 8)] + array + Array(names.utf8),
                    [1, 255, 255] + array,
                ]
        },
        run: { input in
            var input = InputReader(input)
            let isArray = input.flag(), path: String
            ScratchFolder.remove("codes.names.csv")
            if isArray {
                path = try ScratchFolder.write(input.bytes(Int(input.number(UInt16.self))), "codes.npy")
                if !input.isAtEnd { _ = try ScratchFolder.write(input.remainder(), "codes.names.csv") }
            } else {
                path = try ScratchFolder.write(input.remainder(), "codes.csv")
            }
            _ = CodeFile.isCodes(path: path, length: 4)
            guard let codes = try attempt({ try CodeFile.read(path: path) }) else { return }
            try demand(
                codes.count > 0 && codes.length > 0 && codes.codes.values.allSatisfy(\.isFinite), "codes of nothing")
            for kind in ["csv", "npy"] {
                let copy = ScratchFolder.file("codes-again.\(kind)")
                let again = try attempt {
                    let writer = try CodeFile.writer(to: copy, length: codes.length, OutputGuard(replacesAll: true))
                    try writer.append(codes)
                    try writer.finish()
                    return try CodeFile.read(path: copy)
                }
                try demand(again == codes, "written as \(kind) and read again they are other codes")
            }
        })
}
