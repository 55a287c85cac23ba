import Jacquard

/// # 6.1-6.2 Branching, and automatic differentiation
///
/// Backpropagation through a chain hands one gradient back from each step to the step before. Where a quantity is used
/// twice, two gradients come back to it, and the chain rule for several inputs says that they add up:
///
///     e = (b + 3) (a + 2) with b = 4a    so    de/da = 4 (a + 2) + (b + 3), at a = 3: 35
///
/// So let each number remember what it was made of, and add up what comes back. One question is left: when does a number
/// hand on what it has got? The book's code does so every time something arrives, and hands on all it has by then. That is
/// right while only the first numbers are used twice, as above. With b used twice, in (b + 3) (b + 2), b hands on the
/// first gradient, and then the sum of both: the first one counts twice. A number has to wait until everything that uses
/// it has reported; then it hands on once.
public struct AutomaticDifferentiation: Lesson {
    public static let about = About(
        "6.1-6.2", "Automatic differentiation",
        shows: "Gradients that add up where a number is used twice, and an order in which they do so rightly.",
        seconds: 0.1)

    public init() {}

    /// A number that remembers what it was made of.
    final class Number: ExpressibleByFloatLiteral {
        let value: Double
        /// The derivative of the result by this number, once a walk has come by.
        private(set) var gradient = 0.0
        /// How often a walk has come by.
        private(set) var visits = 0
        /// What it was made of, and how fast it changes with each.
        private let parents: [(number: Number, slope: Double)]

        init(_ value: Double, of parents: [(Number, slope: Double)] = []) {
            (self.value, self.parents) = (value, parents)
        }
        convenience init(floatLiteral value: Double) { self.init(value) }

        static func + (a: Number, b: Number) -> Number { Number(a.value + b.value, of: [(a, 1), (b, 1)]) }
        static func * (a: Number, b: Number) -> Number { Number(a.value * b.value, of: [(a, b.value), (b, a.value)]) }

        /// The book's walk: depth first, and each number hands on all that it has got so far.
        func backwardDepthFirst(_ arriving: Double = 1) {
            visits += 1
            gradient += arriving
            for (parent, slope) in parents { parent.backwardDepthFirst(gradient * slope) }
        }

        /// The walk that is right: each number once, after everything that uses it.
        func backward() {
            gradient = 1
            for number in inOrder.reversed() {
                number.visits += 1
                for (parent, slope) in number.parents { parent.gradient += number.gradient * slope }
            }
        }

        /// What this number depends on and itself, each after what it was made of: a topological order.
        private var inOrder: [Number] {
            var order: [Number] = [], seen: Set<ObjectIdentifier> = []
            func visit(_ number: Number) {
                guard seen.insert(ObjectIdentifier(number)).inserted else { return }
                for (parent, _) in number.parents { visit(parent) }
                order.append(number)
            }
            visit(self)
            return order
        }
    }

    /// The book's example.
    func branching(_ a: Number) -> Number { (4.0 * a + 3.0) * (a + 2.0) }

    /// The one that its code gets wrong: here an inner number, b, is used twice.
    func inner(_ a: Number) -> Number {
        let b = 4.0 * a
        return (b + 3.0) * (b + 2.0)
    }

    /// The derivative of `function` at 3 by one of the two walks.
    func slope(of function: (Number) -> Number, _ walk: (Number) -> Void) -> Double {
        let a: Number = 3.0
        walk(function(a))
        return a.gradient
    }

    public func run(with materials: Materials) -> Report {
        let depthFirst = { (end: Number) in end.backwardDepthFirst() }, ordered = { (end: Number) in end.backward() }
        let (a, b): (Number, Number) = (3.0, 5.0)
        (4.0 * a + b).backwardDepthFirst()

        let tape = Tape(in: materials.context), x = tape.variable(Tensor(3)), y = x * 4
        let engine = tape.backward(from: (y + 3) * (y + 2))[x].map { Double($0.scalar) } ?? .nan
        let differences = (inner(Number(3.001)).value - inner(Number(2.999)).value) / 0.002

        // A number added to itself ten times over: 1024 ways lead from the end to the start.
        func visits(by walk: (Number) -> Void) -> Double {
            let start: Number = 1.0
            walk((0..<10).reduce(start) { number, _ in number + number })
            return Double(start.visits)
        }
        return Report(
            [
                Row("4a + b by a", book: 4, here: a.gradient, as: .digits(0)),
                Row("4a + b by b", book: 1, here: b.gradient, as: .digits(0)),
                Row("(4a + 3)(a + 2), depth first", book: 35, here: slope(of: branching, depthFirst), as: .digits(0)),
                Row("(4a + 3)(a + 2), in order", here: slope(of: branching, ordered), as: .digits(0)),
                Row("(b + 3)(b + 2), b = 4a, depth first", here: slope(of: inner, depthFirst), as: .digits(0)),
                Row("(b + 3)(b + 2), in order", here: slope(of: inner, ordered), as: .digits(0)),
                Row("(b + 3)(b + 2), the engine's tape", here: engine, as: .digits(0)),
                Row("(b + 3)(b + 2), central differences", here: differences, as: .digits(0)),
                Row("visits, ten doublings, depth first", here: visits(by: depthFirst), as: .digits(0)),
                Row("visits, ten doublings, in order", here: visits(by: ordered), as: .digits(0)),
            ],
            takeaway:
                "Gradients of a number that is used twice add up; the number hands the sum on once, after everything "
                + "that uses it, or what came first counts again.")
    }
}
