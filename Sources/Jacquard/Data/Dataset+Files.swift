public import Foundation
import Images
import Requirements
import TensorCore

extension Dataset {
    /// Pictures with their classes from two files in the format of MNIST, plain or gzip: what
    /// <http://yann.lecun.com/exdb/mnist/> describes.
    ///
    /// Inputs are rows [H · W] of numbers 0…1, kept as a byte each; ``asPictures`` gives them the shape [C, H, W]. Classes
    /// are numbers from 0.
    /// - Throws: ``DatasetError``: a file that is not there, is cut short or no such file; another number of labels.
    public init(idxImages: String, labels: String) throws(DatasetError) {
        do throws(ImageError) {
            let images = try IDXFile.read(path: idxImages).images()
            let numbers = try IDXFile.read(path: labels).labels(forImages: images.count)
            let size = images.channels * images.height * images.width
            var bytes: [UInt8] = []
            bytes.reserveCapacity(images.count * size)
            for index in 0..<images.count {
                let picture = images[index], plane = images.height * images.width
                for channel in 0..<images.channels {
                    for pixel in 0..<plane { bytes.append(picture.pixels[pixel * images.channels + channel]) }
                }
            }
            let classes = (0...Int(numbers.max() ?? 0)).map(String.init)
            self.init(
                inputs: InputSource(
                    .bytes(bytes, perExample: size), shape: [size],
                    pictureShape: [images.channels, images.height, images.width]),
                targets: .labels(numbers.map(Int32.init)), classes: classes)
        } catch {
            throw DatasetError(error)
        }
    }

    /// Arrays that NumPy has saved (`np.save`), of any kind of number: inputs [N, …] with the class of each, N integers
    /// from 0.
    /// - Throws: ``DatasetError``
    public init(npyInputs: String, labels: String) throws(DatasetError) {
        let inputs = try Self.readNumPy(npyInputs), values = try Self.readNumPy(labels)
        try Self.checkRows(of: inputs, npyInputs, and: values, labels)
        guard values.shape.rank == 1 else {
            throw .unusable(
                path: labels, reason: "it has the shape \(values.shape), and one class for each example is due")
        }
        var numbers: [Int] = []
        for (row, value) in values.values.enumerated() {
            guard value >= 0, value < 1_000_000, value == value.rounded() else {
                throw .badValue(
                    path: labels, row: row + 1, column: "1", value: "\(value)", expected: "a class number from 0")
            }
            numbers.append(Int(value))
        }
        self.init(inputs: inputs, labels: numbers)
    }

    /// Arrays that NumPy has saved (`np.save`), of any kind of number: inputs [N, …] with targets [N, …].
    /// - Throws: ``DatasetError``
    public init(npyInputs: String, targets: String) throws(DatasetError) {
        let inputs = try Self.readNumPy(npyInputs), values = try Self.readNumPy(targets)
        try Self.checkRows(of: inputs, npyInputs, and: values, targets)
        self.init(inputs: inputs, targets: values)
    }

    private static func readNumPy(_ path: String) throws(DatasetError) -> Tensor {
        do throws(ImageError) {
            let array = try NumPyArray.read(path: path)
            guard !array.shape.isEmpty else {
                throw .unsupported(path: path, reason: "it holds a single number, and a row for each example is due")
            }
            return Tensor(array.values, shape: Shape(array.shape))
        } catch {
            throw DatasetError(error)
        }
    }

    private static func checkRows(
        of inputs: Tensor, _ inputPath: String, and targets: Tensor, _ path: String
    ) throws(DatasetError) {
        guard inputs.shape[0] == targets.shape[0] else {
            throw .unusable(
                path: path, reason: "it has \(targets.shape[0]) rows for the \(inputs.shape[0]) of \(inputPath)")
        }
    }

    /// Pictures of a folder in which every class has a folder of its own: PNG and JPEG files, at whatever depth.
    ///
    /// All are fitted into one size, their middle kept, and have the shape [C, H, W] with numbers 0…1. They are decoded
    /// when a batch asks for them; nothing but their names stays in memory.
    /// - Parameters:
    ///   - pictures: the folder.
    ///   - width: pixels; nil: the size that all have, or one up to 64 that goes with most.
    ///   - height: pixels; nil as well if `width` is.
    ///   - channels: 1 (gray) or 3; nil: gray if all pictures are.
    /// - Throws: ``DatasetError``: no such folder, no pictures, pictures outside of the classes' folders.
    public init(pictures: String, width: Int? = nil, height: Int? = nil, channels: Int? = nil) throws(DatasetError) {
        require((width == nil) == (height == nil), "a size has a width and a height, or is left out")
        let sides = 1...PictureSize.longestTypedSide
        require(
            [width, height].allSatisfy { $0.map(sides.contains) ?? true },
            "width and height are from 1 to \(sides.upperBound) pixels, not \(width ?? 0) and \(height ?? 0)")
        require(channels.map { $0 == 1 || $0 == 3 } ?? true, "pictures have 1 or 3 channels, not \(channels ?? 0)")
        let collection: ImageCollection
        do { collection = try ImageCollection.scan([pictures], isStrict: true) } catch { throw DatasetError(error) }
        let classes = collection.labels
        let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
        var labels: [Int32] = []
        for item in collection.items {
            guard let label = item.label, let number = numbers[label] else {
                throw .unusable(
                    path: pictures,
                    reason: "the picture \(item.name) is in no folder of a class: put it into one, named as its class")
            }
            labels.append(number)
        }
        let size = width.flatMap { width in height.map { PictureSize(width: width, height: $0) } }
        let found = collection.suggestedFormat(size: size, gray: channels == 1)
        let format = PictureFormat(size: found.size, channels: channels ?? found.channels)
        let shape: Shape = [format.channels, format.height, format.width]
        let source = StreamedPictures(collection, format: format, options: LoadingOptions(isStrict: true))
        self.init(
            inputs: InputSource(.pictures(source), shape: shape, pictureShape: shape), targets: .labels(labels),
            classes: classes)
    }
}

/// What is wrong with the files that a data set is made from, or with its numbers. Descriptions say where, what, and what to do.
public enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file that is not there, cannot be read, is cut short or of another kind; the text says which.
    case unreadable(String)
    /// A file that can be read and does not hold what a data set needs.
    case unusable(path: String, reason: String)
    /// A row of a table with more or fewer fields than its head. Rows count from 1, the head included.
    case rowLength(path: String, row: Int, fields: Int, expected: Int)
    /// A quotation mark that is never closed, or does not stand at the end of its field.
    case badQuote(path: String, row: Int, column: String)
    /// A field that is not what its column holds.
    case badValue(path: String, row: Int, column: String, value: String, expected: String)
    /// A column that the head does not have.
    case noColumn(path: String, name: String, present: [String])
    /// An example whose inputs, or whose target, hold an infinity or no number. Examples count from 0.
    case notFinite(example: Int, inTarget: Bool, isHeldOut: Bool)

    init(_ error: ImageError) { self = .unreadable("\(error)") }

    /// A sentence for people.
    public var description: String {
        switch self {
        case .unreadable(let text): text
        case .unusable(let path, let reason): "\(path): cannot be used: \(reason)"
        case .rowLength(let path, let row, let fields, let expected):
            "\(path): row \(row) has \(fields) fields, and the head has \(expected)"
        case .badQuote(let path, let row, let column):
            "\(path): row \(row), column '\(column)': a quotation mark is not closed, or stands in the middle of a field. "
                + "Write \"\" for one that belongs to the text"
        case .badValue(let path, let row, let column, let value, let expected):
            "\(path): row \(row), column '\(column)': '\(value)' is not \(expected)"
        case .noColumn(let path, let name, let present):
            "\(path): has no column '\(name)'. Its columns are \(present.joined(separator: ", "))"
        case .notFinite(let example, let inTarget, let isHeldOut):
            "\(inTarget ? "the target" : "the input") of example \(example)\(isHeldOut ? " held out" : "") (counted from 0) "
                + "holds a number that is not finite. Leave that example out, or put a number there"
        }
    }
}

extension DatasetError: LocalizedError {
    /// The description, for code that shows `localizedDescription`.
    public var errorDescription: String? { description }
}
