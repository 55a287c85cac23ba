import Jacquard

/// # 6.5.7 A text as numbers
///
/// Each character of the text gets a number, its place in the alphabet, and each number is shown to the network as a row of
/// zeros with a one in that place. The network reads a window of T characters, and after each is to say the next: the
/// targets are the same window shifted by one. A batch is made of windows that begin one character apart, and the next
/// batch begins where this one's last window did, plus one.
///
/// A loss is a number of nats: -ln p, where p is the probability that was given to the character that came. Three models
/// without a network tell what is a good one: all characters alike; each as often as it occurs; each as often as it follows
/// the one before. Nobody who has learned something should be worse than the second, and to beat the third a network has
/// to use its memory.
///
/// The book prints another number: to -ln p it adds -ln(1 - q) for every character that did not come, of probability q.
public struct CharactersAsNumbers: Lesson {
    public static let about = About(
        "6.5.7", "A text as numbers",
        shows: "Alphabet, windows and targets, and how well one can guess without a network.",
        data: .text, seconds: 0.2)

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let text = Characters(try materials.text()), count = Double(text.ids.count), size = text.alphabet.count
        let (inputs, targets) = text.windows(at: 1003, count: 2, length: 40)
        func ln(_ x: Double) -> Double { DeterministicMath.log(x) }
        func oneLine(_ ids: [Int]) -> String { String(text.text(ids).map { $0.isNewline ? "/" : $0 }) }

        var occurrences = [Double](repeating: 0, count: size), pairs = [Int: Double]()
        for (id, next) in zip(text.ids, text.ids.dropFirst()) {
            occurrences[id] += 1
            pairs[id * size + next, default: 0] += 1
        }
        let shares = occurrences.map { $0 / (count - 1) }
        let unigram = -shares.reduce(0) { $0 + ($1 > 0 ? $1 * ln($1) : 0) }
        // In the order of the pairs, so that the sum is always the same.
        let bigram = pairs.sorted { $0.key < $1.key }.reduce(0) { sum, pair in
            sum - pair.value / (count - 1) * ln(pair.value / occurrences[pair.key / size])
        }
        let others = Double(size - 1), uniform = ln(Double(size))
        // What the book's number adds: for each character, 1 - q as often as it is another that comes.
        let booksUnigram = unigram - shares.reduce(0) { $0 + ($1 < 1 ? (1 - $1) * ln(1 - $1) : 0) }
        return Report(
            [
                Row("characters", book: 99_993, here: count, as: .digits(0)),
                Row("different ones", book: 62, here: Double(size), as: .digits(0)),
                Row("one batch, of 2 windows", here: "\(inputs.shape)"),
                Row("all alike, nats", here: uniform, as: .digits(3)),
                Row("as often as they occur, nats", here: unigram, as: .digits(3)),
                Row("as often as they follow the one before, nats", here: bigram, as: .digits(3)),
                Row("all alike, the book's number", here: uniform - others * ln(others / (others + 1)), as: .digits(3)),
                Row("as often as they occur, the book's number", here: booksUnigram, as: .digits(3)),
            ],
            takeaway:
                "A network that guesses at more than \(fixed(unigram, 2)) nats a character has learned nothing, one "
                + "below \(fixed(bigram, 2)) looks further back than one character.",
            texts: [
                Excerpt("A window, line ends as /", oneLine(inputs.row(0).argMax)),
                Excerpt("Its targets", oneLine(targets.prefix(40).map(Int.init))),
            ])
    }
}

/// A text as numbers.
struct Characters {
    /// Each character once, sorted, so that its number is the same in every run.
    let alphabet: [Character]
    /// The text.
    let ids: [Int]

    init(_ text: String) {
        alphabet = Set(text).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(alphabet, 0...))
        ids = text.compactMap { numbers[$0] }
    }

    /// Windows that begin at `start`, `start + 1`, …, and the character that follows each of theirs.
    /// - Returns: inputs [count, length, alphabet], and count · length targets in the same order.
    func windows(at start: Int, count: Int, length: Int) -> (inputs: Tensor, targets: [Int32]) {
        let places = (0..<count).flatMap { window in (0..<length).map { start + window + $0 } }
        let inputs = Tensor.oneHot(places.map { ids[$0] }, shape: [count, length], classes: alphabet.count)
        return (inputs, places.map { Int32(ids[$0 + 1]) })
    }

    /// Numbers as a text.
    func text(_ ids: [Int]) -> String { String(ids.map { alphabet[$0] }) }
}
