package import Checkpoints
package import ModelFiles
package import TensorCore

/// What the commands that all programs share need to know of one of them.
package protocol ModelProgram {
    /// As it is typed: `charnn`.
    static var name: String { get }
    /// The subcommand that uses a model: `sample`.
    static var use: String { get }
    static var runKind: String { get }
    /// The metric with the final score of a run's best weights, and the JSON key for it.
    static var finalMetric: String { get }
    /// Of that score in a table.
    static var scoreDecimals: Int { get }

    /// Trainable numbers of a run's model; nil if the run does not say.
    static func parameters(of run: Run) -> Int?
    /// What only this program knows of a run.
    static func details(of run: Run, _ record: RunRecord) throws -> RunDetails
    /// What the page of a run shows besides curves: "samples".
    static var pageContents: String { get }
    /// Pictures that only this program can make, for that page.
    static func figures(of record: RunRecord, from store: CheckpointStore, in context: ComputeContext) throws
        -> [PageFigure]
    /// The weights of a run's best checkpoint, for other programs.
    static func exchanged(
        _ run: RunSelection, from store: CheckpointStore, in context: ComputeContext
    ) throws -> Safetensors
    /// Names of files that hold a part of the model, for the help of `export`; empty if there are none.
    static var graphNote: String { get }
    /// The same model as a graph of operators; which part of it, the name of the file says.
    static func operatorGraph(
        _ run: RunSelection, for file: String, from store: CheckpointStore, in context: ComputeContext
    ) throws -> OperatorGraph
}

extension ModelProgram {
    package static var version: String { Program.version }
    package static var scoreDecimals: Int { 4 }
    package static var graphNote: String { "" }

    package static func figures(of record: RunRecord, from store: CheckpointStore, in context: ComputeContext)
        -> [PageFigure]
    { [] }
}

/// What a program adds to the report on a run.
package struct RunDetails {
    /// Lines between the run's status and its best score: label and text.
    package var lines: [(label: String, text: String)]
    /// What it was made with, each option as it is typed and its value.
    package var options: [(name: String, value: String)]
    /// What it learned from.
    package var data: [(name: String, value: String)]
    /// What its losses are of: those of two runs can be compared where this is the same.
    package var judgedBy: String
    /// The unit of losses: "nats per character".
    package var lossUnit: String
    /// Whether such runs write samples.
    package var writes: Bool
    /// A loss with its unit: "1.4278 nats per character".
    package var loss: (Double) -> String
    /// The command that makes the run again; nil if no single one does.
    package var command: String?
    /// Steps of the plan.
    package var plannedSteps: Int
    /// Further keys of the JSON form.
    package var json: [String: JSONValue]

    package init(
        lines: [(label: String, text: String)], options: [(name: String, value: String)],
        data: [(name: String, value: String)], judgedBy: String, lossUnit: String, writes: Bool,
        loss: @escaping (Double) -> String, command: String?, plannedSteps: Int, json: [String: JSONValue]
    ) {
        (self.options, self.data, self.judgedBy) = (options, data, judgedBy)
        (self.lossUnit, self.writes) = (lossUnit, writes)
        (self.lines, self.loss, self.command) = (lines, loss, command)
        (self.plannedSteps, self.json) = (plannedSteps, json)
    }
}
