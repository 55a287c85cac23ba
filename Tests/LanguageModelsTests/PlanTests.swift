import Autodiff
import Checkpoints
import LanguageModels
import Kernels
import TensorCore
import Testing
import TestSupport
import TextCorpora
import Training
import TrainingRuns

/// What is chosen for a text of some size, and what an option does to it.
@Suite struct PlanTests {
    static let sizes = [
        10, 11, 13, 16, 20, 31, 50, 64, 100, 333, 1999, 2000, 5_000, 19_999, 20_000, 60_000, 123_456,
        300_000, 1_003_854, 3_000_000, 20_000_000, 150_000_001, 1_000_000_000,
    ]

    static func summary(_ training: Int, classes: Int) -> CorpusSummary {
        CorpusSummary(training: training, validation: max(4, training / 9), classes: min(classes, training + 1))
    }

    static func check(_ plan: LanguageModelPlan, _ summary: CorpusSummary, _ comment: Comment) {
        let training = summary.training, laneLength = (training - 1) / plan.lanes
        #expect(plan.lanes >= 1 && plan.lanes < training, comment)
        #expect(plan.window >= 1 && plan.window <= laneLength, comment)
        #expect(plan.steps >= 1 && plan.stepsPerEpoch >= 1 && plan.warmUp >= 0 && plan.evaluateEvery >= 1, comment)
        #expect(plan.model.classes == summary.classes, comment)
        #expect(plan.stepsPerEpoch <= max(1, laneLength), comment)
        #expect(plan.learningRate > 0 && plan.learningRateSchedule.rate(at: plan.steps - 1) >= 0, comment)
    }

    @Test(arguments: [2, 27, 65, 256, 4_000, 20_000]) func defaultsAreSane(classes: Int) throws {
        var parametersBefore = 0
        for size in Self.sizes {
            let summary = Self.summary(size, classes: classes)
            let plan = try LanguageModelPlan.plan(for: summary, options: LanguageModelOptions())
            let comment: Comment = "\(size) units, \(classes) classes: \(plan.lanes) x \(plan.window)"
            Self.check(plan, summary, comment)
            #expect(try LanguageModelPlan.plan(for: summary, options: LanguageModelOptions()) == plan)
            // Lanes that hold more than one window, and a step that fits into memory.
            #expect(plan.lanes == 1 || (size - 1) / plan.lanes >= 2 * plan.window, comment)
            #expect(plan.lanes * plan.window * summary.classes <= 12_000_000, comment)
            #expect(plan.model.trainingMemory(lanes: plan.lanes, window: plan.window) < 2_000_000_000, comment)
            // Every unit is read at least once, and not for ever.
            let epochs = plan.epochs
            #expect(epochs >= 0.9 && (size < 20_000 || epochs < 100), comment)
            #expect(plan.steps < 2_000_000, comment)
            #expect(plan.warmUp < plan.steps / 2 && plan.evaluateEvery < plan.steps, comment)
            let perClass = plan.model.parameterCount - plan.model.classes * plan.model.embedding
            if classes == 65, size >= 100 {
                #expect(perClass >= parametersBefore, "a longer text has a smaller model: \(comment)")
                parametersBefore = perClass
            }
            #expect(plan.stepsAreFixed && plan.timeLimit == nil && plan.seed == 1)
        }
    }

    /// What can be learned in some time is a matter of the time and the text: no machine is asked.
    @Test(arguments: [27, 65, 4_000]) func aTimeLimitBoundsTheSizes(classes: Int) throws {
        func plan(_ summary: CorpusSummary, _ seconds: Double?, steps: Int? = nil) throws -> LanguageModelPlan {
            var options = LanguageModelOptions()
            (options.timeLimit, options.steps) = (seconds, steps)
            return try LanguageModelPlan.plan(for: summary, options: options)
        }
        for size in Self.sizes {
            let summary = Self.summary(size, classes: classes), usual = try plan(summary, nil)
            var before = (parameters: 0, dropout: 0.0)
            for seconds in [0.001, 1, 10, 60, 150, 300, 1_000, 10_000, 1_000_000] {
                let limited = try plan(summary, seconds), comment: Comment = "\(size) units in \(seconds) s"
                Self.check(limited, summary, comment)
                #expect(!limited.stepsAreFixed && limited.timeLimit == seconds)
                #expect(limited.model.parameterCount >= before.parameters, "more time, a smaller model: \(comment)")
                #expect(limited.model.parameterCount <= usual.model.parameterCount, comment)
                #expect(limited.model.dropout <= usual.model.dropout, comment)
                if limited.model.parameterCount == before.parameters {
                    #expect(limited.model.dropout >= before.dropout, comment)
                }
                before = (limited.model.parameterCount, limited.model.dropout)
                // A number of steps is wanted in any case, and the limit only stops them.
                let fixed = try plan(summary, seconds, steps: 90)
                #expect(fixed.model == usual.model && fixed.lanes == usual.lanes && fixed.window == usual.window)
            }
            #expect(before == (usual.model.parameterCount, usual.model.dropout), "\(size) units, a week")
        }
    }

    /// The sizes that the guide names: a text of up to 1.5 million units is learned by one layer, in many small steps.
    @Test(arguments: [
        (1_999, "lstm:64", 4, 32, 50.0), (19_999, "lstm:128", 4, 32, 30), (59_999, "lstm:256", 4, 32, 12),
        (110_833, "lstm:512", 8, 32, 8), (340_000, "lstm:512", 8, 32, 8), (1_003_854, "lstm:768", 16, 32, 6),
        (3_000_000, "lstm:512,lstm:512", 64, 64, 5),
    ])
    func textsAreLearnedInSmallSteps(training: Int, stack: String, lanes: Int, window: Int, passes: Double) throws {
        let plan = try LanguageModelPlan.plan(
            for: Self.summary(training, classes: 65), options: LanguageModelOptions())
        #expect(LayerSpecification.text(plan.model.stack) == stack)
        #expect(plan.lanes == lanes && plan.window == window)
        #expect(abs(plan.epochs / passes - 1) < 0.03, "\(plan.epochs) passes")
    }

    /// A short text is learned by heart in more passes than the plan's: a time limit is then the most time. Where passes
    /// are few for the sake of time, or the model is far smaller than the plan's, all the time is taken.
    @Test func moreTimeThanIsOfUseIsNotTaken() throws {
        func plan(
            _ training: Int, _ seconds: Double?, _ change: (inout LanguageModelOptions) -> Void = { _ in }
        ) throws -> LanguageModelPlan {
            var options = LanguageModelOptions()
            options.timeLimit = seconds
            change(&options)
            return try LanguageModelPlan.plan(for: Self.summary(training, classes: 65), options: options)
        }
        for training in [1_999, 19_999, 110_833, 1_003_854] {
            #expect(try plan(training, 36_000).mostSteps == plan(training, nil).steps, "\(training) units")
            #expect(try plan(training, nil).mostSteps == nil)
        }
        #expect(try plan(3_000_000, 36_000).mostSteps == nil)
        #expect(try plan(110_833, 600) { $0.hidden = 200 }.mostSteps == nil)
        #expect(try plan(110_833, 600) { $0.cell = .gru }.mostSteps != nil)
        #expect(try plan(110_833, 600) { $0.steps = 1_000_000 }.mostSteps == nil)
        #expect(try plan(110_833, 600) { $0.warmUp = 90_000 }.mostSteps == 90_002)
    }

    /// The sizes that the guide names, for a text of a million characters.
    @Test func secondsAreForASmallerModelThanMinutes() throws {
        let text = CorpusSummary(training: 1_003_854, validation: 111_540, classes: 65)
        func stack(_ seconds: Double, _ change: (inout LanguageModelOptions) -> Void = { _ in }) throws -> String {
            var options = LanguageModelOptions()
            options.timeLimit = seconds
            change(&options)
            return LayerSpecification.text(try LanguageModelPlan.plan(for: text, options: options).model.stack)
        }
        #expect(try stack(1) == "lstm:128" && stack(3) == "lstm:256" && stack(25) == "lstm:256")
        #expect(try stack(40) == "lstm:512" && stack(100) == "lstm:512")
        #expect(try stack(180) == "lstm:768" && stack(600) == "lstm:768")
        // What is given is not chosen.
        #expect(try stack(60) { $0.hidden = 700 } == "lstm:700")
        #expect(try stack(60) { $0.stack = [LayerSpecification(.gru, hidden: 9)] } == "gru:9")
    }

    /// The batches that training will make, counted.
    @Test func anEpochHasAsManyStepsAsItsBatches() throws {
        for (size, lanes, window) in [
            (1000, 4, 16), (1000, 3, 100), (130, 4, 16), (997, 7, 9), (600, 1, 64), (585, 8, 64),
        ] {
            let tokens = try tokens(of: sourceText(size)).tokens
            var options = LanguageModelOptions()
            (options.lanes, options.window) = (lanes, window)
            let summary = CorpusSummary(training: size, validation: 10, classes: tokens.vocabularyCount)
            let plan = try LanguageModelPlan.plan(for: summary, options: options)
            let batches = LaneBatches(tokens, range: 0..<size, lanes: lanes, window: window)
            #expect(plan.stepsPerEpoch == batches.batchesPerEpoch, "\(size) \(lanes) \(window)")
        }
    }

    /// Passes are rounded up to whole steps, of which there are from one to a thousand million.
    @Test func passesAreStepsFromOneToTheMost() throws {
        let summary = CorpusSummary(training: 50_000, validation: 5_000, classes: 70)
        func plan(_ epochs: Double) throws -> LanguageModelPlan {
            var options = LanguageModelOptions()
            options.epochs = epochs
            return try LanguageModelPlan.plan(for: summary, options: options)
        }
        #expect(try plan(1e-9).steps == 1)
        let perPass = Double(try plan(1).steps)
        #expect(try plan(1).steps == plan(1).stepsPerEpoch && plan(1.5).steps == Int((1.5 * perPass).rounded(.up)))
        #expect(try plan((1e9 - 0.5) / perPass).steps == 1_000_000_000)
        guard case .invalidOption("epochs", _) = thrown(RunError.self, { _ = try plan((1e9 + 0.5) / perPass) }) else {
            throw Unexpected("not refused")
        }
    }

    /// Four bytes for each weight, and for each of the two numbers that Adam keeps of it.
    @Test func aCheckpointHoldsTheWeightsAndWhatTheOptimizerKeeps() throws {
        let summary = CorpusSummary(training: 50_000, validation: 5_000, classes: 70)
        var options = LanguageModelOptions()
        options.optimizer = .adamw
        let plan = try LanguageModelPlan.plan(for: summary, options: options)
        let model = LanguageModel(plan.model, seed: 1, in: ComputeContext(threads: 1))
        #expect(plan.checkpointBytes == 12 * model.parameters.reduce(0) { $0 + $1.value.count })
    }

    /// What a store says of a run is looked at before anything is computed with it.
    @Test func aPlanWithImpossibleNumbersIsDamaged() throws {
        let summary = CorpusSummary(training: 50_000, validation: 5_000, classes: 70)
        let plain = try LanguageModelPlan.plan(for: summary, options: LanguageModelOptions())
        func isRefused(_ change: (inout LanguageModelPlan) -> Void) -> Bool {
            var plan = plain
            change(&plan)
            let changed = plan, result = Result { () throws(RunError) in try changed.checkSteps() }
            if case .failure(.damagedCheckpoint) = result { return true }
            return false
        }
        let most = 1_000_000_000
        for count in [0, -1, most + 1] {
            #expect(isRefused { $0.steps = count } && isRefused { $0.stepsPerEpoch = count })
            #expect(isRefused { $0.evaluateEvery = count } && isRefused { $0.saveEvery = count })
            #expect(isRefused { $0.patience = .evaluations(count) })
        }
        #expect(isRefused { $0.warmUp = -1 } && isRefused { $0.warmUp = most + 1 })
        #expect(!isRefused { ($0.steps, $0.stepsPerEpoch, $0.evaluateEvery) = (1, most, most) })
        #expect(!isRefused { ($0.saveEvery, $0.patience, $0.warmUp) = (1, .evaluations(most), 0) })
        #expect(!isRefused { $0.warmUp = most })
        for number in [0, -1, .infinity, .nan] {
            #expect(isRefused { $0.learningRate = number } && isRefused { $0.clipNorm = number })
        }
        #expect(!isRefused { ($0.learningRate, $0.clipNorm) = (1e-300, nil) })
    }

    @Test func everyOptionHasItsEffect() throws {
        let summary = CorpusSummary(training: 50_000, validation: 5_000, classes: 70)
        let plain = try LanguageModelPlan.plan(for: summary, options: LanguageModelOptions())
        func plan(_ change: (inout LanguageModelOptions) -> Void) throws -> LanguageModelPlan {
            var options = LanguageModelOptions()
            change(&options)
            let plan = try LanguageModelPlan.plan(for: summary, options: options)
            #expect(plan != plain)
            return plan
        }
        #expect(try plan { $0.cell = .gru }.model.stack.allSatisfy { $0.cell == .gru })
        #expect(try plan { $0.hidden = 33 }.model.stack.allSatisfy { $0.hidden == 33 })
        #expect(try plan { $0.layers = 5 }.model.stack.count == 5)
        let stack = try LayerSpecification.parse("rnn:9:4,gru:5")
        #expect(try plan { $0.stack = stack }.model.stack == stack)
        #expect(try plan { $0.embedding = 0 }.model.embedding == 0)
        #expect(try plan { $0.dropout = 0.05 }.model.dropout == 0.05)
        #expect(try plan { $0.lanes = 5 }.lanes == 5)
        #expect(try plan { $0.window = 31 }.window == 31)
        #expect(try plan { $0.steps = 77 }.steps == 77)
        let epochs = try plan { $0.epochs = 2.5 }
        #expect(epochs.steps == Int((2.5 * Double(epochs.stepsPerEpoch)).rounded(.up)))
        let limited = try plan { $0.timeLimit = 30 }
        #expect(limited.timeLimit == 30 && !limited.stepsAreFixed)
        #expect(
            try plan {
                $0.timeLimit = 30
                $0.steps = 10
            }.stepsAreFixed)
        for kind in OptimizerKind.allCases where kind != plain.optimizer.kind {
            #expect(try plan { $0.optimizer = kind }.optimizer.kind == kind)
        }
        #expect(try plan { $0.learningRate = 0.0123 }.learningRate == 0.0123)
        for kind in ScheduleKind.allCases where kind != plain.schedule {
            #expect(try plan { $0.schedule = kind }.schedule == kind)
        }
        #expect(try plan { $0.warmUp = 3 }.learningRateSchedule.warmUp == 3)
        #expect(try plan { $0.weightDecay = 0.5 }.optimizer.weightDecay.coefficient == 0.5)
        #expect(try plan { $0.clipNorm = 0.25 }.clipping.maximumNorm == 0.25)
        #expect(try plan { $0.clipValue = 0.125 }.clipping.maximumValue == 0.125)
        #expect(try plan { $0.clipNorm = 0 }.clipping.maximumNorm == nil)
        #expect(plain.clipping.maximumNorm == 1)
        #expect(try plan { $0.patience = 3 }.patience == 3)
        // A run that nobody gave a length ends when it is done.
        #expect(plain.patience == .automatic)
        #expect(try plan { $0.timeLimit = 30 }.patience == .automatic)
        #expect(try plan { $0.patience = 0 }.patience == nil)
        #expect(try plan { $0.steps = 9 }.patience == nil)
        #expect(try plan { $0.epochs = 9 }.patience == nil)
        #expect(try plan { ($0.epochs, $0.patience) = (9, .automatic) }.patience == .automatic)
        #expect(try plan { $0.evaluateEvery = 9 }.evaluateEvery == 9)
        #expect(try plan { $0.saveEvery = 9 }.saveEvery == 9)
        #expect(try plan { $0.sampleEvery = 9 }.sampleEvery == 9)
        #expect(try plan { $0.seed = 9 }.seed == 9)
        #expect(try plan { $0.randomWindows = true }.randomWindows)
    }

    @Test func optionsOutOfRangeAreNamed() throws {
        let bad: [(String, (inout LanguageModelOptions) -> Void)] = [
            ("hidden", { $0.hidden = 0 }), ("hidden", { $0.hidden = 1_000_000 }), ("layers", { $0.layers = 0 }),
            ("layers", { $0.layers = 1000 }), ("stack", { $0.stack = [] }),
            ("stack", { $0.stack = [LayerSpecification(.lstm, hidden: 0)] }),
            ("stack", { $0.stack = [LayerSpecification(.lstm, hidden: 3, projection: -1)] }),
            ("stack", { $0.stack = [LayerSpecification(.lstm, hidden: .max)] }),
            ("embedding", { $0.embedding = -1 }), ("embedding", { $0.embedding = 1 << 40 }),
            ("dropout", { $0.dropout = 1 }), ("dropout", { $0.dropout = -0.1 }),
            ("dropout", { $0.dropout = .nan }),
            ("dropout", { $0.dropout = 0.999_999_999 }),
            ("batch", { $0.lanes = 0 }), ("batch", { $0.lanes = 500 }), ("batch", { $0.lanes = .max }),
            ("window", { $0.window = 0 }), ("window", { $0.window = 500 }), ("window", { $0.window = .max }),
            ("steps", { $0.steps = 0 }), ("steps", { $0.steps = .max }), ("epochs", { $0.epochs = 0 }),
            ("epochs", { $0.epochs = .nan }), ("epochs", { $0.epochs = 1e300 }),
            ("epochs", { $0.epochs = .infinity }), ("time-limit", { $0.timeLimit = 0 }),
            ("time-limit", { $0.timeLimit = .infinity }), ("time-limit", { $0.timeLimit = 1e300 }),
            ("lr", { $0.learningRate = 0 }),
            ("lr", { $0.learningRate = -1 }), ("lr", { $0.learningRate = .nan }), ("warm-up", { $0.warmUp = -1 }),
            ("warm-up", { $0.warmUp = .max }),
            ("weight-decay", { $0.weightDecay = -1 }), ("weight-decay", { $0.weightDecay = 1e300 }),
            // Numbers of which single precision makes 0, or no number.
            ("lr", { $0.learningRate = 1e-50 }), ("lr", { $0.learningRate = 1e39 }),
            ("clip-norm", { $0.clipNorm = 1e-300 }), ("clip-norm", { $0.clipNorm = 1e-45 }),
            ("clip-norm", { $0.clipNorm = -1 }), ("clip-value", { $0.clipValue = 0 }),
            ("clip-value", { $0.clipValue = 1e300 }), ("clip-value", { $0.clipValue = 1e-60 }),
            ("patience", { $0.patience = -1 }), ("eval-every", { $0.evaluateEvery = 0 }),
            ("save-every", { $0.saveEvery = 0 }), ("sample-every", { $0.sampleEvery = 0 }),
            ("min-count", { $0.minimumCount = 0 }),
        ]
        let summary = CorpusSummary(training: 400, validation: 50, classes: 20)
        for (name, change) in bad {
            var options = LanguageModelOptions()
            change(&options)
            let error = thrown(RunError.self) { _ = try LanguageModelPlan.plan(for: summary, options: options) }
            guard case .invalidOption(name, let reason) = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    static func checkOrRefused(_ summary: CorpusSummary, _ options: LanguageModelOptions) {
        let result = Result { try LanguageModelPlan.plan(for: summary, options: options) }
        switch result {
        case .success(let plan):
            #expect(options.lanes ?? plan.lanes == plan.lanes)
            let laneLength = (summary.training - 1) / plan.lanes
            #expect(options.window.map { min($0, laneLength) } ?? plan.window == plan.window)
            check(plan, summary, "\(summary), \(plan.lanes) x \(plan.window)")
        case .failure(let error):
            guard case .invalidOption(let name, _)? = error as? RunError else {
                Issue.record("\(error)")
                return
            }
            let given = name == "batch" ? options.lanes : name == "window" ? options.window : nil
            #expect((given ?? 0) >= summary.training, "\(error)")
        }
    }

    /// Every combination of size and option gives a plan or says why not.
    @Test func optionsOnTextsOfAnySize() throws {
        for size in Self.sizes {
            for classes in [2, 20_000] {
                let summary = Self.summary(size, classes: classes)
                for lanes in [nil, 1, 2, 9, 64, 1_000, 70_000] as [Int?] {
                    for window in [nil, 1, 2, 9, 128, 5_000, 1_000_000] as [Int?] {
                        var options = LanguageModelOptions()
                        (options.lanes, options.window) = (lanes, window)
                        Self.checkOrRefused(summary, options)
                    }
                }
            }
        }
    }

    /// A window is as long as its lane at most: a plan says what a step reads.
    @Test func aWindowFitsIntoItsLane() throws {
        let summary = CorpusSummary(training: 16_200, validation: 1_800, classes: 60)
        func plan(_ lanes: Int, _ window: Int?, random: Bool? = nil) throws -> LanguageModelPlan {
            var options = LanguageModelOptions()
            (options.lanes, options.window, options.randomWindows) = (lanes, window, random)
            return try LanguageModelPlan.plan(for: summary, options: options)
        }
        #expect(try [nil, 3, 4, 100].map { try plan(5_000, $0).window } == [3, 3, 3, 3])
        #expect(try plan(5_000, nil).steps == plan(5_000, 3).steps)
        // Windows that start anywhere have no lanes to fit into.
        #expect(try plan(5_000, 100, random: true).window == 100)
    }

    /// A model that is given (fine-tuning) keeps its sizes, under the classes of the new text.
    @Test func aGivenModelKeepsItsSizes() throws {
        let old = try configuration("gru:30:12", classes: 50, embedding: 9, dropout: 0.1)
        let summary = CorpusSummary(training: 50_000, validation: 5_000, classes: 70)
        var options = LanguageModelOptions()
        let plan = try LanguageModelPlan.plan(for: summary, options: options, model: old)
        #expect(plan.model == (try configuration("gru:30:12", classes: 70, embedding: 9, dropout: 0.1)))
        options.dropout = 0.3
        #expect(try LanguageModelPlan.plan(for: summary, options: options, model: old).model.dropout == 0.3)
    }

    @Test func plansAreStoredWhole() throws {
        let folder = try TemporaryFolder(), corpus = try PreparedCorpus.of(sourceText(400), in: folder)
        let plan = try smallPlan(corpus, "rnn:5:3,gru-reset-before:4") {
            ($0.timeLimit, $0.patience, $0.clipValue, $0.saveEvery, $0.randomWindows) = (3, 4, 0.1, 7, true)
        }
        let store = try folder.store()
        let session = try LanguageModelTraining(plan: plan, corpus: corpus, store: store, in: .init(threads: 1))
        #expect(try session.run.configuration(as: LanguageModelPlan.self) == plan)
        #expect(try session.run.corpus(as: CorpusRecord.self) == corpus.record)
    }

    @Test func plansAreComparedWithTheMachine() throws {
        let folder = try TemporaryFolder(), corpus = try PreparedCorpus.of(sourceText(4000), in: folder)
        var plan = try smallPlan(corpus, "lstm:100")
        let memory = plan.trainingMemory, limit = MemoryLimit(bytes: memory + 1000, origin: .controlGroup)
        try plan.checkMemory(data: 1000, limit: limit)
        guard
            case .notEnoughMemory(memory + 1001, limit, _) = thrown(
                RunError.self, { try plan.checkMemory(data: 1001, limit: limit) })
        else { throw Unexpected("not refused") }
        // Weights and two slots; twice for the first, five times for all.
        let checkpoint = 12 * plan.parameterCount
        #expect(plan.checkpointBytes == checkpoint)
        #expect(try plan.checkSpace(free: 5 * checkpoint, path: "s"))
        #expect(try plan.checkSpace(free: nil, path: "s"))
        #expect(try !plan.checkSpace(free: 5 * checkpoint - 1, path: "s"))
        #expect(
            thrown(RunError.self, { _ = try plan.checkSpace(free: 2 * checkpoint - 1, path: "s") })
                == .notEnoughSpace(planned: 2 * checkpoint, free: 2 * checkpoint - 1, path: "s"))
        // Sizes whose product no integer holds.
        (plan.lanes, plan.window) = (1 << 40, 1 << 40)
        #expect(plan.trainingMemory == .max)
        #expect(throws: RunError.self) { try plan.checkMemory(data: .max) }
    }
}
