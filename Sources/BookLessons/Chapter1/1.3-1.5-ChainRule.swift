import Jacquard

/// # 1.3-1.5 Nested functions and the chain rule
///
/// A network is a function of a function of a function, f₃(f₂(f₁(x))): what one gives is what the next one takes. How fast
/// does the end move when the beginning does? If f₁ moves three times as fast as x, and f₂ twice as fast as f₁, then
/// f₂(f₁(x)) moves six times as fast as x. Slopes multiply, each taken where its function is at that moment:
///
///     d f₂(f₁(x)) / dx     = f₂'(f₁(x)) · f₁'(x)
///     d f₃(f₂(f₁(x))) / dx = f₃'(f₂(f₁(x))) · f₂'(f₁(x)) · f₁'(x)
///
/// So one needs each function's own slope, and the values that came by on the way forward. Nothing else is in backpropagation.
public struct ChainRule: Lesson {
    public static let about = About(
        "1.3-1.5", "Nested functions and the chain rule",
        shows: "Slopes of two and of three nested functions, by multiplying.", seconds: 0.1)

    public init() {}

    /// A function of one number.
    typealias Function = (Double) -> Double

    /// What comes out at the end of a chain of functions.
    func value(of chain: [Function], at x: Double) -> Double { chain.reduce(x) { $1($0) } }

    /// The slope of a chain: those of its links, each at the value that arrives there.
    func slope(of chain: [Function], at x: Double) -> Double {
        var input = x, product = 1.0
        for link in chain {
            product *= derivative(of: link, at: input)
            input = link(input)
        }
        return product
    }

    func derivative(of f: Function, at a: Double) -> Double { (f(a + 0.001) - f(a - 0.001)) / 0.002 }

    public func run(with materials: Materials) -> Report {
        func square(_ x: Double) -> Double { x * x }
        func leakyReLU(_ x: Double) -> Double { max(0.2 * x, x) }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + DeterministicMath.exp(-x)) }

        let xs = (-60...60).map { Double($0) / 20 }
        func curves(_ name: String, _ chain: [Function]) -> [Figure.Curve] {
            [
                .init(name, xs.map { ($0, value(of: chain, at: $0)) }),
                .init("slope of \(name)", xs.map { ($0, slope(of: chain, at: $0)) }),
            ]
        }
        let two = Figure(
            "1.4-chain-of-two", "Two chains of the same two functions, and their slopes by the chain rule.",
            .curves(
                curves("σ(x²)", [square, sigmoid]) + curves("σ(x)²", [sigmoid, square]), x: "x", y: ""))
        let three = Figure(
            "1.5-chain-of-three", "Two chains of the same three functions, and their slopes by the chain rule.",
            .curves(
                curves("σ(leaky²)", [leakyReLU, square, sigmoid]) + curves("σ(leaky)²", [leakyReLU, sigmoid, square]),
                x: "x", y: ""))

        // The same chain of three, three ways more: all of it measured at once; by calculus; by the engine.
        let chain: [Function] = [leakyReLU, square, sigmoid], at = 1.0
        let whole = derivative(of: { value(of: chain, at: $0) }, at: at)
        let s = value(of: chain, at: at), calculus = s * (1 - s) * 2 * leakyReLU(at) * 1
        let tape = Tape(in: materials.context), x = tape.variable(Tensor(Float(at)))
        let engine = tape.backward(from: x.leakyReLU(slope: 0.2).squared().sigmoid())[x]

        return Report(
            [
                Row("σ(x²) at 1, chain rule", here: slope(of: [square, sigmoid], at: 1), as: .digits(6)),
                Row("σ(x²) at 1, by 2x s (1 - s)", here: 2 * sigmoid(1) * (1 - sigmoid(1)), as: .digits(6)),
                Row("σ(x)² at 1: the order counts", here: slope(of: [sigmoid, square], at: 1), as: .digits(6)),
                Row("σ(leaky(x)²) at 1, chain rule", here: slope(of: chain, at: at), as: .digits(6)),
                Row("σ(leaky(x)²) at 1, measured whole", here: whole, as: .digits(6)),
                Row("σ(leaky(x)²) at 1, by calculus", here: calculus, as: .digits(6)),
                Row("σ(leaky(x)²) at 1, the engine's tape", here: Double(engine?.scalar ?? .nan), as: .digits(6)),
                Row("σ(leaky(x)²) at -1, chain rule", here: slope(of: chain, at: -1), as: .digits(6)),
            ],
            takeaway:
                "The slope of a chain is the product of the slopes of its links, each taken at what arrived there on the way "
                + "forward, however many links there are.",
            figures: [two, three])
    }
}
