import Jacquard

/// # 1.1 Functions
///
/// A function turns one number into another. Three of them come back all through the book:
///
///     square(x) = x²        leakyReLU(x) = max(0.2 x, x)        sigmoid(x) = 1 / (1 + e⁻ˣ)
///
/// A network does nothing to one number alone: it has arrays of them, and a function of an array means the function of each
/// of its elements. Arithmetic means the same: a + b adds the numbers that stand in the same place. Swift's arrays do not do
/// that, for to them + means one after the other; a `Tensor` does. It never guesses, either: two shapes that differ have to
/// be made equal first, which NumPy does silently and `broadcast(to:)` does in so many words.
public struct Functions: Lesson {
    public static let about = About(
        "1.1", "Functions", shows: "Three functions, and what arithmetic means for arrays.", seconds: 0.1)

    public init() {}

    static func square(_ x: Double) -> Double { x * x }
    static func leakyReLU(_ x: Double) -> Double { max(0.2 * x, x) }
    static func sigmoid(_ x: Double) -> Double { 1 / (1 + DeterministicMath.exp(-x)) }

    public func run(with materials: Materials) -> Report {
        let a: [Float] = [1, 2, 3], b: [Float] = [4, 5, 6]
        let sum = Tensor(a) + Tensor(b), product = Tensor(a) * Tensor(b)

        let matrix = Tensor([a, b])
        let columns = matrix.columnSums, rows = matrix.transposed.columnSums
        // A row under every row: first repeated to the shape of the matrix, then added.
        let under = matrix + Tensor([10, 20, 30]).broadcast(to: matrix.shape)

        let points = Tensor([-2, -1, 0, 1, 2])
        let engines = Tape(in: materials.context).constant(points).sigmoid().value

        func numbers(_ tensor: Tensor) -> [Double] { tensor.values.map(Double.init) }
        let xs = (-40...40).map { Double($0) / 20 }
        let figure = Figure(
            "1.1-functions", "The square, the leaky ReLU and the sigmoid.",
            .curves(
                [
                    .init("square", xs.map { ($0, Self.square($0)) }),
                    .init("leaky ReLU", xs.map { ($0, Self.leakyReLU($0)) }),
                    .init("sigmoid", xs.map { ($0, Self.sigmoid($0)) }),
                ], x: "x", y: ""))
        return Report(
            [
                Row("[1 2 3] + [4 5 6], Swift's arrays", here: (a + b).map(Double.init), as: .digits(0)),
                Row("[1 2 3] + [4 5 6], tensors", book: [5, 7, 9], here: numbers(sum), as: .digits(0)),
                Row("[1 2 3] * [4 5 6], tensors", book: [4, 10, 18], here: numbers(product), as: .digits(0)),
                Row("both as rows: sums of the columns", book: [5, 7, 9], here: numbers(columns), as: .digits(0)),
                Row("both as rows: sums of the rows", book: [6, 15], here: numbers(rows), as: .digits(0)),
                Row("first row + [10 20 30]", book: [11, 22, 33], here: numbers(under.row(0)), as: .digits(0)),
                Row("second row + [10 20 30]", book: [14, 25, 36], here: numbers(under.row(1)), as: .digits(0)),
                Row("square of [-2 -1 0 1 2]", here: numbers(points).map(Self.square), as: .digits(0)),
                Row("leaky ReLU", here: numbers(points).map(Self.leakyReLU), as: .digits(1)),
                Row("sigmoid", here: numbers(points).map(Self.sigmoid)),
                Row("sigmoid, the engine's", here: numbers(engines)),
            ],
            takeaway:
                "What is done to an array is done to each of its elements, and the shape stays; where shapes differ, "
                + "somebody has to say what is meant.",
            figures: [figure])
    }
}
