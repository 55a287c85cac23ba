import FileTrees

/// The pictures below some paths, in a stable order: found and measured, not decoded.
///
///     let collection = try ImageCollection.scan(["photos"])
///     let format = collection.suggestedFormat()
///     let pictures = try collection.pictures(in: format)
package struct ImageCollection: Sendable {
    /// In the order of the paths given, within a folder in byte order of paths, within an array by position.
    package let items: [Item]
    /// What was found in folders and is not among the items.
    package let skipped: [Skipped]

    init(items: [Item], skipped: [Skipped]) {
        self.items = items
        self.skipped = skipped
    }

    /// Pictures that are in memory, by their numbers: "0", "1", …
    package init(_ pictures: [Picture]) {
        let items = pictures.enumerated().map { number, picture in
            Item(
                names: Names(shown: String(number), lasting: String(number)), label: nil,
                size: PictureSize(width: picture.width, height: picture.height),
                channels: picture.channels, source: .memory(picture))
        }
        self.init(items: items, skipped: [])
    }

    /// One picture, not yet read.
    package struct Item: Sendable {
        /// The path below the folder that was given; for a file named directly its name, and with several paths the path
        /// itself begins it. A picture in an array has its position behind that: "digits.idx#12". Bytes that are no
        /// UTF-8 are carried as in `ByteText`.
        package var name: String { names.shown }
        let names: Names
        /// The class: the folder directly below the one given in which the picture lies, at whatever depth; of several
        /// folders given, the folder itself for pictures directly in it; the label beside an IDX array. Otherwise nil.
        package let label: String?
        /// Width and height as the header says, the orientation applied.
        package let size: PictureSize
        /// 1 (gray) or 3.
        package let channels: Int
        /// Whether some pixels may be transparent, where the picture shows what it is laid over.
        package let hasTransparency: Bool
        /// The first picture of several that follow each other in time.
        package let isAnimated: Bool
        let source: Source

        init(
            names: Names, label: String?, size: PictureSize, channels: Int, hasTransparency: Bool = false,
            isAnimated: Bool = false, source: Source
        ) {
            (self.names, self.label, self.size, self.channels) = (names, label, size, channels)
            (self.hasTransparency, self.isAnimated, self.source) = (hasTransparency, isAnimated, source)
        }
    }

    /// What a picture is called.
    struct Names: Sendable {
        /// As people see it: ``Item/name``.
        let shown: String
        /// Wherever the paths lie: with several paths the number of the path stands in its place.
        let lasting: String

        /// A picture in an array.
        func numbered(_ index: Int) -> Names {
            Names(shown: "\(shown)#\(index)", lasting: "\(lasting)#\(index)")
        }
    }

    /// Sentences for people about pictures that may not be read as they were meant.
    package var remarks: [String] {
        var remarks: [String] = []
        let animated = items.count { $0.isAnimated }
        if animated > 0 {
            remarks.append(
                "\(animated == 1 ? "1 file is an animation" : "\(animated) files are animations"): its first picture is read"
            )
        }
        var arrays: [ObjectIdentifier: NumPyPictures] = [:]
        for case .numPy(let array, _) in items.lazy.map(\.source) { arrays[ObjectIdentifier(array)] = array }
        if let example = arrays.values.filter(\.layout.mayBeOneInColor).map(\.path.text).min() {
            remarks.append(
                "\(example) has a shape like (3, 28, 28) and is read as three gray pictures; one in color has a shape like "
                    + "(28, 28, 3) or (1, 3, 28, 28)")
        }
        if !arrays.isEmpty, arrays.values.allSatisfy(\.isDim), let example = arrays.values.map(\.path.text).min() {
            remarks.append(
                "the arrays look black: no value of \(example) comes near white. Save them again with white as 255 "
                    + "(uint8), 65535 (uint16) or 1 (floats)")
        }
        return remarks
    }

    /// The distinct labels, numbers in their own order (2 before 10).
    package var labels: [String] { NaturalOrder.sorted(items.compactMap(\.label)) }

    package var isGray: Bool { items.allSatisfy { $0.channels == 1 } }

    /// A part of the collection, in the order of the indices.
    package func subset(_ indices: [Int]) -> ImageCollection {
        ImageCollection(items: indices.map { items[$0] }, skipped: skipped)
    }

    /// A format for these pictures, as ``PictureFormat/suggested(for:anyColor:longestSide:)`` chooses it.
    ///
    /// - Parameters:
    ///   - size: asked for; nil to have it chosen.
    ///   - gray: asks for gray even where there is color.
    ///   - background: what transparent parts show.
    package func suggestedFormat(
        size: PictureSize? = nil, gray: Bool = false, background: Color = .white
    ) -> PictureFormat {
        let suggested = PictureFormat.suggested(for: items.map(\.size), anyColor: !gray && !isGray)
        return PictureFormat(size: size ?? suggested.size, channels: suggested.channels, background: background)
    }

    /// How many of what sizes: "300 pictures, 28×28 gray" or "412 pictures of 37 sizes, 32×32 to 512×480, color".
    package var summary: String {
        let color = isGray ? "gray" : items.allSatisfy { $0.channels == 3 } ? "color" : "gray and color"
        let count = items.count == 1 ? "1 picture" : "\(items.count) pictures"
        let sizes = Set(items.map(\.size))
        let inOrder = sizes.sorted { ($0.pixels, $0.width) < ($1.pixels, $1.width) }
        guard let smallest = inOrder.first, let largest = inOrder.last, sizes.count > 1 else {
            return "\(count), " + (inOrder.first.map { "\($0) " } ?? "") + color
        }
        return "\(count) of \(sizes.count) sizes, \(smallest) to \(largest), \(color)"
    }
}

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
