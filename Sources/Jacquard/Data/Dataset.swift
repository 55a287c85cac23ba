import Requirements
public import TensorCore

/// Examples to learn from: inputs, and for each what a model is to answer, a class or numbers.
///
/// ```swift
/// let digits = try Dataset(idxImages: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz")
/// let (training, heldOut) = digits.split(heldOut: 1_000)
/// ```
///
/// A value: parts of it share its examples and cost only their order. Which examples a split, a shuffle or a batch has is
/// a function of the seed alone.
public struct Dataset: Sendable {
    /// Names of the classes, in the order of their numbers; empty if the targets are numbers.
    public let classes: [String]
    private(set) var inputs: InputSource
    let targets: Targets
    /// Which examples of the source these are.
    let order: [Int]

    init(inputs: InputSource, targets: Targets, classes: [String], order: [Int]? = nil) {
        require(
            inputs.count == targets.count,
            "\(inputs.count) inputs with \(targets.count) targets: one for each is needed")
        (self.inputs, self.targets, self.classes) = (inputs, targets, classes)
        self.order = order ?? Array(0..<inputs.count)
    }

    private func with(order: [Int]) -> Dataset {
        Dataset(inputs: inputs, targets: targets, classes: classes, order: order)
    }

    // MARK: From memory

    /// Inputs with their classes.
    /// - Parameters:
    ///   - inputs: [N, …], an example a row.
    ///   - labels: N class numbers from 0.
    ///   - classes: their names; nil: the numbers up to the greatest.
    public init(inputs: Tensor, labels: [Int], classes: [String]? = nil) {
        require(inputs.shape.rank > 0, "inputs have a row for each example; these are a single number")
        let names = classes ?? (0...max(0, labels.max() ?? 0)).map(String.init)
        require(
            labels.allSatisfy(names.indices.contains),
            "class numbers are from 0 to \(names.count - 1); these go from \(labels.min() ?? 0) to \(labels.max() ?? 0)"
        )
        self.init(
            inputs: InputSource(.tensor(inputs), shape: Shape(Array(inputs.shape.dimensions.dropFirst()))),
            targets: .labels(labels.map(Int32.init)), classes: names)
    }

    /// Inputs with the numbers that a model is to answer.
    /// - Parameters:
    ///   - inputs: [N, …], an example a row.
    ///   - targets: [N, …]; what a model answers to N inputs has this shape.
    public init(inputs: Tensor, targets: Tensor) {
        require(
            inputs.shape.rank > 0 && targets.shape.rank > 0,
            "inputs and targets have a row for each example; these have the shapes \(inputs.shape) and \(targets.shape)"
        )
        self.init(
            inputs: InputSource(.tensor(inputs), shape: Shape(Array(inputs.shape.dimensions.dropFirst()))),
            targets: .values(targets), classes: [])
    }

    /// Rows of numbers with their classes, numbers from 0.
    public init(inputs: [[Float]], labels: [Int], classes: [String]? = nil) {
        self.init(inputs: Tensor(inputs), labels: labels, classes: classes)
    }

    /// Rows of numbers with the rows of numbers that a model is to answer.
    public init(inputs: [[Float]], targets: [[Float]]) {
        self.init(inputs: Tensor(inputs), targets: Tensor(targets))
    }

    /// The same examples whose input numbers have names.
    func named(_ names: [String]) -> Dataset {
        var dataset = self
        dataset.inputs.names = names
        return dataset
    }

    // MARK: What is there

    /// Examples.
    public var count: Int { order.count }
    /// The shape of one input, without the dimension of the examples.
    public var inputShape: Shape { inputs.shape }
    /// The shape of one target; a class is a single number.
    public var targetShape: Shape { targets.exampleShape }
    /// Channels, height and width of an input, if it is a picture.
    public var pictureShape: Shape? { inputs.pictureShape }

    /// What the input numbers are called in the head of their table; empty where they come from elsewhere.
    public var inputNames: [String] { inputs.names }

    /// The class numbers of all examples, in order; empty if the targets are numbers.
    public var labels: [Int] {
        guard case .labels(let labels) = targets else { return [] }
        return order.map { Int(labels[$0]) }
    }

    /// The same examples with inputs [C, H, W], as layers for pictures take them.
    /// - Precondition: the inputs are pictures.
    public var asPictures: Dataset {
        guard let shape = pictureShape else {
            fatalError("inputs of shape \(inputShape) are no pictures; inputs(shaped:) gives them another shape")
        }
        return inputs(shaped: shape)
    }

    /// The same examples with inputs of another shape: [784] as [1, 28, 28], say.
    public func inputs(shaped shape: Shape) -> Dataset {
        require(shape.count == inputShape.count, "inputs of shape \(inputShape) cannot have the shape \(shape)")
        var source = inputs
        source.shape = shape
        return Dataset(inputs: source, targets: targets, classes: classes, order: order)
    }

    /// The same examples, of which each input number is `(number - mean) / deviation`.
    public func standardized(by scale: Standardization) -> Dataset {
        require(
            scale.mean.count == inputShape.count, "a standardization of \(scale.mean.count) numbers for \(inputShape)")
        var source = inputs
        source.scales.append(scale)
        return Dataset(inputs: source, targets: targets, classes: classes, order: order)
    }

    // MARK: Parts

    /// Examples of some positions, in that order.
    /// - Precondition: they are from 0 to ``count`` - 1.
    public subscript(positions: some Collection<Int>) -> Dataset { with(order: indices(at: positions)) }

    private func indices(at positions: some Collection<Int>) -> [Int] {
        positions.map {
            require(order.indices.contains($0), "there is no example \($0): positions are from 0 to \(count - 1)")
            return order[$0]
        }
    }

    /// All examples in another order.
    public func shuffled(seed: UInt64) -> Dataset { with(order: Permutation.of(order, seed: seed)) }

    /// Two parts: one to learn from, and one to find out what was learned. Which example is in which depends on the seed.
    /// - Parameters:
    ///   - heldOut: examples of the second part.
    ///   - seed: another one, other parts.
    /// - Precondition: either part has an example.
    public func split(heldOut: Int, seed: UInt64 = 1) -> (training: Dataset, heldOut: Dataset) {
        require(
            heldOut > 0 && heldOut < count, "of \(count) examples 1 to \(count - 1) can be held out, not \(heldOut)")
        let shuffled = Permutation.of(order, seed: seed)
        return (with(order: Array(shuffled.dropLast(heldOut))), with(order: Array(shuffled.suffix(heldOut))))
    }

    /// ``split(heldOut:seed:)`` by a share of the examples, 0.1 for a tenth, rounded to a number of them.
    /// - Precondition: either part has an example: of three, a tenth is none.
    public func split(heldOutShare share: Double, seed: UInt64 = 1) -> (training: Dataset, heldOut: Dataset) {
        require((0...1).contains(share), "a share from 0 to 1 of the examples can be held out, not \(share)")
        return split(heldOut: Int((Double(count) * share).rounded()), seed: seed)
    }

    // MARK: Batches

    /// Inputs and targets of some examples.
    public struct Batch: Sendable {
        /// [N, …].
        public let inputs: Tensor
        /// N classes, or [N, …].
        public let targets: Targets
    }

    /// Some examples by their positions.
    /// - Precondition: they are from 0 to ``count`` - 1.
    /// - Throws: ``DatasetError``, where inputs are read from files only now.
    public func batch(_ positions: some Collection<Int>) throws(DatasetError) -> Batch {
        let indices = indices(at: positions)
        return Batch(inputs: try inputs.gather(indices), targets: targets.gather(indices))
    }

    /// Calls a body with the positions of all examples in order, some at a time: what is done with them all takes little memory.
    func forEachBatch(_ body: (Range<Int>) throws(DatasetError) -> Void) throws(DatasetError) {
        for start in stride(from: 0, to: count, by: 256) { try body(start..<min(start + 256, count)) }
    }

    /// Names the example that a loss or a mean which is no number comes from, if it is one of these.
    /// - Throws: `DatasetError.notFinite(example:inTarget:isHeldOut:)`, and what reading throws.
    func checkFinite(_ positions: some Collection<Int>, areHeldOut: Bool) throws(DatasetError) {
        let batch = try batch(positions), positions = Array(positions)
        for (tensor, inTarget) in [(batch.inputs, false), (batch.targets.numbers, true)] {
            guard let place = tensor.values.firstIndex(where: { !$0.isFinite }) else { continue }
            throw .notFinite(
                example: positions[place / (tensor.count / positions.count)], inTarget: inTarget, isHeldOut: areHeldOut)
        }
    }

    /// Positions of the batches of one pass over the examples, in an order that the seed and the pass choose. The last
    /// batch has what is left.
    public func batches(of size: Int, seed: UInt64, epoch: Int = 0) -> [[Int]] {
        require(size >= 1, "a batch has 1 or more examples, not \(size)")
        let shuffled = Permutation.of(Array(0..<count), seed: seed, step: UInt64(epoch))
        return stride(from: 0, to: count, by: size).map { Array(shuffled[$0..<min($0 + size, count)]) }
    }

    /// Positions of so many batches, over as many passes as that takes: for a loop that counts steps.
    public func batches(_ number: Int, of size: Int, seed: UInt64) -> [[Int]] {
        require(number >= 0 && count > 0, "\(number) batches of \(count) examples")
        var all: [[Int]] = [], epoch = 0
        while all.count < number {
            all += batches(of: size, seed: seed, epoch: epoch).prefix(number - all.count)
            epoch += 1
        }
        return all
    }
}

/// What a model is to answer to a batch.
public enum Targets: Sendable, Equatable {
    /// The class of each example, from 0.
    case labels([Int32])
    /// [N, …].
    case values(Tensor)

    /// As numbers, [N, …]; of classes their numbers, [N].
    public var numbers: Tensor {
        switch self {
        case .labels(let labels): Tensor(labels.map(Float.init))
        case .values(let values): values
        }
    }

    var count: Int {
        switch self {
        case .labels(let labels): labels.count
        case .values(let values): values.shape[0]
        }
    }

    var exampleShape: Shape {
        switch self {
        case .labels: []
        case .values(let values): Shape(Array(values.shape.dimensions.dropFirst()))
        }
    }

    func gather(_ indices: [Int]) -> Targets {
        switch self {
        case .labels(let labels): .labels(indices.map { labels[$0] })
        case .values(let values): .values(values.rows(indices))
        }
    }
}

/// An order by chance, the same for the same seed and step everywhere.
enum Permutation {
    static func of(_ items: [Int], seed: UInt64, step: UInt64 = 0) -> [Int] {
        var items = items
        let context = ComputeContext(threads: 1)
        // 24 bits each: two make a number that is uniform enough for any number of examples.
        let draws = RandomStream(seed: seed, stream: 0x6461_7461, step: step)
            .uniform(count: 2 * items.count, in: context)
        for last in stride(from: items.count - 1, to: 0, by: -1) {
            let draw = (Double(draws[2 * last]) + Double(draws[2 * last + 1]) / 16_777_216) * Double(last + 1)
            items.swapAt(last, min(last, Int(draw)))
        }
        return items
    }
}
