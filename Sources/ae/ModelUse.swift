import ArgumentParser
import Autoencoders
import Checkpoints
import CommandLineSupport
import Images
import TensorCore

/// A trained model at work in the foreground: progress on standard error, pictures that are left out named and counted,
/// signals that end a pass between two batches.
final class ModelUse {
    let console = Console()
    let context: ComputeContext
    let saved: SavedAutoencoder
    /// Every file that is written goes through it; whatever is read through this object is under its protection.
    let outputs: OutputGuard
    /// Pictures that could not be read so far, each once, however often it was tried.
    var leftOut: Int { failures.count }
    /// What was said of them; each message names its file.
    private var failures: Set<String> = []

    private let signals: SignalWatch
    private static let mostNamed = 20

    init(_ model: ModelArguments, _ overwrite: OverwriteArguments) throws {
        // Before any thread is made: see SignalWatch.
        signals = SignalWatch()
        outputs = OutputGuard(replacesAll: overwrite.force)
        context = try model.compute.makeContext()
        saved = try model.load(in: context)
        console.line("Using \(saved.title): \(saved.plan.model.kind.name), code of \(saved.codeSize), \(saved.format)")
    }

    // MARK: Pictures

    /// The pictures below some paths, read again each time: their number does not matter.
    ///
    /// - Parameters:
    ///   - readsFilesOnce: whether a file that is reached again is passed over: for counts that stand for something.
    ///   - format: what they are fitted into; nil: what the model sees.
    func pictures(
        _ paths: [String], isStrict: Bool = false, readsFilesOnce: Bool = false,
        in format: (ImageCollection) -> PictureFormat? = { _ in nil }
    ) throws -> StreamedPictures {
        console.status("Looking through \(paths.joined(separator: ", "))")
        let collection = try ImageCollection.scan(paths, isStrict: isStrict, readsFilesOnce: readsFilesOnce)
        console.clearProgress()
        outputs.protect(collection)
        for skipped in collection.faults {
            leaveOut(skipped.error?.description ?? "\(skipped.path): \(skipped.reason.rawValue)")
        }
        if !collection.otherSkippedSummary.isEmpty { console.line("passed over: \(collection.otherSkippedSummary)") }
        for remark in collection.remarks { console.line("note: \(remark)") }
        return StreamedPictures(
            collection, format: format(collection) ?? saved.format, options: LoadingOptions(isStrict: isStrict))
    }

    /// One picture, named by a user.
    func picture(_ reference: String) throws -> ImageCollection {
        let collection = try PictureReference.find(reference)
        outputs.protect(collection)
        return collection
    }

    /// The pictures that the run was made from.
    ///
    /// - Returns: nil if they were not read to the end.
    func runPictures(or instead: String) throws -> PreparedPictures? {
        let reading = progress("reading", unit: "images")
        let pictures = try saved.runPictures(or: instead, in: context) {
            reading($0, $1)
            return !self.shouldStop
        }
        pictures?.collections.forEach(outputs.protect)
        return pictures
    }

    private func leaveOut(_ message: String) {
        guard failures.insert(message).inserted else { return }
        if leftOut <= Self.mostNamed {
            console.line("left out: \(message)")
        } else if leftOut == Self.mostNamed + 1 {
            console.line("left out: more, which are only counted from here on")
        }
    }

    /// ", 3 left out", or nothing.
    var leftOutText: String { leftOut > 0 ? ", \(NumberText.grouped(leftOut)) left out" : "" }

    // MARK: Watching

    /// Whoever passes this on is told what happens, and can be stopped.
    func observer(_ title: String, reportsFailures: Bool = true) -> PicturePass.Observer {
        let progress = progress(title, unit: "images")
        return PicturePass.Observer(
            shouldStop: { self.shouldStop },
            onProgress: { progress($0.done, $0.count) },
            onFailure: { failure in
                if reportsFailures { self.leaveOut("\(failure.error)") }
            })
    }

    /// Shows progress when it is told of any. From here on signals no longer end the process at once.
    func progress(_ title: String, unit: String) -> (_ done: Int, _ count: Int) -> Void {
        signals.defersEnding {}
        let start = ContinuousClock.now, console = console
        let bar = ProgressBar(title, unit: unit, width: console.isTerminal ? 24 : 0)
        return { done, count in
            console.progress {
                console.fitting(bar.parts(done: done, of: count, seconds: start.secondsUntilNow))
            }
        }
    }

    var shouldStop: Bool { signals.shouldStop || console.isClosed }

    /// What to throw where a signal has ended the work.
    /// - Parameter what: was made all the same.
    func interrupted(_ what: String = "nothing was written") -> ExitCode {
        console.line("Interrupted: \(what)")
        return ExitCode(signals.exitStatus ?? Program.closedOutputStatus)
    }

    // MARK: Results

    /// Writes pictures that say which command made them.
    func output(_ command: String, _ details: String...) -> PictureOutput {
        PictureOutput(
            description: (["ae \(command)", saved.title] + details).joined(separator: ", "), overwriting: outputs)
    }

    func print(_ json: JSONValue) throws { try print { (output) throws(OutputError) in try output.json(json) } }

    func print(_ lines: [String]) throws {
        try print { (output) throws(OutputError) in for line in lines { try output.line(line) } }
    }

    private func print(_ write: (StandardOutput) throws(OutputError) -> Void) throws(OutputError) {
        console.clearProgress()
        let output = StandardOutput()
        try write(output)
        try output.flush()
    }

    /// Keys that all JSON has.
    var json: [String: JSONValue] {
        ["run": .string(saved.run.name), "step": .int(saved.step), "left_out": .int(leftOut)]
    }
}

extension ContinuousClock.Instant {
    var secondsUntilNow: Double { (ContinuousClock.now - self) / .seconds(1) }
}
