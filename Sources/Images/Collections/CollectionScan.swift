import ByteStreams
import FileTrees

/// The state of a scan: the pictures of a collection that were found so far.
struct CollectionScan {
    private(set) var items: [ImageCollection.Item] = []
    private(set) var skipped: [ImageCollection.Skipped] = []
    private let isStrict: Bool
    private let readsFilesOnce: Bool
    /// With several paths the path itself begins the names, and folders are classes.
    private let hasSeveralPaths: Bool
    /// Which of the paths is being read.
    private var pathNumber = -1
    private let hasSeveralFolders: Bool
    private var seen: Set<FileIdentity>
    /// The lists of files that `ae` has written, by the folder that was walked.
    private var manifests: [RawPath: OutputManifest] = [:]

    init(paths: [String], isStrict: Bool, readsFilesOnce: Bool, seen: Set<FileIdentity>) {
        (self.isStrict, self.readsFilesOnce, self.seen) = (isStrict, readsFilesOnce, seen)
        hasSeveralPaths = paths.count > 1
        hasSeveralFolders = paths.count { FileTree.isFolder(RawPath($0)) } > 1
    }

    mutating func add(_ text: String) throws(ImageError) {
        let path = RawPath(text)
        pathNumber += 1
        if FileTree.isFolder(path) { return try addFolder(path) }
        guard FileTree.isRegularFile(path) ?? true else {
            // Pictures are read once for their size and once more, or in every epoch.
            throw .unsupported(path: text, reason: "it is a pipe or device; name a file or folder")
        }
        if wasRead(path) { return skip(path, .repeated, nil) }
        switch try add(path, names: names(of: path, below: path.lastComponent), label: nil) {
        case nil: break
        case .labels?:
            throw .unsupported(
                path: text, reason: "it holds labels; name the file of pictures, labels beside it are found")
        case .codes?:
            throw .unsupported(path: text, reason: "it holds codes, named by the file beside it; name pictures")
        case _?:
            throw .noPictures(path: text, skipped: "")
        }
    }

    private mutating func addFolder(_ folder: RawPath) throws(ImageError) {
        let tree: FileTree
        do { tree = try FileTree(folder: folder) } catch {
            throw .unreadable(path: error.path, reason: systemMessage(error.code))
        }
        // `.` and `..` are not what a folder is called.
        let label = hasSeveralFolders ? ByteText.text(folder.absolute.lastComponent) : nil
        let itemsBefore = items.count, skippedBefore = skipped.count
        for entry in tree.skipped where !entry.path.lastComponent.elementsEqual(OutputManifest.fileName) {
            try add(entry.path, skippedBy: entry.reason)
        }
        // What was made from pictures is not to be learned from or worked on again, unless a folder holds nothing else.
        let outputs = tree.files.map { isOutput($0) }
        let hasOthers =
            outputs.contains(true) && zip(tree.files, outputs).contains { !$1 && Self.isNamedOrKnownAsPicture($0) }
        for (file, isOutput) in zip(tree.files, outputs) {
            if isOutput, hasOthers {
                skip(file, .output, nil)
            } else if wasRead(file) {
                skip(file, .repeated, nil)
            } else {
                try addFile(file, in: folder, labeled: label)
            }
        }
        guard items.count > itemsBefore || skipped[skippedBefore...].contains(where: { $0.reason == .repeated }) else {
            let skipped = skipped[skippedBefore...], summary = ImageCollection.summary(of: skipped)
            let first = skipped.lazy.filter(\.reason.isFault).compactMap(\.error).first
            throw .noPictures(path: folder.text, skipped: summary + (first.map { "; the first: \($0)" } ?? ""))
        }
    }

    /// - Parameter ownLabel: of pictures that lie directly in the folder.
    private mutating func addFile(
        _ file: RawPath, in folder: RawPath, labeled ownLabel: String?
    ) throws(ImageError) {
        let relative = file.bytes.dropFirst(folder.bytes.count).drop { $0 == UInt8(ascii: "/") }
        do throws(ImageError) {
            let names = names(of: file, below: relative), label = Self.label(of: relative) ?? ownLabel
            let reason = try add(file, names: names, label: label)
            if let reason { skip(file, reason, nil) }
        } catch {
            let reason = ImageCollection.SkipReason(error, file)
            if isStrict && reason.isFault { throw error }
            skip(file, reason, error)
        }
    }

    /// What the walk through a folder has left out. A link to nothing that is named like a picture was meant to be one.
    private mutating func add(_ path: RawPath, skippedBy reason: FileTree.SkipReason) throws(ImageError) {
        var found = ImageCollection.SkipReason(reason), error: ImageError?
        if reason == .unreadable {
            error = .unreadable(path: path.text, reason: "the folder cannot be listed")
        } else if reason == .link, FileTree.status(path) == nil, ImageCollection.SkipReason.isNamedLikeAPicture(path) {
            (found, error) = (.unreadable, .unreadable(path: path.text, reason: "it is a link that leads nowhere"))
        }
        if isStrict, let error { throw error }
        skip(path, found, error)
    }

    private mutating func skip(_ file: RawPath, _ reason: ImageCollection.SkipReason, _ error: ImageError?) {
        skipped.append(.init(path: ByteText.text(file.bytes), reason: reason, error: error))
    }

    /// Whether a file was read before, by another path, where each is to be read once.
    private mutating func wasRead(_ path: RawPath) -> Bool {
        guard readsFilesOnce, let identity = FileIdentity(path) else { return false }
        return !seen.insert(identity).inserted
    }

    private mutating func isOutput(_ file: RawPath) -> Bool {
        let folder = file.folder
        if manifests[folder] == nil { manifests[folder] = OutputManifest(of: folder) }
        return manifests[folder]?.holds(file) ?? false
    }

    private static func isNamedOrKnownAsPicture(_ file: RawPath) -> Bool {
        switch try? ContentKind.of(file) {
        case .png, .jpeg, .idx, .npy, .gzip: true
        default: ImageCollection.SkipReason.isNamedLikeAPicture(file)
        }
    }

    private func names(of file: RawPath, below: ArraySlice<UInt8>) -> ImageCollection.Names {
        let below = ByteText.text(below)
        return hasSeveralPaths
            ? .init(shown: file.text, lasting: "\(pathNumber)/\(below)") : .init(shown: below, lasting: below)
    }

    /// The folder that a path leads through first.
    private static func label(of relative: ArraySlice<UInt8>) -> String? {
        relative.firstIndex(of: UInt8(ascii: "/")).map { ByteText.text(relative[..<$0]) }
    }
}

// MARK: One file

extension CollectionScan {
    /// Adds what a file holds; a reason where it holds something else that is in order.
    private mutating func add(
        _ path: RawPath, names: ImageCollection.Names, label: String?
    ) throws(ImageError) -> ImageCollection.SkipReason? {
        do throws(ImageError) {
            let header = try PictureFile.header(path)
            let size = PictureSize(width: header.width, height: header.height)
            try size.checkSides(path: path.text)
            items.append(
                .init(
                    names: names, label: label, size: size, channels: header.channels,
                    hasTransparency: header.hasTransparency, isAnimated: header.isAnimated, source: .file(path)))
            return nil
        } catch {
            // Most files are pictures, so what else it may be is asked afterwards.
            guard case .notAPicture = error else { throw error }
            switch try ContentKind.of(path) {
            case .idx: return try addIDX(path, names: names, label: label)
            case .npy: return try addNumPy(path, names: names, label: label)
            case .gzip:
                if (try? IDXFile.header(path)) != nil { return try addIDX(path, names: names, label: label) }
                throw try Self.compressed(path) ?? error
            case .text, .empty: throw error
            case .png, .jpeg, .unread, .other, .unknown:
                // Some kinds have no mark, or are known as something more general.
                guard let kind = UnreadKind(named: path) else { throw error }
                throw .unsupported(path: path.text, reason: kind.reason)
            }
        }
    }

    /// Pictures and arrays are not decompressed, apart from IDX files.
    private static func compressed(_ path: RawPath) throws(ImageError) -> ImageError? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ContentKind.headLength, alignment: 16)
        defer { buffer.deallocate() }
        let count = try ByteStream<ImageError>(path).read(into: buffer)
        switch ContentKind(head: UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
        case .png, .jpeg, .npy, .idx, .unread: break
        default: return nil
        }
        return .unsupported(path: path.text, reason: "it is compressed: unpack it with gunzip")
    }

    private mutating func addIDX(
        _ path: RawPath, names: ImageCollection.Names, label: String?
    ) throws(ImageError) -> ImageCollection.SkipReason? {
        if try IDXFile.header(path).holdsLabels { return .labels }
        let array = try IDXPictures(path)
        let size = PictureSize(width: array.images.width, height: array.images.height)
        for index in 0..<array.images.count {
            items.append(
                .init(
                    names: names.numbered(index), label: array.labels.map { String($0[index]) } ?? label, size: size,
                    channels: array.images.channels, source: .idx(array, index: index)))
        }
        return nil
    }

    private mutating func addNumPy(
        _ path: RawPath, names: ImageCollection.Names, label: String?
    ) throws(ImageError) -> ImageCollection.SkipReason? {
        let header = try NumPyReader(path).header
        // A row or a column of integers.
        let isList = header.shape.count == 1 || header.shape.count == 2 && header.shape[1] == 1 && header.shape[0] > 1
        if isList, header.type.kind != .float { return .labels }
        if header.shape.count <= 2, FileTree.isRegularFile(RawPath(NumPyArray.namesPath(beside: path.text))) == true {
            return .codes
        }
        let array = try NumPyPictures(path)
        for index in 0..<array.layout.count {
            items.append(
                .init(
                    names: array.layout.isOnePicture ? names : names.numbered(index), label: label,
                    size: array.layout.size, channels: array.layout.channels, source: .numPy(array, index: index)))
        }
        return nil
    }
}
