import Autoencoders
import CommandLineSupport
import FileTrees
import PictureRunReports
import TrainingRuns

/// How the training of an autoencoder is spoken of.
struct PictureTerms: TrainingTerms {
    let task: AutoencoderTask
    let model: AutoencoderConfiguration

    let resumePaths: [String]
    let resumeOptions: [String]

    /// - Parameters:
    ///   - paths: where the pictures of a run that goes on were said to be; empty: where they were.
    ///   - heldOutPaths: the same of those that are held out by their paths.
    init(_ training: AutoencoderTraining, resumedAt paths: [String] = [], heldOutAt heldOutPaths: [String] = []) {
        (task, model, resumePaths) = (training.task, training.plan.model, paths)
        resumeOptions = heldOutPaths.flatMap { ["--held-out", $0] }
    }

    var program: String { "ae" }
    var finalMetric: String { AutoencoderTask.finalMetric }
    /// Short for a line that must fit.
    var rateUnit: String { "images" }
    var digits: Int { model.kind.isVariational ? 1 : 5 }

    func short(_ loss: Double) -> String {
        model.kind.isVariational ? "\(NumberText.fixed(loss, 1)) nats" : LossText.error(loss)
    }

    func long(_ loss: Double) -> String { LossText.loss(loss, of: model) }

    /// The loss, and the squared error beside that of principal components.
    func result(_ score: FinalScore, bestStep: Int) -> String {
        let place = "at step \(NumberText.grouped(bestStep)), over \(NumberText.count(score.units, "image"))"
        let components = LossText.baseline(
            task.finalEvaluation?.baselineError, components: task.pictures.baseline?.components)
        var parts = [LossText.loss(score.loss, of: model)]
        if let evaluation = task.finalEvaluation {
            if let variational = evaluation.variational {
                parts[0] += " (\(variational.activeUnits) of \(model.code) units active)"
            }
            if model.kind.isVariational || model.architecture == .book {
                parts.append("mean squared error on 0...1 \(LossText.error(evaluation.meanSquaredError))")
            }
        }
        if let components { parts.append(components) }
        return parts.joined(separator: ", ") + "; " + place
    }

    func scoring(units: Int) -> String { "Scoring \(NumberText.count(units, "image")) with the best weights" }

    func next(run: String) -> String {
        let places = resumePaths.isEmpty ? task.pictures.record.paths : resumePaths
        let paths = places.map(ShellText.quoted).joined(separator: " ")
        return "reconstruct \(paths) --run \(run)"
    }

    func json(_ score: FinalScore) -> [String: JSONValue] {
        [
            "mse": JSONValue(task.finalEvaluation?.meanSquaredError),
            "pca_mse": JSONValue(task.finalEvaluation?.baselineError),
            "negative_elbo_nats": JSONValue(task.finalEvaluation?.variational?.negativeELBO),
        ]
    }
}
