import FileTrees

/// A collection while it is being found.
struct CollectionScan {
    private(set) var items: [ImageCollection.Item] = []
    private(set) var skipped: [ImageCollection.Skipped] = []
    private let isStrict: Bool
    /// With several paths the path itself begins the names, and folders are classes.
    private let hasSeveralPaths: Bool
    private let hasSeveralFolders: Bool

    init(paths: [String], isStrict: Bool) {
        self.isStrict = isStrict
        hasSeveralPaths = paths.count > 1
        hasSeveralFolders = paths.count { FileTree.isFolder(RawPath($0)) } > 1
    }

    mutating func add(_ text: String) throws(ImageError) {
        let path = RawPath(text)
        if FileTree.isFolder(path) { return try addFolder(path) }
        guard FileTree.isRegularFile(path) ?? true else {
            // Pictures are read once for their size and once more, or in every epoch.
            throw .unsupported(path: text, reason: "it is a pipe or device; name a file or folder")
        }
        let name = hasSeveralPaths ? path.bytes[...] : path.lastComponent
        switch try add(path, name: DisplayName.text(name), label: nil) {
        case nil: break
        case .labels?:
            throw .unsupported(
                path: text, reason: "it holds labels; name the file of pictures, labels beside it are found")
        case _?:
            throw .noPictures(path: text, skipped: "")
        }
    }

    private mutating func addFolder(_ folder: RawPath) throws(ImageError) {
        let tree: FileTree
        do { tree = try FileTree(folder: folder) } catch {
            throw .unreadable(path: error.path, reason: systemMessage(error.code))
        }
        let itemsBefore = items.count, skippedBefore = skipped.count
        for entry in tree.skipped {
            skipped.append(.init(path: DisplayName.text(entry.path.bytes), reason: .init(entry.reason), error: nil))
        }
        for file in tree.files {
            let relative = file.bytes.dropFirst(folder.bytes.count).drop { $0 == UInt8(ascii: "/") }
            let name = hasSeveralPaths ? file.bytes[...] : relative
            do throws(ImageError) {
                let reason = try add(file, name: DisplayName.text(name), label: label(of: relative, in: folder))
                if let reason { skip(file, reason, nil) }
            } catch {
                let reason = Self.reason(for: error, file)
                if isStrict && reason.isFault { throw error }
                skip(file, reason, error)
            }
        }
        guard items.count > itemsBefore else {
            throw .noPictures(path: folder.text, skipped: ImageCollection.summary(of: skipped[skippedBefore...]))
        }
    }

    private mutating func skip(_ file: RawPath, _ reason: ImageCollection.SkipReason, _ error: ImageError?) {
        skipped.append(.init(path: DisplayName.text(file.bytes), reason: reason, error: error))
    }

    private func label(of relative: ArraySlice<UInt8>, in folder: RawPath) -> String? {
        if let slash = relative.firstIndex(of: UInt8(ascii: "/")) { return DisplayName.text(relative[..<slash]) }
        return hasSeveralFolders ? DisplayName.text(folder.lastComponent) : nil
    }

    /// Adds what a file holds; a reason where it holds something else that is in order.
    private mutating func add(
        _ path: RawPath, name: String, label: String?
    ) throws(ImageError) -> ImageCollection.SkipReason? {
        do throws(ImageError) {
            let header = try PictureFile.header(path)
            let size = PictureSize(width: header.width, height: header.height)
            try size.checkSides(path: path.text)
            items.append(
                .init(name: name, label: label, size: size, channels: header.channels, source: .file(path)))
            return nil
        } catch {
            // Most files are pictures, so what else it may be is asked afterwards.
            guard case .notAPicture = error else { throw error }
            switch try ContentKind.of(path) {
            case .idx: return try addIDX(path, name: name, label: label)
            case .npy: return try addNumPy(path, name: name, label: label)
            case .gzip where (try? IDXFile.header(path)) != nil: return try addIDX(path, name: name, label: label)
            default: throw error
            }
        }
    }

    private mutating func addIDX(
        _ path: RawPath, name: String, label: String?
    ) throws(ImageError) -> ImageCollection.SkipReason? {
        if try IDXFile.header(path).holdsLabels { return .labels }
        let array = try IDXPictures(path)
        let size = PictureSize(width: max(1, array.images.width), height: max(1, array.images.height))
        for index in 0..<array.images.count {
            items.append(
                .init(
                    name: "\(name)#\(index)", label: array.labels.map { String($0[index]) } ?? label, size: size,
                    channels: array.images.channels, source: .idx(array, index: index)))
        }
        return array.images.count > 0 ? nil : .notAPicture
    }

    private mutating func addNumPy(
        _ path: RawPath, name: String, label: String?
    ) throws(ImageError) -> ImageCollection.SkipReason? {
        let array = try NumPyPictures(path)
        for index in 0..<array.count {
            items.append(
                .init(
                    name: "\(name)#\(index)", label: label, size: array.size, channels: array.channels,
                    source: .numPy(array, index: index)))
        }
        return array.count > 0 ? nil : .notAPicture
    }

    /// Why a file in a folder is left out.
    private static func reason(for error: ImageError, _ path: RawPath) -> ImageCollection.SkipReason {
        switch error {
        case .notAPicture:
            return isNamedLikeAPicture(path) ? .unreadable : .notAPicture
        case .unsupported:
            // An array may hold anything: codes, say. A picture is a picture, even where it cannot be read.
            switch try? ContentKind.of(path) {
            case .idx, .npy, .gzip: return .notAPicture
            default: return .unsupported
            }
        default:
            return .unreadable
        }
    }

    /// A file that ends like the pictures that are read here was meant to be one.
    private static func isNamedLikeAPicture(_ path: RawPath) -> Bool {
        let name = path.text.lowercased()
        return [".png", ".jpg", ".jpeg"].contains { name.hasSuffix($0) }
    }
}

extension ImageCollection.SkipReason {
    init(_ reason: FileTree.SkipReason) {
        switch reason {
        case .hidden: self = .hidden
        case .unreadable: self = .unreadable
        case .special: self = .special
        case .link: self = .link
        }
    }
}
