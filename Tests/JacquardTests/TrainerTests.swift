import Foundation
import Jacquard
import TestSupport
import Testing

@Suite struct TrainerTests {
    private func classifier(_ seed: UInt64 = 5) -> Sequential {
        Sequential(seed: seed) {
            Dense(2, 11)
            Activation.tanh
            Dropout(0.1)
            Dense(11, 3)
        }
    }

    private func trainer(_ model: any Layer, threads: Int = 1, rate: Double = 0.1, seed: UInt64 = 1) -> Trainer {
        Trainer(
            model, loss: .softmaxCrossEntropy, optimizer: .momentum(rate: rate), metrics: [.accuracy],
            schedule: .cosine(finalFraction: 0), warmUp: 3, clipNorm: 5, seed: seed,
            in: ComputeContext(threads: threads))
    }

    @Test func linearRegressionFindsTheWeights() throws {
        var chance = Chance(8)
        let weights: [Float] = [1.5, -2, 0.25], inputs = (0..<120).map { _ in chance.row(3) }
        let data = Dataset(
            inputs: inputs, targets: inputs.map { row in [zip(row, weights).reduce(0.75) { $0 + $1.0 * $1.1 }] })
        let model = Sequential(seed: 1) { Dense(3, 1) }
        let trainer = Trainer(
            model, loss: .squaredError, optimizer: .adam(rate: 0.05), metrics: [.rSquared],
            schedule: .exponential(finalFraction: 0.01))
        let report = try trainer.fit(data, batch: 16, epochs: 60)
        #expect(report.isFinished && report.steps == 60 * 8 && report.validation == nil && report.run == nil)
        let found = model.weights
        for (index, weight) in weights.enumerated() {
            #expect(abs((found["0.weight"]?[0, index] ?? .nan) - weight) < 1e-3)
        }
        #expect(abs((found["0.bias"]?[0] ?? .nan) - 0.75) < 1e-3)
        #expect((try trainer.evaluate(data)[.rSquared] ?? 0) > 0.9999)
    }

    /// The book validates every few passes, and ends when that finds nothing better.
    @Test func validationMayComeEveryFewPasses() throws {
        let (training, heldOut) = clouds(300, seed: 1).split(heldOut: 60)
        var epochs: [Double] = []
        let report = try trainer(classifier()).fit(
            training, batch: 20, epochs: 7, validation: heldOut, validateEvery: 3
        ) { if case .epoch(let progress) = $0 { epochs.append(progress.epoch) } }
        #expect(epochs == [3, 6, 7] && report.isFinished)
        // So fast that it gets worse at once: one scoring without a better one ends it.
        let wild = Trainer(classifier(), loss: .softmaxCrossEntropy, optimizer: .sgd(rate: 40), seed: 1)
        let ended = try wild.fit(training, batch: 20, epochs: 40, validation: heldOut, validateEvery: 2, patience: 1)
        #expect(ended.endedEarly && ended.steps % 24 == 0 && ended.steps < 40 * 12)
    }

    @Test(arguments: [
        Optimizer.sgd(rate: 0.3), .momentum(rate: 0.05), .nesterov(rate: 0.05), .adagrad(rate: 0.2),
        .rmsprop(rate: 0.01),
        .adam(rate: 0.02), .adamw(rate: 0.02, weightDecay: 0.01),
    ])
    func aClassifierLearns(_ optimizer: Optimizer) throws {
        let (training, heldOut) = clouds(300, seed: 1).split(heldOut: 60)
        let model = classifier()
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: optimizer, metrics: [.accuracy])
        #expect(try trainer.evaluate(heldOut)[.accuracy] ?? 1 < 0.8)
        var epochs: [FitProgress] = []
        let report = try trainer.fit(training, batch: 20, epochs: 8, validation: heldOut) {
            if case .epoch(let progress) = $0 { epochs.append(progress) }
        }
        #expect(epochs.map(\.step) == (1...8).map { $0 * 12 } && epochs.allSatisfy { $0.validationLoss != nil })
        #expect(try trainer.evaluate(heldOut)[.accuracy] ?? 0 > 0.95)
        #expect(try trainer.evaluate(heldOut) == report.validation)
        let answers = try trainer.predict(heldOut, batch: 7)
        #expect(answers.shape == [60, 3])
        #expect(zip(answers.argMax, heldOut.labels).count { $0 == $1 } > 57)
        let inputs = try heldOut.batch(0..<60).inputs
        #expect(trainer.predict(inputs, batch: 13).values == answers.values)
    }

    /// What is held out says the opposite of what is learned: the first pass is the best.
    @Test func earlyStoppingRestoresTheBestWeights() throws {
        let training = clouds(90, seed: 2), other = clouds(30, seed: 3)
        let heldOut = Dataset(
            inputs: try other.batch(0..<30).inputs, labels: other.labels.map { ($0 + 1) % 3 }, classes: other.classes)
        let model = classifier(), trainer = trainer(model, rate: 0.02)
        var weights: [Int: [[UInt32]]] = [:], losses: [Double] = []
        let report = try trainer.fit(training, batch: 15, epochs: 30, validation: heldOut, patience: 4) {
            guard case .epoch(let progress) = $0, let loss = progress.validationLoss else { return }
            weights[progress.step] = bits(model)
            losses.append(loss)
        }
        let best = try #require(report.bestStep), least = try #require(losses.min())
        #expect(report.endedEarly && report.steps < 30 * 6 && best == report.steps - 4 * 6)
        #expect(losses.firstIndex(of: least) == best / 6 - 1)
        #expect(bits(model) == weights[best] && bits(model) != weights[report.steps])
        #expect(report.validation?.loss == least)
    }

    /// Batch statistics and dropout are part of what goes on.
    private func statisticsModel() -> Sequential {
        Sequential(seed: 3) {
            Dense(2, 11)
            Centered(11)
            Activation.tanh
            Dropout(0.2)
            Dense(11, 3)
        }
    }

    /// Takes off the mean of each column: of the batch while training, and of all batches so far otherwise.
    private struct Centered: Layer {
        let mean: Buffer
        init(_ size: Int) { mean = Buffer(Tensor(zeros: [size])) }

        func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
            guard case .training = mode else { return x - x.tape.constant(mean.value).broadcast(to: x.shape) }
            let batch = x.mean(axis: 0)
            mean.propose(on: x.tape) { $0 * 0.9 + batch.value * 0.1 }
            return x - batch.broadcast(to: x.shape)
        }
    }

    @Test(arguments: [false, true]) func resumedIsBitForBitTheSame(areBatchStatistics: Bool) throws {
        let folder = try Folder()
        let store = try CheckpointStore.open(at: folder.path + "/s.sqlite", access: .readWrite)
        let data = clouds(70, seed: 4)
        let (training, heldOut) = data.split(heldOut: 19)
        func model() -> Sequential { areBatchStatistics ? statisticsModel() : classifier() }
        func fit(_ model: Sequential, threads: Int, name: String?, stopAt: Int? = nil) throws -> FitReport {
            var steps = 0
            return try trainer(model, threads: threads).fit(
                training, batch: 8, epochs: 5, validation: heldOut, store: name == nil ? nil : store, name: name,
                onEvent: { if case .step(let progress) = $0 { steps = progress.step } },
                shouldStop: { stopAt.map { steps >= $0 } ?? false })
        }
        let whole = model(), report = try fit(whole, threads: 1, name: nil)
        // Stopped within a pass, at the end of one, and each time another process, with another number of threads.
        #expect(try !fit(model(), threads: 2, name: "digits", stopAt: 10).isFinished)
        #expect(try store.run(named: "digits").status == .interrupted)
        #expect(try fit(model(), threads: 1, name: "digits", stopAt: 21).steps == 21)
        let last = model(), resumed = try fit(last, threads: 3, name: "digits")
        #expect(bits(last) == bits(whole))
        #expect(resumed.isFinished && resumed.validation == report.validation && resumed.bestStep == report.bestStep)
        #expect(resumed.run == "digits" && resumed.steps == 35)

        // The store has the weights by name, for another program.
        let other = model()
        try other.load(store.weights(of: "digits"))
        #expect(bits(other) == bits(whole))
        #expect(try store.metrics(named: "validation_loss", of: store.run(named: "digits").id).count == 5)
        try store.close()
    }

    @Test func aRunGoesOnOnlyAsItWasTrained() throws {
        let folder = try Folder()
        let store = try CheckpointStore.open(at: folder.path + "/s.sqlite", access: .readWrite)
        let data = clouds(40, seed: 6)
        var steps = 0
        try trainer(classifier()).fit(
            data, batch: 8, epochs: 2, store: store, name: "r",
            onEvent: { if case .step(let progress) = $0 { steps = progress.step } }, shouldStop: { steps >= 3 })
        func error(_ body: () throws -> Void) -> TrainerError? {
            do {
                try body()
                return nil
            } catch {
                return error as? TrainerError
            }
        }
        func difference(_ name: String, _ body: () throws -> Void) {
            #expect(error(body) == .otherRun(name: "r", difference: name))
        }
        difference("the batch had 8 examples") {
            try trainer(classifier()).fit(data, batch: 9, epochs: 2, store: store, name: "r")
        }
        difference("the seed was 1") {
            try trainer(classifier(), seed: 2).fit(data, batch: 8, epochs: 2, store: store, name: "r")
        }
        difference("the optimizer or its rate was another") {
            try trainer(classifier(), rate: 0.3).fit(data, batch: 8, epochs: 2, store: store, name: "r")
        }
        difference("the examples to learn from are others") {
            try trainer(classifier()).fit(data.shuffled(seed: 1), batch: 8, epochs: 2, store: store, name: "r")
        }
        difference("the model has other parameters") {
            try trainer(Sequential(seed: 5) { Dense(2, 3) }).fit(data, batch: 8, epochs: 2, store: store, name: "r")
        }
        // What it advises can be done with a trainer.
        let weights = folder.path + "/weights.sqlite"
        try store.export(store.run(named: "r").id, to: weights, weightsOnly: true)
        let alone = try CheckpointStore.open(at: weights, access: .readWrite)
        let refused = error { try trainer(classifier()).fit(data, batch: 8, epochs: 2, store: alone, name: "r") }
        #expect(refused?.description.contains("begin with them: `try model.load(store.weights(of: \"r\"))`") == true)
        try alone.close()
        difference("it was to train for 2 epochs") {
            try trainer(classifier()).fit(data, batch: 8, epochs: 1, store: store, name: "r")
        }
        try trainer(classifier()).fit(data, batch: 8, epochs: 2, store: store, name: "r")
        #expect(
            error { try trainer(classifier()).fit(data, batch: 8, epochs: 2, store: store, name: "r") }
                == .finished(name: "r"))
        #expect(try trainer(classifier()).fit(data, batch: 8, epochs: 3, store: store, name: "r").steps == 15)
        #expect(throws: StoreError.self) { try store.weights(of: "none") }
        try store.close()
    }

    @Test func weightsThatCannotBecomeNumbersAgainAreAnError() throws {
        let model = Sequential(seed: 1) { Dense(2, 1) }
        let data = Dataset(inputs: [[1e30, 1], [1, 1e30], [-1e30, 2]], targets: [[1], [2], [3]])
        let trainer = Trainer(model, loss: .squaredError, optimizer: .sgd(rate: 1))
        var wentBack = 0
        do {
            try trainer.fit(data, batch: 2, epochs: 4) { if case .wentBack = $0 { wentBack += 1 } }
            Issue.record("it trained")
        } catch let error as TrainerError {
            guard case .diverged = error else { throw error }
        }
        #expect(wentBack == 4)
        #expect(model.weights.allSatisfy { $0.tensor.values.allSatisfy(\.isFinite) })
    }

    /// A rate that is too high is not what is wrong then.
    @Test(arguments: [false, true]) func anExampleThatIsNoNumberIsNamed(isInTarget: Bool) throws {
        var inputs: [[Float]] = (0..<20).map { [Float($0) / 20, 1] }, targets = inputs.map { [$0[0]] }
        if isInTarget { targets[13][0] = .infinity } else { inputs[13][1] = .nan }
        let spoiled = Dataset(inputs: inputs, targets: targets), clean = spoiled[0..<13]
        func error(_ training: Dataset, _ heldOut: Dataset) -> DatasetError? {
            let model = Sequential(seed: 1) { Dense(2, 1) }, before = bits(model)
            let trainer = Trainer(model, loss: .squaredError, optimizer: .sgd(rate: 0.01))
            let error = #expect(throws: DatasetError.self) {
                try trainer.fit(training, batch: 20, epochs: 4, validation: heldOut)
            }
            #expect(bits(model) == before || training.count == clean.count)
            return error
        }
        let found = error(spoiled, clean)
        #expect(found == .notFinite(example: 13, inTarget: isInTarget, isHeldOut: false))
        #expect(found?.description.contains("example 13 (counted from 0) holds a number that is not finite") == true)
        #expect(
            error(clean, spoiled[5..<20]) == .notFinite(example: 8, inTarget: isInTarget, isHeldOut: true))
        if !isInTarget {
            #expect(throws: DatasetError.notFinite(example: 13, inTarget: false, isHeldOut: false)) {
                try Standardization(fittedTo: spoiled)
            }
        }
    }

    /// A model of sequences that answers every place of them.
    private struct PlaceByPlace: Layer {
        let slope = Parameter(Tensor([1]))
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
            (x * x.tape(slope).broadcast(to: x.shape)).reshaped(to: [x.value.count, 1])
        }
    }

    @Test func theLossOfManyAnswersToAnExampleIsItsMean() async throws {
        let model = PlaceByPlace()
        model.initialize(seed: 1)
        let loss = Loss("mean of squares") { answers, _ in answers.squared().mean() }
        let trainer = Trainer(model, loss: loss, optimizer: .sgd(rate: 0.1))
        let data = Dataset(inputs: Tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), targets: Tensor([[0], [0], [0]]))
        #expect(abs(try trainer.evaluate(data, batch: 3).loss - 285.0 / 9) < 1e-5)
        #expect(abs(try trainer.evaluate(data, batch: 1).loss - 285.0 / 9) < 1e-5)
        let joined = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let model = PlaceByPlace()
            model.initialize(seed: 1)
            _ = Trainer(model, loss: .squaredError, optimizer: .sgd(rate: 1)).predict(Tensor([[1, 2], [3, 4]]))
        }
        expectMessage("one row; to 2 examples its answers have the shape [4, 1]", from: joined)
    }

    @Test func numbersBeyondAllRangesStopTheProgramWithAMessage() async {
        let epochs = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trainer = Trainer(
                Sequential(seed: 1) { Dense(2, 3) }, loss: .softmaxCrossEntropy, optimizer: .sgd(rate: 1))
            try trainer.fit(clouds(9, seed: 1), batch: 3, epochs: .max / 2)
        }
        expectMessage("training takes up to 1000000000 steps", from: epochs)
        let matrix = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trainer = Trainer(Sequential(seed: 1) { Dense(2, 3) }, loss: .squaredError, optimizer: .sgd(rate: 1))
            _ = try trainer.confusionMatrix(Dataset(inputs: [[1, 2]], targets: [[1, 2, 3]]))
        }
        expectMessage("a confusion matrix counts classes", from: matrix)
        let nothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trainer = Trainer(Sequential(seed: 1) { Dense(2, 3) }, loss: .squaredError, optimizer: .sgd(rate: 1))
            _ = trainer.predict(Tensor([Float](), shape: [0, 2]))
        }
        expectMessage("a model answers one example or more", from: nothing)
    }

    @Test func aBatchOfAnySizeAndAScoringAtTheEndAreFine() throws {
        let data = clouds(9, seed: 1)
        let report = try trainer(classifier()).fit(
            data, batch: .max, epochs: 6, validation: data, validateEvery: .max)
        #expect(report.isFinished && report.steps == 6 && report.bestStep == 6)
    }

    @Test func noExamplesAndNoBatchStopTheProgram() async {
        let evaluated = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let model = Sequential(seed: 1) { Dense(2, 3) }
            let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(rate: 1), metrics: [.rSquared])
            _ = try trainer.evaluate(clouds(9, seed: 1)[0..<0])
        }
        expectMessage("there are no examples to evaluate", from: evaluated)
        let answered = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let model = Sequential(seed: 1) { Dense(2, 3) }
            let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(rate: 1))
            _ = trainer.predict(Tensor([[1, 2]]), batch: 0)
        }
        expectMessage("a batch has 1 or more examples, not 0", from: answered)
    }

    @Test func stoppedWithoutAStoreTheLastWeightsStay() throws {
        let model = classifier(), before = bits(model)
        var steps = 0
        let report = try trainer(model).fit(
            clouds(40, seed: 6), batch: 8, epochs: 9,
            onEvent: { if case .step(let progress) = $0 { steps = progress.step } },
            shouldStop: { steps >= 4 })
        #expect(!report.isFinished && report.steps == 4 && bits(model) != before)
    }

    /// The bits depend on the seeds, and on nothing else.
    @Test func threadsDoNotMatterAndSeedsDo() throws {
        func weights(threads: Int, seed: UInt64) throws -> [[UInt32]] {
            let model = classifier()
            try trainer(model, threads: threads, seed: seed).fit(clouds(60, seed: 9), batch: 7, epochs: 2)
            return bits(model)
        }
        let one = try weights(threads: 1, seed: 1)
        #expect(try weights(threads: 3, seed: 1) == one)
        #expect(try weights(threads: 1, seed: 2) != one)
    }
}
