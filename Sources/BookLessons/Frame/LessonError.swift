public import Foundation

/// What can be wrong with what a lesson was asked for. Descriptions say what to do.
public enum LessonError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No lesson is called so.
    case noSection(String)
    /// A folder that has no digits in it.
    case noDigits(String)
    /// Pictures that are none of ten classes, or of another size.
    case otherPictures(String, reason: String)
    /// A text that cannot be read.
    case noText(String)
    /// A text, a table or a folder from which nothing can be learned.
    case tooLittle(String, reason: String)

    /// What there is in the chapter of a section that has no lesson.
    private static func neighbors(of name: String) -> String {
        let chapter = Section(name)?.numbers[0]
        let sections = Book.lessons.map { $0.about }.filter { $0.first.numbers[0] == chapter }.map(\.sections)
        guard !sections.isEmpty else { return "" }
        let once = sections.enumerated().filter { $0.offset == 0 || sections[$0.offset - 1] != $0.element }
        return " (its chapter has \(once.map(\.element).joined(separator: ", ")); what is words alone has none)"
    }

    /// A sentence for people.
    public var description: String {
        switch self {
        case .noSection(let name):
            "there is no lesson '\(name)'" + Self.neighbors(of: name)
                + ": a section like 4.4, a chapter like 4, A for the appendix, or all; 'lessons' alone lists them"
        case .noDigits(let path):
            "no digits in \(path): a folder is due with MNIST's files (t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, "
                + "gzipped or not, and the same of train), or with a folder of pictures for each class"
        case .otherPictures(let path, let reason):
            "\(path) cannot take the place of the digits: \(reason)"
        case .tooLittle(let path, let reason):
            "\(path) is too little to learn from: \(reason)"
        case .noText(let path):
            "cannot read \(path): name a text with `text`, or run the lessons in the folder of the project"
        }
    }
}

extension LessonError: LocalizedError {
    /// The description, for code that shows `localizedDescription`.
    public var errorDescription: String? { description }
}
