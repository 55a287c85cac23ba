import FileTrees

extension ImageCollection {
    /// Finds the pictures in files and folders, in the order given. Only headers are read.
    ///
    /// Files are known by their content: PNG, JPEG, IDX arrays (also compressed with gzip), NumPy arrays
    /// of the shapes in ``NumPyLayout``.
    /// Folders are searched recursively in byte order of path; what is no picture is skipped and listed. Arrays are read
    /// into memory, a byte for each value. What `ae` has written itself is skipped where there are other pictures.
    ///
    /// - Parameters:
    ///   - isStrict: whether something in a folder that may be a picture and cannot be read is an error.
    ///   - readsFilesOnce: whether a file that is reached again, by a link or another of the paths, is skipped: a picture
    ///     must not be both learned from and held out.
    ///   - other: a collection whose files are skipped, as if they had been read before.
    /// - Throws: `ImageError` for the first file that was named directly and is no picture, and
    ///   `ImageError.noPictures` for a folder without one.
    package static func scan(
        _ paths: [String], isStrict: Bool = false, readsFilesOnce: Bool = false, apartFrom other: ImageCollection? = nil
    ) throws(ImageError) -> ImageCollection {
        guard !paths.isEmpty else { throw .noPaths }
        var scan = CollectionScan(
            paths: paths, isStrict: isStrict, readsFilesOnce: readsFilesOnce, seen: other?.files ?? [])
        for path in paths { try scan.add(path) }
        guard !scan.items.isEmpty else {
            throw .noPictures(path: paths.joined(separator: ", "), skipped: summary(of: scan.skipped[...]))
        }
        return ImageCollection(items: scan.items, skipped: scan.skipped)
    }
}
