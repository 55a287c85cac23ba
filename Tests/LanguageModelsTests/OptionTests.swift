import Checkpoints
import Foundation
import LanguageModels
import TestSupport
import Testing
import TextCorpora
import Training
import TrainingRuns

/// What follows from the declarations of options, whatever they are.
@Suite struct OptionTests {
    typealias Table = LanguageModelOptionTable

    /// One value for each option, as it is typed.
    static let typed = [
        "cell": "gru", "hidden": "7", "layers": "2", "stack": "lstm:5,rnn:6:3", "embedding": "0", "dropout": "0.25",
        "batch": "3", "window": "9", "random-windows": "", "clip-value": "0.5", "precision": "bf16",
        "validation": "lines:0.2", "test": "5",
        "sample-every": "8", "min-count": "2", "epochs": "1.5", "steps": "40", "time-limit": "1h30m",
        "optimizer": "sgd", "lr": "0.125", "schedule": "linear", "warm-up": "0", "weight-decay": "0.5",
        "clip-norm": "none", "patience": "auto", "eval-every": "4", "save-every": "6", "seed": "18446744073709551615",
        "unit": "byte", "encoding": "latin1", "keep-cr": "", "invalid": "skip", "strict": "",
    ]

    @Test func namesAndKeysAreEachOnesOwn() {
        let names = Table.options.flatMap { [$0.name] + $0.otherNames }, keys = Table.options.map(\.key)
        #expect(Set(names).count == names.count && Set(keys).count == keys.count)
        #expect(Set(names) == Set(Self.typed.keys))
    }

    @Test func whatIsTypedIsReadAndWrittenAgain() throws {
        for option in Table.options {
            let text = try #require(Self.typed[option.name])
            let value = try option.parse(text)
            #expect(option.problem(with: value) == nil, "\(option.name)")
            let words = option.words(for: value)
            #expect(words.first == .option(option.name))
            guard !option.isFlag, case .value(let written)? = words.last else { continue }
            #expect(try option.parse(written) as? AnyHashable == value as? AnyHashable, "\(option.name) \(written)")
            #expect(throws: (any Error).self, "\(option.name)") {
                let wrong = try option.parse("-?")
                if option.name == "encoding" || option.problem(with: wrong) != nil { throw UnreadableOption("-?") }
            }
        }
    }

    @Test func aRunRefusesEveryOptionButItsLength() throws {
        let run = try Self.run()
        for option in Table.options {
            var options = LanguageModelOptions()
            options[name: option.name] = try option.parse(try #require(Self.typed[option.name]))
            if ["steps", "epochs", "time-limit"].contains(option.name) {
                try options.refuseChanges(of: run, named: "a")
            } else {
                let error = thrown(RunError.self) { try options.refuseChanges(of: run, named: "a") }
                guard case .fixedByRun("a", option.name, let stored)? = error else {
                    Issue.record("\(option.name): \(String(describing: error))")
                    continue
                }
                #expect(!stored.isEmpty)
            }
        }
    }

    /// The last value on each side that is allowed, and the first that is not.
    @Test(
        arguments: [
            ("time-limit", [1e-300, 1e9], [0, 1e9.nextUp, .infinity, .nan]),
            ("dropout", [0, 0.99999994], [-1e-300, 0.99999999, 1, .nan]),
        ] as [(String, [Double], [Double])])
    func valuesAtTheEdges(name: String, allowed: [Double], refused: [Double]) throws {
        let option = try #require(Table.options.first { $0.name == name })
        for value in allowed { #expect(option.problem(with: value) == nil, "\(value)") }
        for value in refused { #expect(option.problem(with: value) != nil, "\(value)") }
    }

    /// Nothing is nothing, however it is written.
    @Test(arguments: ["none", "0", "00", "-0"]) func patienceWithoutEnd(text: String) throws {
        let option = try #require(Table.options.first { $0.name == "patience" })
        #expect(try AnyHashable(option.parse(text)) == AnyHashable(Patience.unlimited))
    }

    /// A plan outside the ranges that options have is damaged, whoever wrote it.
    @Test func whatARunSaysIsInRange() throws {
        var run = try Self.run()
        try Table.checkStored(run)
        run.plan.window = 0
        #expect(thrown(RunError.self) { try Table.checkStored(run) } != nil)
        run = try Self.run()
        run.plan.clipValue = .infinity
        #expect(thrown(RunError.self) { try Table.checkStored(run) } != nil)
    }

    /// The fewest options, and the same plan from them.
    @Test func optionsThatMakeARunAgainAreTheFewest() throws {
        var options = LanguageModelOptions()
        (options.steps, options.optimizer, options.learningRate, options.evaluateEvery) = (30, .sgd, 0.5, 7)
        (options.clipNorm, options.weightDecay, options.seed, options.patience) = (0, 0.01, 9, .automatic)
        let run = try Self.run(options), again = run.repeatingOptions
        // The rate is that of SGD, samples follow from evaluations, and 0.01 is no default of SGD.
        #expect(
            again.words == [
                .option("steps"), .value("30"), .option("optimizer"), .value("sgd"), .option("weight-decay"),
                .value("0.01"), .option("clip-norm"), .value("none"), .option("patience"), .value("auto"),
                .option("eval-every"), .value("7"), .option("seed"), .value("9"),
            ])
        #expect(try Self.run(again).plan == run.plan)
    }

    /// A run that started from another one says its own dropout: nobody knows that of the other.
    @Test(arguments: [nil, 0, 0.35] as [Double?]) func dropoutOfARunThatStartedFromAnother(dropout: Double?) throws {
        let corpus = try PreparedCorpus.of(sourceText(900), in: TemporaryFolder())
        var start = try Self.run().plan.model
        start.dropout = 0.2
        func plan(_ options: LanguageModelOptions) throws -> LanguageModelPlan {
            var plan = try LanguageModelPlan.plan(for: corpus.summary, options: options, model: start)
            plan.startedFrom = StartingPoint(run: "first", step: 3, weightsSHA256: "")
            return plan
        }
        var options = LanguageModelOptions()
        (options.steps, options.dropout) = (30, dropout)
        let made = try plan(options), again = StoredTextRun(plan: made, corpus: corpus.record).repeatingOptions
        #expect(again.dropout == dropout ?? 0.2 && again.hidden == nil && again.stack == nil)
        #expect(try plan(again) == made)
    }

    static func run(_ options: LanguageModelOptions = LanguageModelOptions()) throws -> StoredTextRun {
        let folder = try TemporaryFolder(), corpus = try PreparedCorpus.of(sourceText(900), in: folder)
        return StoredTextRun(
            plan: try LanguageModelPlan.plan(for: corpus.summary, options: options), corpus: corpus.record)
    }

    // MARK: Stores of before

    /// As version 0.1 stored it, before settings that all kinds of runs have were a type of their own.
    static let storedBefore = """
        {"clip_norm":1,"clip_value":0.5,"evaluate_every":10,"lanes":8,"learning_rate":0.003,"model":{"classes":60,\
        "dropout":0.25,"embedding":64,"stack":[{"cell":"rnn","hidden":9,"projection":4},{"cell":"gru","hidden":5}]},\
        "optimizer":{"beta1":0.9,"beta2":0.999,"epsilon":1e-08,"kind":"adamw","weight_decay":0.01,\
        "weight_decay_scope":"matrices"},"patience":4,"random_windows":true,"sample_every":40,"save_every":7,\
        "schedule":"cosine","seed":1,"steps":3,"steps_are_fixed":true,"steps_per_epoch":9,"time_limit_seconds":60,\
        "warm_up":1,"window":64}
        """

    @Test func plansOfEarlierStoresAreReadAndStayAsTheyAre() throws {
        let plan = try CanonicalJSON.decode(LanguageModelPlan.self, from: Data(Self.storedBefore.utf8), what: "a plan")
        #expect(plan.steps == 3 && plan.learningRate == 0.003 && plan.clipNorm == 1 && plan.patience == 4)
        #expect(plan.timeLimit == 60 && plan.saveEvery == 7 && plan.stepsPerEpoch == 9 && plan.warmUp == 1)
        #expect(plan.lanes == 8 && plan.window == 64 && plan.randomWindows && plan.clipValue == 0.5)
        let again = try CanonicalJSON.encode(plan, what: "a plan")
        #expect(String(decoding: again, as: UTF8.self) == Self.storedBefore)
    }
}
