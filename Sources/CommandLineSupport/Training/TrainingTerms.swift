import FileTrees
package import TrainingRuns

/// How a program speaks of its training.
package protocol TrainingTerms {
    /// As it is typed: `charnn`.
    var program: String { get }
    /// What the rate counts, short: `char`, `image`.
    var rateUnit: String { get }
    /// Decimals of a loss in the line of progress; one more in a line of its own.
    var digits: Int { get }
    /// A loss in the line of progress.
    func short(_ loss: Double) -> String
    /// A loss in a line of its own, with its unit.
    func long(_ loss: Double) -> String
    /// The result of a run: "0.0059 (PCA of the same size 0.0170), over 1,000 images".
    func result(_ score: FinalScore, bestStep: Int) -> String
    /// The final score has begun.
    func scoring(units: Int) -> String
    /// What to do next with the run, as options of a command: "sample --run NAME".
    func next(run: String) -> String
    /// Where the data have to be named when the run goes on; empty where they are found again by themselves.
    var resumePaths: [String] { get }
    /// Options that say where further data are by now.
    var resumeOptions: [String] { get }
    /// What else to know about that.
    var resumeNote: String? { get }
    /// The JSON key of the final score.
    var finalMetric: String { get }
    /// Further keys about the final score.
    func json(_ score: FinalScore) -> [String: JSONValue]
}

extension TrainingTerms {
    package var resumeOptions: [String] { [] }
    package var resumeNote: String? { nil }

    /// How to go on with the run, as options of a command: "train --resume NAME".
    func resume(run: String) -> String {
        (["train"] + resumePaths.map(ShellText.quoted) + ["--resume", run] + resumeOptions.map(ShellText.quoted))
            .joined(separator: " ")
    }
    package func json(_ score: FinalScore) -> [String: JSONValue] { [:] }
}
