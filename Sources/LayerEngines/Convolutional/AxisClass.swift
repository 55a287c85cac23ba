/// Positions on one axis of a convolution's output that see the same taps of the kernel: those inside, and, few in each
/// class, those at an edge, where some taps fall outside of the image. A stride of the transposed form makes classes of
/// its own: every stride-th position sees the same part of the kernel.
///
/// So no image needs a ring of zeros, nor a copy that has one, and nothing is multiplied by zero.
struct AxisClass {
    /// On the output's axis, ascending.
    var positions: [Int] = []
    /// For each position where it stands on the input's axis; the input under tap i is base + steps[i].
    var bases: [Int] = []
    let taps: [Int]
    let steps: [Int]

    /// From the big side to the small one: a convolution, or the input gradient of a transposed one.
    static func down(_ axis: AxisGeometry, small: Int, big: Int) -> [AxisClass] {
        classes(count: small) { position in
            let base = position * axis.stride
            let seen = (0..<axis.kernel).map { (tap: $0, step: $0 * axis.dilation - axis.padding) }
                .filter { (0..<big).contains(base + $0.step) }
            return (base, seen)
        }
    }

    /// From the small side to the big one: a transposed convolution, or the input gradient of a convolution.
    static func up(_ axis: AxisGeometry, small: Int, big: Int) -> [AxisClass] {
        classes(count: big) { position in
            let shifted = position + axis.padding, base = shifted / axis.stride, phase = shifted % axis.stride
            let seen = (0..<axis.kernel).filter { $0 * axis.dilation % axis.stride == phase }
                .map { (tap: $0, step: (phase - $0 * axis.dilation) / axis.stride) }
                .filter { (0..<small).contains(base + $0.step) }
            return (base, seen)
        }
    }

    /// Positions with equal taps and steps together, classes in the order of their first position.
    private static func classes(
        count: Int, seen: (Int) -> (base: Int, seen: [(tap: Int, step: Int)])
    ) -> [AxisClass] {
        var classes: [AxisClass] = []
        for position in 0..<count {
            let (base, seen) = seen(position), taps = seen.map(\.tap), steps = seen.map(\.step)
            let found = classes.firstIndex { $0.taps == taps && $0.steps == steps }
            let index = found ?? classes.count
            if found == nil { classes.append(AxisClass(taps: taps, steps: steps)) }
            classes[index].positions.append(position)
            classes[index].bases.append(base)
        }
        return classes
    }
}
