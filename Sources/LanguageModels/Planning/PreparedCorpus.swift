package import TextCorpora
import TrainingRuns

/// A text that is read, cut and numbered: ready to train on.
package struct PreparedCorpus: Sendable {
    package let record: CorpusRecord
    package let report: ReadingReport
    package let tokens: Tokens

    package var split: TextSplit { record.split }
    package var vocabulary: Vocabulary { record.vocabulary }
    /// Bytes that the text takes in memory.
    package let memory: Int
    package var summary: CorpusSummary {
        CorpusSummary(
            training: split.training.count, validation: split.validation.count, classes: vocabulary.count)
    }

    /// Reads a text for a new run. The vocabulary is that of the training part.
    /// - Throws: ``TextError``
    package static func read(
        _ paths: [String], reading: ReadingOptions = ReadingOptions(),
        options: LanguageModelOptions = LanguageModelOptions()
    ) throws(TextError) -> PreparedCorpus {
        try prepare(TextCorpus.read(paths, options: reading), from: paths, reading, options)
    }

    /// The same of a text that is in memory, and that no run can read again.
    /// - Throws: ``TextError``
    package static func of(
        _ text: String, reading: ReadingOptions = ReadingOptions(),
        options: LanguageModelOptions = LanguageModelOptions()
    ) throws(TextError) -> PreparedCorpus {
        try prepare(TextCorpus(text, unit: reading.unit), from: ["-"], reading, options)
    }

    private static func prepare(
        _ read: TextCorpus, from paths: [String], _ reading: ReadingOptions, _ options: LanguageModelOptions
    ) throws(TextError) -> PreparedCorpus {
        let (heldOut, split) = try read.holdOut(
            options.heldOut?.rule, validation: options.heldOut?.portion ?? 0.1, test: options.test ?? 0)
        let corpus = try read.arranged(heldOut)
        let vocabulary = try Vocabulary(
            counting: corpus, in: split.training, minimumCount: options.minimumCount)
        let tokens = try corpus.tokens(using: vocabulary)
        let record = CorpusRecord(
            paths: paths.map(CorpusRecord.path(recording:)), unit: reading.unit, encoding: reading.encoding,
            keepCarriageReturns: reading.keepCarriageReturns,
            invalidBytes: reading.invalidBytes == .error ? nil : reading.invalidBytes,
            invalidByteCount: reading.invalidBytes == .error ? nil : corpus.report.invalidBytes,
            fingerprint: corpus.fingerprint, count: corpus.count,
            split: split, heldOut: heldOut, vocabulary: vocabulary, leadIns: LeadIns(corpus, tokens, in: split.training)
        )
        return PreparedCorpus(
            record: record, report: corpus.report, tokens: tokens, memory: corpus.memory)
    }

    /// Reads the text of a run again, see ``CorpusRecord/reread(run:at:options:)``, and puts it in the order of its parts.
    package static func reread(
        _ record: CorpusRecord, run: String, at paths: [String] = []
    ) throws(LanguageModelError) -> PreparedCorpus {
        let read = try record.reread(run: run, at: paths)
        do {
            let corpus = try record.arranged(read), tokens = try corpus.tokens(using: record.vocabulary)
            return PreparedCorpus(record: record, report: corpus.report, tokens: tokens, memory: corpus.memory)
        } catch {
            throw .corpusNotFound(run: run, paths: paths.isEmpty ? record.paths : paths, reason: "\(error)")
        }
    }
}

extension CorpusRecord {
    /// Reads the text again, from where it was or from where it is now, and checks that it is the same.
    /// - Parameter options: how; nil: as it was read.
    /// - Throws: ``LanguageModelError/otherCorpus(run:expected:found:)`` or
    ///   ``LanguageModelError/corpusNotFound(run:paths:reason:)``
    package func reread(
        run: String, at otherPaths: [String] = [], options: ReadingOptions? = nil
    ) throws(LanguageModelError) -> TextCorpus {
        let sources = otherPaths.isEmpty ? paths : otherPaths
        // Looked at before it is opened: a pipe that nobody writes to keeps its reader waiting.
        if otherPaths.isEmpty, paths.contains(where: { Self.path(recording: $0) == "-" }) {
            throw .corpusNotFound(
                run: run, paths: sources, reason: "it came from standard input or a pipe, which give their data once")
        }
        let corpus: TextCorpus
        do {
            corpus = try TextCorpus.read(sources, options: options ?? readingOptions)
        } catch {
            throw .corpusNotFound(run: run, paths: sources, reason: "\(error)")
        }
        guard corpus.fingerprint == fingerprint, corpus.count == count else {
            throw .otherCorpus(run: run, expected: fingerprint, found: corpus.fingerprint)
        }
        return corpus
    }
}
