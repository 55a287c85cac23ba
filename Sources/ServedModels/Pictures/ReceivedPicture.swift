import Images

/// A picture that came as the bytes of a PNG or JPEG file, fitted as one of a folder would be.
struct ReceivedPicture {
    /// Of this one picture.
    let batch: PictureBatch
    /// As it was decoded: a large JPEG at a half, quarter or eighth of its size.
    let picture: Picture

    /// - Parameters:
    ///   - field: what the request calls it.
    ///   - limit: pixels, from the header, before anything is decoded.
    /// - Throws: ``ServedPictureError``
    init(_ bytes: [UInt8], field: String, format: PictureFormat, limit: Int) throws(ServedPictureError) {
        do throws(ImageError) {
            (batch, picture) = try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
                try PictureBatch.ofFile(UnsafeRawBufferPointer(bytes), name: field, in: format, pixelLimit: limit)
            }
        } catch {
            throw ServedPictureError(error, field: field)
        }
    }

    /// Where the picture lies in the format, at a size of at most so many pixels along its longer side.
    func placement(longestSide: Int) -> Placement {
        let place = batch.placements[0], original = place.original
        let longer = max(original.width, original.height)
        guard longer > longestSide else { return place }
        return Placement(
            of: PictureSize(
                width: max(1, original.width * longestSide / longer),
                height: max(1, original.height * longestSide / longer)),
            channels: place.originalChannels, in: batch.format)
    }
}

/// What can be wrong with a picture or a code in a request.
package enum ServedPictureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Neither PNG nor JPEG.
    case notAPicture(field: String, reason: String)
    /// More pixels than are decoded here.
    case tooLarge(field: String, width: Int, height: Int, limit: Int)
    /// A picture that is damaged, or cannot be decoded for another reason.
    case unreadable(field: String, reason: String)
    /// More pictures or codes than one request may have, or none.
    case count(field: String, found: Int, limit: Int)
    case codeLength(field: String, found: Int, expected: Int)
    case codeNotFinite(field: String)
    /// There is nothing to search: no pictures and no codes of this model.
    case noPictures(run: String, reason: String)
    case noSuchIndex(Int, count: Int)

    init(_ error: ImageError, field: String) {
        self =
            switch error {
            case .notAPicture(_, let reason), .unsupported(_, let reason):
                .notAPicture(field: field, reason: reason)
            case .tooLarge(_, let width, let height, let limit):
                .tooLarge(field: field, width: width, height: height, limit: limit)
            case .truncated(_, let reason), .damaged(_, let reason): .unreadable(field: field, reason: reason)
            default: .unreadable(field: field, reason: "\(error)")
            }
    }

    /// The field of the request that is wrong.
    package var field: String? {
        switch self {
        case .notAPicture(let field, _), .tooLarge(let field, _, _, _), .unreadable(let field, _),
            .count(let field, _, _), .codeLength(let field, _, _), .codeNotFinite(let field):
            field
        case .noPictures: "model"
        case .noSuchIndex: "index"
        }
    }

    package var description: String {
        switch self {
        case .notAPicture(let field, let reason): "\(field): cannot be used: \(reason). PNG and JPEG pictures are read"
        case .tooLarge(let field, let width, let height, let limit):
            "\(field): is too large: \(width) × \(height) pixels, and up to \(limit / 1_000_000) million are decoded"
        case .unreadable(let field, let reason): "\(field): cannot be read: \(reason)"
        case .count(let field, let found, let limit): "\(field): has \(found), and must have from 1 to \(limit)"
        case .codeLength(let field, let found, let expected):
            "\(field): a code of \(found) numbers, and the model has codes of \(expected)"
        case .codeNotFinite(let field): "\(field): a number that is not finite"
        case .noPictures(let run, let reason):
            "run '\(run)' has no pictures to show or search: \(reason). Start the server with `pictures` FOLDER, or keep "
                + "codes with the run: ae encode FOLDER --to-store --run '\(run)'"
        case .noSuchIndex(let index, let count): "index: \(index), and there are pictures from 0 to \(count - 1)"
        }
    }
}
