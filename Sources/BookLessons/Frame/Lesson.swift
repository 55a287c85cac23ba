import Jacquard

/// A section of *Deep Learning from Scratch* (Seth Weidman, O'Reilly 2019) as something that runs.
///
/// A lesson is one short file, to be read first and run second. It imports `Jacquard` and nothing else, and what the
/// section is about stands in it, not in a helper.
public protocol Lesson {
    /// What a list of lessons says of it.
    static var about: About { get }
    /// With the sizes of the book; tests make them smaller.
    init()
    /// - Throws: what data or training throw; ``LessonError``.
    func run(with materials: Materials) throws -> Report
}

/// What a list of lessons says of one.
public struct About: Sendable {
    /// The sections of the book, `1.3` to `1.5`.
    public let first: Section, last: Section
    /// A few words.
    public let title: String
    /// What there is to see, as a sentence.
    public let shows: String
    /// What it learns from.
    public let data: Data
    /// How long it takes on two cores, about.
    public let seconds: Double

    /// What a lesson learns from.
    public enum Data: String, Sendable {
        /// It brings its few numbers along.
        case none
        /// Pictures of digits.
        case digits
        /// A text.
        case text
        /// A table with a number to be foretold.
        case table
    }

    /// - Parameters:
    ///   - sections: `1.2`, or `1.3-1.5`; `A.1` in the appendix.
    public init(_ sections: String, _ title: String, shows: String, data: Data = .none, seconds: Double) {
        let ends = sections.split(separator: "-").map { Section($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil else {
            fatalError("'\(sections)' names no section")
        }
        (self.first, self.last, self.title, self.shows) = (first, last, title, shows)
        (self.data, self.seconds) = (data, seconds)
    }

    /// `1.2`, or `1.3-1.5`.
    public var sections: String { first == last ? "\(first)" : "\(first)-\(last)" }
}

/// The number of a section: `4.4`, or `6.5.10`. Chapter 8 is the appendix, written `A`.
public struct Section: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The chapter first.
    public let numbers: [Int]

    /// From its text; nil if it is none.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.enumerated().map { offset, part in
            offset == 0 && ["A", "a"].contains(part) ? Self.appendix : Int(part)
        }
        // The book ends with chapter 7: an 8 is no way to write A.
        guard !numbers.isEmpty, !numbers.contains(nil), Int(parts[0]) != Self.appendix else { return nil }
        self.numbers = numbers.compactMap { $0 }
    }

    private static let appendix = 8

    /// In the order of the book.
    public static func < (a: Section, b: Section) -> Bool { a.numbers.lexicographicallyPrecedes(b.numbers) }

    /// Whether this is the other section or a part of it: 6.5.10 is in 6.5, and 4.4 in 4.
    public func isPart(of other: Section) -> Bool { numbers.starts(with: other.numbers) }

    /// As the book writes it.
    public var description: String {
        numbers.enumerated().map { $0.offset == 0 && $0.element == Self.appendix ? "A" : "\($0.element)" }
            .joined(separator: ".")
    }
}

/// All lessons.
public enum Book {
    /// In the order of the book.
    public static var lessons: [any Lesson.Type] {
        chapter1 + chapter2 + chapter3 + chapter4 + chapter5 + chapter6 + chapter7 + appendix
    }

    /// The lessons of a section (`1.4` is in the lesson of 1.3 to 1.5), of sections as a list has them (`1.3-1.5`, or with
    /// the dash of print), of a chapter (`4`), or `all`.
    /// - Throws: ``LessonError/noSection(_:)``
    public static func lessons(named name: String) throws(LessonError) -> [any Lesson.Type] {
        if name == "all" { return lessons }
        let found = lessons.filter { lesson in
            let about = lesson.about
            guard let wanted = Section(name) else { return name.replacing("–", with: "-") == about.sections }
            return about.first.isPart(of: wanted) || about.last.isPart(of: wanted)
                || wanted.isPart(of: about.first) || wanted.isPart(of: about.last)
                || (about.first < wanted && wanted < about.last)
        }
        guard !found.isEmpty else { throw .noSection(name) }
        return found
    }
}
