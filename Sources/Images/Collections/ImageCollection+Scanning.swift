import FileTrees

extension ImageCollection {
    /// Finds the pictures in files and folders, in the order given. Only headers are read.
    ///
    /// Files are known by their content: PNG, JPEG, IDX arrays (also compressed with gzip), NumPy arrays of pictures.
    /// Folders are searched recursively in byte order of path; what is no picture is skipped and listed. Arrays are read
    /// into memory, a byte for each value.
    ///
    /// - Parameter isStrict: whether a picture in a folder that cannot be read is an error.
    /// - Throws: `ImageError` for the first file that was named directly and is no picture, and
    ///   `ImageError.noPictures` for a folder without one.
    public static func scan(_ paths: [String], isStrict: Bool = false) throws(ImageError) -> ImageCollection {
        guard !paths.isEmpty else { throw .noPaths }
        var scan = CollectionScan(paths: paths, isStrict: isStrict)
        for path in paths { try scan.add(path) }
        return ImageCollection(items: scan.items, skipped: scan.skipped)
    }
}
