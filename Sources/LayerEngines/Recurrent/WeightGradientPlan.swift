/// How the gradient of W_ih or W_hh is cut into parts, and which thread computes which. No bit depends on it.
struct WeightGradientPlan {
    /// One or two panels by some groups of the columns of x or h.
    struct Part {
        let panels: Range<Int>
        let groups: Range<Int>

        var cost: Int { panels.count * groups.count }
    }

    /// What is done at once.
    struct Blocking {
        /// Groups of 16 columns in a part, at most.
        let groups: Int
        /// Pairs of steps in a block.
        let stepPairs: Int
    }

    let blocking: Blocking
    let parts: [Part]
    /// Thread i computes the parts from boundary i to boundary i + 1.
    let boundaries: [Int]

    /// - Parameter groups: of columns of x or h.
    init(layout: PanelLayout, groups: Int, batch: Int, threads: Int) {
        // Large parts make the sums of a block of gates only once; smaller ones divide more evenly.
        let candidates = [32, 16, 8, 4].map { size in
            let parts = Self.parts(panels: layout.count, groups: groups, groupsAtOnce: size)
            let boundaries = Self.boundaries(parts.map(\.cost), threads: threads)
            let loads = zip(boundaries, boundaries.dropFirst()).map { parts[$0..<$1].reduce(0) { $0 + $1.cost } }
            return (size: size, parts: parts, boundaries: boundaries, slowest: loads.max() ?? 0)
        }
        let best = candidates.map(\.slowest).min() ?? 0
        let chosen = candidates.first { $0.slowest * 100 <= best * 104 } ?? candidates[0]
        (parts, boundaries) = (chosen.parts, chosen.boundaries)
        blocking = Blocking(groups: chosen.size, stepPairs: max(1, 128 / batch))
    }

    private static func parts(panels: Int, groups: Int, groupsAtOnce: Int) -> [Part] {
        stride(from: 0, to: panels, by: 2).flatMap { panel in
            stride(from: 0, to: groups, by: groupsAtOnce).map { group in
                Part(
                    panels: panel..<min(panel + 2, panels), groups: group..<min(group + groupsAtOnce, groups))
            }
        }
    }

    /// Cuts a list into consecutive shares whose costs are as near to equal as whole elements allow.
    private static func boundaries(_ costs: [Int], threads: Int) -> [Int] {
        let total = costs.reduce(0, +)
        var boundaries = [0], sum = 0
        for (index, cost) in costs.enumerated() {
            // The middle of an element decides on which side it goes.
            while boundaries.count < threads, (2 * sum + cost) * threads >= 2 * total * boundaries.count {
                boundaries.append(index)
            }
            sum += cost
        }
        return boundaries + Array(repeating: costs.count, count: threads + 1 - boundaries.count)
    }
}
