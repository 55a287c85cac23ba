import Autoencoders
import Images
import Kernels
import Testing
import TestSupport
import Training
import TrainingRuns

@Suite struct PlanTests {
    static func summary(_ width: Int, _ height: Int, channels: Int, training: Int = 9000) -> PictureSummary {
        PictureSummary(
            format: PictureFormat(width: width, height: height, channels: channels), training: training,
            validation: 1000)
    }

    static func plan(
        _ summary: PictureSummary = summary(28, 28, channels: 1),
        _ change: (inout AutoencoderOptions) -> Void = { _ in }
    ) throws -> AutoencoderPlan {
        var options = AutoencoderOptions()
        change(&options)
        return try AutoencoderPlan.plan(for: summary, options: options)
    }

    @Test func digitsWithoutAFlag() throws {
        let plan = try Self.plan()
        #expect(plan.model.architecture == .standard && plan.model.kind == .plain)
        #expect(plan.model.code == 32 && plan.model.channels == [32, 64, 128] && plan.model.hidden == 0)
        #expect(plan.batch == 32 && plan.stepsPerEpoch == 9000 / 32 && plan.stepsAreFixed)
        #expect(plan.optimizer.kind == .adamw && plan.schedule == .cosine && plan.seed == 1)
        #expect(plan.steps == 56 * 281 && plan.divergenceWarmUp == nil && plan.augmentation == Augmentation(shift: 1))
        #expect(plan.epochs == Double(plan.steps) / 281)
    }

    /// The recipe of the book's section 7.5: one pass over 60,000 pictures in batches of 60, SGD 0.01, momentum 0.9.
    @Test func theBook() throws {
        let plan = try Self.plan(Self.summary(28, 28, channels: 1, training: 60_000)) { $0.architecture = .book }
        #expect(plan.model.code == 28 && plan.model.parameterCount == 318_480)
        #expect(plan.batch == 60 && plan.steps == 1000 && plan.stepsPerEpoch == 1000)
        #expect(plan.optimizer == .momentum(0.9) && plan.learningRate == 0.01)
        #expect(plan.schedule == .constant && plan.warmUp == 0 && plan.clipNorm == nil)
        #expect(plan.learningRateSchedule.rate(at: 0) == 0.01 && plan.learningRateSchedule.rate(at: 999) == 0.01)
    }

    /// Levels until the longer side is at most 8, of small pictures 4.
    @Test(arguments: [
        (28, 28, 1, [32, 64, 128], 32), (64, 64, 3, [32, 64, 128], 128), (64, 48, 3, [32, 64, 128], 128),
        (32, 32, 3, [32, 64], 64), (8, 8, 1, [32], 16), (9, 3, 1, [32, 64], 6), (1, 1, 1, [], 1), (1, 1, 3, [], 1),
        (27, 45, 1, [32, 64, 128, 256], 32), (256, 256, 3, [32, 64, 128, 256, 256], 128),
        (1, 500, 1, [32, 64, 128, 256, 256, 256, 256], 32),
    ]) func sizesFollowFromTheFormat(width: Int, height: Int, channels: Int, levels: [Int], code: Int) throws {
        let model = try Self.plan(Self.summary(width, height, channels: channels)).model
        #expect(model.channels == levels && model.code == code)
        #expect((model.hidden == 0) == !levels.isEmpty)
    }

    /// A pass over what is held out takes what 32 pictures take in training, however few a step has.
    @Test func memoryHoldsForValidationToo() throws {
        let small = try Self.plan(Self.summary(128, 128, channels: 3)) { $0.batch = 16 }
        let usual = try Self.plan(Self.summary(128, 128, channels: 3)) { $0.batch = 32 }
        #expect(small.trainingMemory == usual.trainingMemory)
        // Of pictures so large a batch is no larger than one of training.
        let one = try Self.plan(Self.summary(512, 512, channels: 3)) { $0.batch = 16 }
        let two = try Self.plan(Self.summary(512, 512, channels: 3)) { $0.batch = 32 }
        #expect(one.trainingMemory < two.trainingMemory)
    }

    @Test func principalComponentsKeepAnEighthOfTheMemory() {
        func kept(_ bytes: Int) -> Int {
            PictureBaseline.options(MemoryLimit(bytes: bytes, origin: .controlGroup)).memoryLimit
        }
        #expect(kept(1 << 30) == 1 << 27 && kept(1 << 40) == 1 << 29)
    }

    @Test func aDenseLayerStandsWhereThereIsNoLevel() throws {
        let plan = try Self.plan { ($0.channels, $0.code) = ([], 200) }
        #expect(plan.model.channels.isEmpty && plan.model.hidden == 400)
        #expect(try Self.plan { $0.channels = [8] }.model.hidden == 0)
        #expect(try Self.plan { ($0.channels, $0.hidden) = ([], 0) }.model.hidden == 0)
    }

    /// Three minutes of an ordinary machine; and passes that make 16,000 steps, between 30 and 120.
    @Test func largePicturesAndManyAreSeenFewerTimes() throws {
        for (training, passes) in [(450, 120), (3_000, 120), (9_000, 56), (60_000, 30)] {
            let plan = try Self.plan(Self.summary(28, 28, channels: 1, training: training))
            #expect(plan.steps == passes * plan.stepsPerEpoch && plan.learningRate == 0.004)
        }
        let large = try Self.plan(Self.summary(128, 128, channels: 3))
        #expect(large.steps < 20 * large.stepsPerEpoch && large.learningRate == 0.002)
        #expect(try Self.plan(Self.summary(28, 28, channels: 1, training: 5)).steps == 1_500)
    }

    /// By a sixteenth of their longer side, unless somebody says how far; the book moves none.
    @Test(arguments: [(28, 28, 1), (15, 9, 0), (16, 9, 1), (64, 48, 4), (48, 64, 4), (256, 100, 16)])
    func trainingPicturesAreMoved(width: Int, height: Int, pixels: Int) throws {
        let summary = Self.summary(width, height, channels: 3)
        #expect(try Self.plan(summary).augmentation == Augmentation(shift: pixels))
        #expect(try Self.plan(summary) { $0.shift = 0 }.augmentation == .none)
        #expect(try Self.plan(summary) { $0.shift = 3 }.augmentation.shift == 3)
        #expect(try Self.plan(summary) { $0.flipsHorizontally = true }.augmentation.shift == pixels)
        #expect(try Self.plan(summary) { $0.architecture = .book }.augmentation == .none)
    }

    @Test func fewPicturesMakeSmallBatches() throws {
        for (training, batch) in [(1, 1), (5, 5), (400, 16), (2000, 32), (60_000, 32)] {
            let plan = try Self.plan(Self.summary(28, 28, channels: 1, training: training))
            #expect(plan.batch == batch && plan.stepsPerEpoch == training / batch)
        }
        let book = try Self.plan(Self.summary(28, 28, channels: 1, training: 7)) { $0.architecture = .book }
        #expect(book.batch == 7 && book.steps == (60_000 + 6) / 7)
    }

    @Test func optionsFixWhatTheySay() throws {
        let plan = try Self.plan {
            ($0.code, $0.channels, $0.hidden, $0.batch, $0.steps) = (20, [8], 0, 50, 77)
            ($0.optimizer, $0.learningRate, $0.schedule, $0.warmUp) = (.rmsprop, 0.004, .linear, 3)
            ($0.weightDecay, $0.clipNorm, $0.patience, $0.evaluateEvery) = (0.01, 5, 2, 11)
            ($0.kind, $0.divergenceWarmUp, $0.seed) = (.variational(freeNats: 0.1), 9, 8)
            $0.augmentation = Augmentation(shift: 2, flipsHorizontally: true)
        }
        #expect(plan.model.code == 20 && plan.model.channels == [8] && plan.model.hidden == 0)
        #expect(plan.batch == 50 && plan.steps == 77 && plan.optimizer == .rmsprop(weightDecay: 0.01))
        #expect(plan.learningRate == 0.004 && plan.schedule == .linear && plan.warmUp == 3 && plan.clipNorm == 5)
        #expect(plan.patience == 2 && plan.evaluateEvery == 11 && plan.divergenceWarmUp == 9 && plan.seed == 8)
        #expect(plan.model.kind == .variational(freeNats: 0.1) && plan.augmentation.shift == 2)
        #expect(try Self.plan { $0.epochs = 1.5 }.steps == 422)
    }

    /// A time limit chooses the steps by the clock, and nothing that reaches a weight before that may depend on them.
    @Test func aTimeLimitChangesNothingThatComesFirst() throws {
        for kind in everyKind {
            let short = try Self.plan { ($0.timeLimit, $0.kind) = (10, kind) }
            let long = try Self.plan { ($0.timeLimit, $0.kind) = (10_000, kind) }
            var same = long
            same.timeLimit = short.timeLimit
            #expect(!short.stepsAreFixed && short.steps > short.warmUp + 1 && same == short)
            #expect(
                short.learningRateSchedule.rate(at: short.warmUp - 1)
                    == long.learningRateSchedule.rate(at: short.warmUp - 1))
        }
    }

    struct BadOption: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let change: @Sendable (inout AutoencoderOptions) -> Void

        init(_ option: String, _ change: @escaping @Sendable (inout AutoencoderOptions) -> Void) {
            (testDescription, self.change) = (option, change)
        }
    }

    static let badOptions = [
        BadOption("code") { $0.code = 0 },
        BadOption("hidden") { $0.hidden = -1 },
        BadOption("channels") { $0.channels = [32, 0] },
        BadOption("channels") { $0.channels = Array(repeating: 4, count: 13) },
        BadOption("batch") { $0.batch = 9001 },
        BadOption("steps") { $0.steps = 0 },
        BadOption("epochs") { $0.epochs = 0 },
        BadOption("lr") { $0.learningRate = .nan },
        BadOption("time-limit") { $0.timeLimit = -1 },
        BadOption("weight-decay") { $0.weightDecay = -1 },
        BadOption("warm-up") { $0.warmUp = -1 },
        BadOption("clip-norm") { $0.clipNorm = -1 },
        BadOption("patience") { $0.patience = -1 },
        BadOption("noise") { $0.kind = .denoising(noise: -1, masking: 0) },
        BadOption("masking") { $0.kind = .denoising(noise: 0, masking: 1) },
        BadOption("sparsity") { $0.kind = .sparse(weight: .infinity) },
        BadOption("free-nats") { $0.kind = .variational(freeNats: -1) },
        BadOption("kl-warm-up") { $0.divergenceWarmUp = 5 },
        BadOption("kl-warm-up") { ($0.kind, $0.divergenceWarmUp) = (.variational(freeNats: 0), -5) },
        BadOption("channels") { ($0.architecture, $0.channels) = (.book, [32]) },
        BadOption("hidden") { ($0.architecture, $0.hidden) = (.book, 5) },
    ]

    @Test(arguments: badOptions) func badOptionsAreNamed(_ bad: BadOption) {
        let error = thrown(RunError.self) { _ = try Self.plan { bad.change(&$0) } }
        guard case .invalidOption(bad.testDescription, _)? = error else {
            Issue.record("\(bad.testDescription): \(String(describing: error))")
            return
        }
    }

    @Test func kindsHaveNumbersOfTheirOwn() throws {
        #expect(try AutoencoderKind(.plain) == .plain)
        #expect(try AutoencoderKind(.denoising) == .denoising(noise: 0.2, masking: 0))
        #expect(try AutoencoderKind(.denoising, masking: 0.5) == .denoising(noise: 0, masking: 0.5))
        #expect(try AutoencoderKind(.denoising, noise: 0.1, masking: 0.5) == .denoising(noise: 0.1, masking: 0.5))
        #expect(try AutoencoderKind(.sparse, sparsity: 0.5) == .sparse(weight: 0.5))
        #expect(try AutoencoderKind(.variational, freeNats: 0.5) == .variational(freeNats: 0.5))
        for (option, make) in [
            ("noise", { try AutoencoderKind(.plain, noise: 1) }),
            ("masking", { try AutoencoderKind(.sparse, masking: 0.5) }),
            ("sparsity", { try AutoencoderKind(.variational, sparsity: 1) }),
            ("free-nats", { try AutoencoderKind(.denoising, freeNats: 1) }),
        ] as [(String, () throws -> AutoencoderKind)] {
            let error = thrown(RunError.self) { _ = try make() }
            guard case .invalidOption(option, _)? = error else {
                Issue.record("\(option): \(String(describing: error))")
                continue
            }
        }
    }
}
