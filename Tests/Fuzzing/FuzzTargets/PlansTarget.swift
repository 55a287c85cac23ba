import Autoencoders
import CommandLineSupport
import Foundation
import Images
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

extension FuzzTarget {
    /// Two documents with a zero byte between them: what a run was made with, and what it learned from.
    static let plans = FuzzTarget(
        "plans",
        "What a store keeps of a run as JSON: its plan, and its text or pictures. What is accepted is written and read again "
            + "as the same, and can be reported",
        words: [
            "\"model\":{", "\"stack\":[", "\"hidden\":", "\"channels\":[", "\"steps\":", "\"split\":{\"training\":[",
            "\"kind\":{",
            "9223372036854775807", "-9223372036854775808", "1e308", "\"held_out\":{", "\"lead_ins\":[[", "\"fraction\"",
            "\"count\":", "null", "4611686018427387904",
        ],
        longest: 6000,
        seeds: { try [planOfText(), planOfPictures()] },
        run: { input in
            let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map { Data($0) }
            let second = parts.count > 1 ? parts[1] : Data()
            let plan = try readAgain(LanguageModelPlan.self, parts[0])
            let record = try readAgain(CorpusRecord.self, second)
            if let plan {
                _ = (plan.model.parameterCount, plan.trainingMemory, plan.epochs, plan.model.multiplyAddsPerUnit)
                _ = try attempt { try plan.checkSteps() }
            }
            if let record {
                _ = (record.defaultSplit, record.readingOptions, "\(record.split)")
                try VocabularyChecks.check(record.vocabulary)
            }
            if let plan, let record {
                try report(StoredTextRun(plan: plan, corpus: record), of: LanguageModelOptionTable.self)
            }
            let pictures = try readAgain(PictureRecord.self, second),
                picturePlan = try readAgain(AutoencoderPlan.self, parts[0])
            if let picturePlan {
                _ = (picturePlan.model.parameterCount, picturePlan.trainingMemory, picturePlan.epochs)
                _ = try attempt { try picturePlan.checkSteps() }
            }
            if let picturePlan, let pictures {
                try report(StoredPictureRun(plan: picturePlan, pictures: pictures), of: AutoencoderOptionTable.self)
            }
        })

    private static func readAgain<Value: Codable & Equatable>(_ type: Value.Type, _ data: Data) throws -> Value? {
        guard let value = try attempt({ try JSONDecoder().decode(type, from: data) }) else { return nil }
        guard let bytes = try attempt({ try JSONEncoder().encode(value) }) else { return value }
        let again = try attempt { try JSONDecoder().decode(type, from: bytes) }
        try demand(again == value, "a \(type) is another when it is written and read again")
        return value
    }

    private static func report<Table: OptionTable>(_ run: Table.Run, of: Table.Type) throws {
        _ = try attempt { try Table.checkStored(run) }
        _ = Table.values(of: run)
        if let run = run as? StoredTextRun {
            let options = run.repeatingOptions
            _ = options.words
        } else if let run = run as? StoredPictureRun {
            _ = run.repeatingOptions.words
        }
    }

    private static func planOfText() throws -> [UInt8] {
        var options = LanguageModelOptions()
        options.stack = try LayerSpecification.parse("lstm:3,gru:4:2")
        options.steps = 20
        options.lanes = 2
        options.window = 4
        let text = (0..<20).map { "a line, number \($0)\n" }.joined(), corpus = try TextCorpus(text)
        let (held, split) = try corpus.holdOut(.lines, validation: .fraction(0.2), test: .count(40), seed: 3)
        let vocabulary = try Vocabulary(counting: corpus, in: split.training)
        let paths =
            #"{"paths":["/tmp/text.txt"],"unit":"scalar","keep_cr":false,"fingerprint":"ab","invalid_byte_count":2"#
        let leadIns = #""lead_ins":[[1,2,3],[2,2,2]],"count":\#(corpus.count)"#
        let record =
            try [
                paths, leadIns, #""held_out":"# + json(held), #""split":"# + json(split),
                #""vocabulary":"# + json(vocabulary),
            ].joined(separator: ",") + "}"
        let plan = try LanguageModelPlan.plan(
            for: CorpusSummary(
                training: split.training.count, validation: split.validation.count, classes: vocabulary.count),
            options: options)
        return Array("\(try json(plan))\0\(record)".utf8)
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static func planOfPictures() throws -> [UInt8] {
        var options = AutoencoderOptions()
        options.steps = 20
        options.kind = .denoising(noise: 0.1, masking: 0.2)
        options.channels = [2, 3]
        let format = PictureFormat(width: 9, height: 7, channels: 3)
        let plan = try AutoencoderPlan.plan(
            for: PictureSummary(format: format, training: 40, validation: 4), options: options)
        let record = [
            #"{"paths":["/tmp/pictures"],"held_out_paths":[],"fingerprint":"ab","count":44,"training_count":40"#,
            #""validation_count":4,"unreadable":0,"split_seed":1,"pca_mse":0.1,"pca_components":3"#,
            #""validation_rule":"# + (try json(CollectionSplit.Rule.count(4))),
            #""suggested_format":"# + (try json(format)) + "}",
        ]
        return Array("\(try json(plan))\0\(record.joined(separator: ","))".utf8)
    }
}
