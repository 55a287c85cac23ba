import DrawnDigits
public import Jacquard

/// What lessons work with: pictures, a text, a table, and a place to say how far they have come.
public final class Materials {
    /// What computes.
    public let context: ComputeContext
    private let digitSource: DigitSource
    private let textPath: String?
    private let tablePath: (path: String, target: String)?
    private let onProgress: (String) -> Void
    private var cachedDigits: Digits?
    private var cachedRegression: Regression?

    /// Where pictures of digits come from.
    public enum DigitSource: Sendable {
        /// The project's own, by so many people, the last fifth of whom are held out.
        case drawn(writers: Int)
        /// A folder with MNIST's files, gzipped or not, or with a folder of pictures for each class.
        case folder(String)
    }

    /// - Parameters:
    ///   - text: the path of a text; nil: `corpora/weavers.txt` of the project.
    ///   - table: the path of a CSV file and the column to be foretold; nil: ``Friedman``.
    ///   - onProgress: called with a few words, often.
    public init(
        digits: DigitSource = .drawn(writers: 500), text: String? = nil, table: (path: String, target: String)? = nil,
        in context: ComputeContext = ComputeContext(), onProgress: @escaping (String) -> Void = { _ in }
    ) {
        (digitSource, textPath, tablePath) = (digits, text, table)
        (self.context, self.onProgress) = (context, onProgress)
    }

    /// Says how far a lesson has come: "momentum, epoch 3 of 25".
    public func progress(_ words: String) { onProgress(words) }

    // MARK: Digits

    /// Pictures of digits: to learn from, and to test with. Inputs are 784 numbers in 0…1.
    public struct Digits {
        public let training: Dataset
        public let test: Dataset
        /// Where they are from, as a sentence would say it.
        public let source: String
    }

    /// - Throws: ``LessonError``, `DatasetError`.
    public func digits() throws -> Digits {
        if let cachedDigits { return cachedDigits }
        let digits =
            switch digitSource {
            case .drawn(let writers): Self.drawnDigits(writers: writers)
            case .folder(let path): try DigitFolder(path).read()
            }
        cachedDigits = digits
        return digits
    }

    private static func drawnDigits(writers: Int) -> Digits {
        func examples(_ writers: Range<Int>) -> Dataset {
            var pixels: [Float] = [], labels: [Int] = []
            for writer in writers {
                for digit in 0..<10 {
                    pixels += DrawnDigits.pixels(of: digit, writer: writer).map { Float($0) / 255 }
                    labels.append(digit)
                }
            }
            return Dataset(inputs: Tensor(pixels, shape: [labels.count, 784]), labels: labels)
        }
        let heldOut = max(1, writers / 5)
        return Digits(
            training: examples(0..<writers - heldOut), test: examples(writers - heldOut..<writers),
            source: "\(10 * writers) digits drawn by this program, the last \(heldOut) of \(writers) writers held out")
    }

    // MARK: Text

    /// The text to learn from.
    /// - Throws: ``LessonError``, for one that cannot be read, or is too short for a batch of windows to be held out.
    public func text() throws(LessonError) -> String {
        let text = try LessonText.read(textPath), least = 2_000
        guard text.unicodeScalars.count >= least else {
            throw .tooLittle(
                textPath ?? "", reason: "\(text.unicodeScalars.count) characters; lessons need \(least) or more")
        }
        guard Set(text.unicodeScalars).count > 1 else {
            throw .tooLittle(textPath ?? "", reason: "it is one character over and over")
        }
        return text
    }

    // MARK: A table

    /// Numbers to learn from, and one to be foretold.
    public struct Regression {
        public let training: Dataset
        public let test: Dataset
        /// Of the input columns.
        public let columns: [String]
        /// Where it is from, as a sentence would say it.
        public let source: String
        /// The root mean square error that no model can fall below, where it is known.
        public let noiseFloor: Double?
        /// What is to be found, without noise, from the inputs of a row, where it is known.
        public let truth: (@Sendable ([Double]) -> Double)?
    }

    /// Three tenths are held out. What is foretold of one's own table is in a unit that ``Regression/source`` names, where
    /// numbers are much smaller or larger than the book's.
    /// - Throws: `DatasetError`; ``LessonError/tooLittle(_:reason:)``.
    public func regression() throws -> Regression {
        if let cachedRegression { return cachedRegression }
        let regression = try tablePath.map(read) ?? Friedman().draw(in: context)
        cachedRegression = regression
        return regression
    }

    private func read(path: String, target: String) throws -> Regression {
        let table = try Dataset(csv: path, targets: [target]), least = 40
        guard table.count >= least, table.inputShape.count > 0 else {
            throw LessonError.tooLittle(
                path,
                reason:
                    "\(table.count) rows, and \(table.inputShape.count) columns beside \(target); lessons need \(least) rows "
                    + "and a column")
        }
        let parts = table.split(heldOutShare: 0.3, seed: 80_718)
        let learned = try parts.training.batch(0..<parts.training.count).targets.numbers
        guard Set(learned.values).count > 1 else {
            throw LessonError.tooLittle(path, reason: "\(target) is the same in all rows to learn from")
        }
        let unit = TargetUnit(fittedTo: learned)
        return Regression(
            training: try unit(parts.training), test: try unit(parts.heldOut), columns: table.inputNames,
            source: "\(table.count) rows of \(path)" + unit.words(for: target), noiseFloor: nil, truth: nil)
    }
}
