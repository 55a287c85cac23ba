import CommandLineSupport
import FileTrees
import LanguageModels

/// Characters colored by how probable a model held them: what is plain was expected, what is red was a surprise.
enum ProbabilityColors {
    /// From the most probable on; each style is for probabilities of at least its limit.
    private static let styles: [(limit: Float, style: TextStyle, name: String)] = [
        (0.5, .plain, "≥ 50 %"), (0.2, .cyan, "≥ 20 %"), (0.05, .yellow, "≥ 5 %"), (0.01, .red, "≥ 1 %"),
        (0, .redReversed, "< 1 %"),
    ]

    static func style(_ probability: Float) -> TextStyle {
        styles.first { probability >= $0.limit }?.style ?? .redReversed
    }

    /// On standard error, beside what is said of the run.
    static func writeLegend() throws {
        let errors = StandardOutput(descriptor: 2)
        try errors.write("probability")
        for (_, style, name) in styles {
            try errors.write("  ")
            try errors.write(name, style)
        }
        try errors.write("\n")
    }

    /// A character that several units make, as bytes do, is as probable as all of them together.
    static func write(_ piece: TextSeries.Piece, to output: StandardOutput) throws {
        // Of each byte: that of its unit at the unit's first, and 1 at the others.
        let shares = piece.probabilities.flatMap { unit -> [Float] in
            [unit.probability ?? 1] + [Float](repeating: 1, count: unit.byteCount - 1)
        }
        var start = 0, run = "", style = TextStyle.plain
        for character in ByteText.text(piece.bytes) {
            let end = start + ByteText.bytes(String(character)).count
            let next = Self.style(shares[start..<end].reduce(1, *))
            if next != style || character == "\n" || run == "\n" {
                if !run.isEmpty { try output.write(run, style) }
                (run, style) = ("", next)
            }
            run.append(character)
            start = end
        }
        if !run.isEmpty { try output.write(run, style) }
    }
}
