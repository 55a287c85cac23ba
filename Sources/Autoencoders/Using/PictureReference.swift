package import Images

/// One picture, named by a user: a file, or a picture of an array by its number: `digits.idx#12`.
package enum PictureReference {
    /// - Returns: a collection of one.
    /// - Throws: ``AutoencoderError/notOnePicture(path:found:)`` where a path leads to several,
    ///   ``AutoencoderError/noSuchPicture(path:number:count:)``, `ImageError` where it leads to none.
    package static func find(_ text: String) throws -> ImageCollection {
        guard let (array, number) = position(text) else {
            let collection = try ImageCollection.scan([text])
            guard collection.items.count == 1 else {
                throw AutoencoderError.notOnePicture(path: text, found: collection.items.count)
            }
            return collection
        }
        let collection = try ImageCollection.scan([array])
        guard number < collection.items.count else {
            throw AutoencoderError.noSuchPicture(path: array, number: number, count: collection.items.count)
        }
        return collection.subset([number])
    }

    /// A file whose own name ends in a number like that goes first.
    private static func position(_ text: String) -> (array: String, number: Int)? {
        guard let mark = text.lastIndex(of: "#"), let number = Int(text[text.index(after: mark)...]), number >= 0,
            (try? ContentKind.of(path: text)) == nil
        else { return nil }
        return (String(text[..<mark]), number)
    }
}
