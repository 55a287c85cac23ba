/// How the pixels along one axis are made from those of another length.
///
/// Output i is the sum of weight · input over its taps, divided by `total`. All weights are whole numbers, so that a
/// picture is rounded once, at the very end, and every processor gives the same bytes.
struct AxisWeights {
    /// What the weights of each output add up to.
    let total: UInt32
    /// The first input of each output.
    private(set) var first: [Int] = []
    /// The weights of output i are `weights[start[i] ..< start[i + 1]]`.
    private(set) var start: [Int] = [0]
    private(set) var weights: [UInt32] = []

    var count: Int { first.count }

    init(from source: Int, to target: Int) {
        let divisor = Self.greatestCommonDivisor(source, target)
        let n = source / divisor, m = target / divisor
        if target <= source {
            total = UInt32(n)
            addAreas(n: n, m: m, target: target)
        } else {
            total = UInt32(2 * m)
            addLinear(n: n, m: m, source: source, target: target)
        }
    }

    /// In units in which an input is m long and an output n, output i covers i·n ..< (i + 1)·n: the weight of an
    /// input is how much of it lies in there.
    private mutating func addAreas(n: Int, m: Int, target: Int) {
        for i in 0..<target {
            let low = i * n, high = low + n
            let inputs = low / m...(high - 1) / m
            first.append(inputs.lowerBound)
            for j in inputs { weights.append(UInt32(min((j + 1) * m, high) - max(j * m, low))) }
            start.append(weights.count)
        }
    }

    /// The middle of output i lies at ((2i + 1)·n − m) / 2m, counted from the middle of the first input; beyond the
    /// middles of the outermost inputs their values go on.
    private mutating func addLinear(n: Int, m: Int, source: Int, target: Int) {
        for i in 0..<target {
            let position = (2 * i + 1) * n - m
            let input = position / (2 * m)
            let fraction = position - input * 2 * m
            if position <= 0 || fraction == 0 || input >= source - 1 {
                first.append(position <= 0 ? 0 : min(input, source - 1))
                weights.append(total)
            } else {
                first.append(input)
                weights += [total - UInt32(fraction), UInt32(fraction)]
            }
            start.append(weights.count)
        }
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
