import TextCorpora

/// What a model reads before it writes: a lead-in, of which nothing is written, then the prompt.
struct TextOpening {
    private let leadIn: [Int32]?
    private let newline: Int32?
    private let startId: Int32

    /// - Parameter choice: which of the lead-ins.
    init(_ leadIns: LeadIns?, _ vocabulary: Vocabulary, choice: Int?) {
        leadIn = choice.flatMap { leadIns?.texts[$0] }
        newline = vocabulary.id(ofUnit: Array("\n".utf8))
        startId = newline ?? vocabulary.id(ofUnit: Array(" ".utf8)) ?? 0
    }

    /// The lead-in is left out where the prompt is as long: it leads in itself. Line ends that a prompt begins with are
    /// those that the lead-in ends with: blank lines that the model has never seen would only confuse it. Without
    /// lead-ins a text without a prompt begins as after the end of a line.
    func units(before prompt: [Int32]) -> (leadIn: [Int32], prompt: [Int32]) {
        guard let leadIn else { return (prompt.isEmpty ? [startId] : [], prompt) }
        guard prompt.count < leadIn.count else { return ([], prompt) }
        return (leadIn, leadIn.last == newline ? Array(prompt.drop { $0 == newline }) : prompt)
    }

    /// The unit before the first of a text without a prompt.
    var lastId: Int32 { leadIn?.last ?? startId }
}
