import CKernels
package import TensorCore

/// Which pictures of a collection train and which are held out, by their indices, both in ascending order.
package struct CollectionSplit: Hashable, Codable, Sendable {
    package let training: [Int]
    package let validation: [Int]

    /// How pictures are held out.
    package enum Rule: Hashable, Codable, Sendable {
        /// A share of the pictures, drawn by seed: of n pictures n·share, rounded, but at least one is held out, and at
        /// least one trains.
        case fraction(Double)
        /// This number of pictures, drawn by seed.
        case count(Int)
        /// This number of pictures at the end of the collection, for sets whose order has a meaning.
        case last(Int)
        /// Nothing is held out.
        case none
    }

    /// Splits so many pictures. The same rule, count and seed give the same split, whatever else is done.
    ///
    /// - Throws: `ImageError.invalidSplit` where nothing would be left to train on.
    package init(_ rule: Rule, count: Int, seed: UInt64, in context: ComputeContext) throws(ImageError) {
        let heldOut = try rule.heldOut(of: count)
        let order: [Int]
        if case .last = rule {
            order = Array(0..<count)
        } else {
            order = RandomStream(seed: seed, stream: Self.stream).permutation(of: count, in: context)
        }
        training = order.prefix(count - heldOut).sorted()
        validation = order.suffix(heldOut).sorted()
    }

    /// A stream of random numbers that no layer uses: theirs count up from zero.
    private static let stream: UInt64 = 0x73706c6974  // "split"
}

extension CollectionSplit.Rule {
    /// Reads `0.1`, `10%`, `500`, `last:1000` or `none`, which is also 0, however that is written.
    ///
    /// - Throws: `ImageError.invalidSplit` for anything else.
    package init(parsing text: String) throws(ImageError) {
        func number(_ text: Substring) -> Int? { text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil }
        if text == "none" {
            self = .none
        } else if text.hasPrefix("last:"), let count = number(text.dropFirst(5)), count > 0 {
            self = .last(count)
        } else if let count = number(text[...]) {
            self = count == 0 ? .none : .count(count)
        } else if text.hasSuffix("%"), let percent = Double(text.dropLast()), (0..<100).contains(percent) {
            self = percent == 0 ? .none : .fraction(percent / 100)
        } else if let share = Double(text), (0..<1).contains(share) {
            self = share == 0 ? .none : .fraction(share)
        } else {
            throw .invalidSplit(
                reason: "cannot hold out \"\(text)\": a share (0.1 or 10%), a number of pictures (500), the last ones "
                    + "(last:500) or none")
        }
    }

    fileprivate func heldOut(of count: Int) throws(ImageError) -> Int {
        let wanted: Int
        switch self {
        case .none: return 0
        case .fraction(let share):
            guard (0..<1).contains(share) else {
                throw .invalidSplit(reason: "a share of \(share) is not at least 0 and less than 1")
            }
            if share == 0 { return 0 }
            return max(min(1, count - 1), min(count - 1, Int((Double(count) * share).rounded())))
        case .count(let number), .last(let number): wanted = number
        }
        guard wanted >= 0 && wanted < count else {
            throw .invalidSplit(
                reason: "cannot hold out \(wanted) of \(count) pictures: at least one is needed to train on")
        }
        return wanted
    }
}

extension RandomStream {
    /// The numbers from 0 to count − 1 in an order that only the stream and the count decide, all orders equally likely
    /// (Fisher and Yates). For the order of the pictures in an epoch: the epoch is the stream's step.
    package func permutation(of count: Int, in context: ComputeContext) -> [Int] {
        var order = Array(0..<count)
        guard count > 1 else { return order }
        let draws = [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { context.kernels.random_bits(key, 0, base, count) }
            initialized = count
        }
        for last in stride(from: count - 1, to: 0, by: -1) {
            // Multiply and shift (Lemire 2019): off by less than count / 2³² from equal chances.
            order.swapAt(last, Int((UInt64(draws[last]) * UInt64(last + 1)) >> 32))
        }
        return order
    }
}
