import Autoencoders
import CommandLineSupport
import Images

/// Where several pictures go: all on one sheet, if the place is named like a picture, or each into a file of a folder.
struct SheetOrFolder {
    private let path: String
    private let writing: PictureOutput
    private let files: [String]
    private let columns: Int?

    /// Checks the place before the work begins.
    ///
    /// - Parameters:
    ///   - names: of the files in a folder.
    ///   - columns: of a sheet.
    /// - Throws: `AutoencoderError.outputExists`, `ImageError.unwritable`.
    init(_ path: String, _ writing: PictureOutput, names: [String], columns: Int?) throws {
        (self.path, self.writing, files, self.columns) = (path, writing, names, columns)
        if isSheet {
            try writing.check(path)
        } else {
            try OutputFolder(path, output: writing).check(names)
        }
    }

    private var isSheet: Bool { path.lowercased().hasSuffix(".png") }

    /// - Returns: a piece of a sentence about what lies beside the pictures; empty where there is nothing to say.
    func write(_ pictures: [Picture]) throws -> String {
        if isSheet {
            try writing.write(ContactSheet(columns: columns).picture(of: pictures), to: path)
            return ""
        }
        let folder = OutputFolder(path, output: writing)
        for (picture, file) in zip(pictures, files) { try folder.write(picture, as: file) }
        try folder.finish()
        return folder.olderText
    }
}

extension OutputFolder {
    /// "; 8 pictures of earlier commands lie there too", or nothing: names alone do not tell them from new ones.
    var olderText: String {
        let count = olderPictures
        guard count > 0 else { return "" }
        return "; \(NumberText.count(count, "picture")) of earlier commands \(count == 1 ? "lies" : "lie") there too"
    }
}
