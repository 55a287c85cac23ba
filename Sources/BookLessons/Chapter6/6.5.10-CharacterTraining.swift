import Jacquard

/// A stack that learns to say the next character, as the book's trainer does it, with what it has come to.
///
/// The book adds the losses of all characters of a batch where we usually take their mean. So does this: the book's rates,
/// and its cutting of each number of a gradient to -2…2, are made for sums.
struct CharacterTraining {
    let model: Stack, text: Characters
    let length: Int, batch: Int
    private var optimizer: OptimizerState
    /// What each layer remembers, the same for each window of the next batch.
    private(set) var states: [RecurrentState?]
    private(set) var position = 0
    /// Of each batch so far, in nats a character.
    private(set) var nats: [Double] = []
    /// The same in the unit of the book's plots (6.5.7).
    private(set) var booksUnit: [Double] = []

    init(_ model: Stack, on text: Characters, length: Int = 25, batch: Int = 32, _ optimizer: Optimizer) {
        (self.model, self.text, self.length, self.batch) = (model, text, length, batch)
        self.optimizer = OptimizerState(optimizer, for: model.parameters, clipValue: 2)
        states = model.stages.map { _ in nil }
    }

    mutating func step(in context: ComputeContext) {
        if position + batch + length > text.ids.count { position = 0 }
        let (inputs, targets) = text.windows(at: position, count: batch, length: length), tape = Tape(in: context)
        let (logits, after) = model(tape.constant(inputs), from: states)
        let loss = logits.softmaxCrossEntropy(targets: targets)
        optimizer.update(along: tape.backward(from: loss * Float(targets.count)))
        states = after.map(\.meanOverRows)
        position += batch
        nats.append(Double(loss.value.scalar))
        booksUnit.append(Double(loss.value.scalar) + Self.bookAdds(logits.value, targets, in: context))
    }

    /// -ln(1 - q) of all characters that did not come, the mean over those that did.
    static func bookAdds(_ logits: Tensor, _ targets: [Int32], in context: ComputeContext) -> Double {
        let q = Tape(in: context, recording: false).constant(logits).softmax(), shape = logits.shape.dimensions
        let came = q.tape.constant(.oneHot(targets, shape: Shape(shape.dropLast()), classes: logits.shape.columns))
        // Not below 1e-9, as in the book.
        let rest = (1 - q * (1 - came)).relu() + 1e-9
        return -rest.log().value.sum / Double(targets.count)
    }

    mutating func run(_ steps: Int, _ materials: Materials, _ name: String) {
        for step in 1...steps {
            self.step(in: materials.context)
            if step % 50 == 0 { materials.progress("\(name), batch \(step) of \(steps), \(fixed(natsNow, 2)) nats") }
        }
    }

    /// The mean over the last hundred batches, as the book plots it.
    static func now(_ losses: [Double]) -> Double { losses.suffix(100).reduce(0, +) / Double(min(100, losses.count)) }
    var natsNow: Double { Self.now(nats) }
    var booksUnitNow: Double { Self.now(booksUnit) }

    /// ``natsNow`` after each hundredth batch.
    func curve(_ name: String) -> Figure.Curve {
        let ends = stride(from: min(100, nats.count), through: nats.count, by: 100)
        return .init(name, ends.map { (Double($0), Self.now(Array(nats[..<$0]))) })
    }

    /// Characters drawn one by one, each with the probability that the model gives it, and then read by it.
    func sample(_ count: Int, in context: ComputeContext) -> String {
        let draws = RandomStream(seed: 7).uniform([count], low: 0, high: 1, in: context).values
        var states = states.map { $0?.firstRow }, ids = [text.ids[position]]
        for draw in draws {
            let tape = Tape(in: context, recording: false)
            let last = tape.constant(.oneHot([ids[ids.count - 1]], shape: [1, 1], classes: text.alphabet.count))
            let (logits, after) = model(last, from: states)
            var left = draw
            let chosen = logits.softmax().value.values.firstIndex {
                left -= $0
                return left < 0
            }
            ids.append(chosen ?? 0)
            states = after
        }
        return text.text(Array(ids.dropFirst()))
    }
}

extension RecurrentState {
    /// The mean of the states of all windows, for each of as many.
    var meanOverRows: RecurrentState {
        func mean(_ x: Tensor) -> Tensor {
            let mean = x.columnSums / Float(x.shape[0])
            return mean.reshaped(to: [1, mean.count]).rows([Int](repeating: 0, count: x.shape[0]))
        }
        return RecurrentState(hidden: mean(hidden), cell: cell.map(mean))
    }

    var firstRow: RecurrentState { RecurrentState(hidden: hidden.rows(0..<1), cell: cell?.rows(0..<1)) }
}

extension Stack {
    /// Gives all numbers of each stage a normal start, biases too, as the book does.
    func start(deviations: [Float], seed: UInt64 = 1, in context: ComputeContext) {
        for (stage, deviation) in deviations.enumerated() {
            let parameters = stages[stage].cell.parameters + (stages[stage].projection?.parameters ?? [])
            for (index, parameter) in parameters.enumerated() {
                let stream = RandomStream(seed: seed, stream: UInt64(100 * stage + index))
                parameter.value = stream.normal(parameter.shape, deviation: deviation, in: context)
            }
        }
    }
}
