import CKernels
import Kernels
import Testing

/// Products of half precision against exact sums in Double that are rounded explicitly.
@Suite struct HalfPrecisionTests {
    // MARK: The definition, once more

    /// The nearest number of half precision, found by dividing: no bits are added or cut.
    static func rounded(_ x: Float) -> Float {
        guard x.isFinite else { return x }
        if x.magnitude < .leastNormalMagnitude { return x.sign == .minus ? -0.0 : 0 }
        // In Double 2^128 is a number like any other.
        let step = Double(sign: .plus, exponent: Int(x.exponent) - 7, significand: 1)
        let nearest = (Double(x) / step).rounded(.toNearestOrEven) * step
        return nearest.magnitude >= 0x1p128 ? Float(nearest > 0 ? Double.infinity : -.infinity) : Float(nearest)
    }

    private static func withoutDenormals(_ x: Float) -> Float { x.isSubnormal ? (x.sign == .minus ? -0.0 : 0) : x }

    /// a b + c with one rounding. The product of two numbers of half precision is exact in Double; their sum with c is
    /// rounded to odd there, which leaves the second rounding, to single precision, as if it were the only one.
    static func multiplyAdd(_ a: Float, _ b: Float, _ c: Float) -> Float {
        let product = Double(withoutDenormals(a)) * Double(withoutDenormals(b)), c = Double(withoutDenormals(c))
        var sum = product + c
        guard sum.isFinite, sum != 0 else { return Float(sum) }
        let other = sum - product
        let error = (product - (sum - other)) + (c - other)
        if error != 0, sum.bitPattern & 1 == 0 { sum = (error > 0) ? sum.nextUp : sum.nextDown }
        // Denormal after rounding: as if there were no least exponent.
        let scaled = Float(sum * 0x1p100)
        if sum.magnitude < 0x1p-120 {
            return scaled.magnitude < 0x1p-26 ? (sum < 0 ? -0.0 : 0) : Float(Double(scaled) * 0x1p-100)
        }
        return Float(sum)
    }

    static func pair(_ bits: UInt32) -> (first: Float, second: Float) {
        (Float(bitPattern: bits & 0xffff_0000), Float(bitPattern: bits << 16))
    }

    static func step(_ c: Float, _ a: UInt32, _ b: UInt32) -> Float {
        let (a, b) = (pair(a), pair(b))
        return multiplyAdd(a.second, b.second, multiplyAdd(a.first, b.first, c))
    }

    static func areSame(_ a: Float, _ b: Float) -> Bool { a.bitPattern == b.bitPattern || a.isNaN && b.isNaN }

    // MARK: Numbers

    enum Kind: String, CaseIterable {
        case ordinary, wide, tiny, any, infinite
        /// Sums just below the least normal number.
        case edge
    }

    /// Numbers of half precision or start values, as bits.
    struct Source {
        private var state: UInt64 = 88_172_645_463_325_252
        mutating func bits() -> UInt32 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt32(truncatingIfNeeded: state >> 20)
        }
        mutating func number(_ kind: Kind) -> UInt32 {
            let random = bits()
            func with(exponent: UInt32) -> UInt32 { random & 0x807f_ffff | exponent << 23 }
            return switch kind {
            case .ordinary: with(exponent: 120 + bits() % 14)
            case .wide: with(exponent: 1 + bits() % 253)
            case .tiny: with(exponent: bits() % 100)
            case .any: random
            case .infinite: with(exponent: bits() % 3 == 0 ? bits() % 256 : 255) & (bits() % 2 == 0 ? ~0 : 0xff80_0000)
            case .edge: random & 0x807f_0000 | (51 + bits() % 4) << 23
            }
        }
        mutating func pair(_ kind: Kind) -> UInt32 {
            let second = number(kind) >> 16
            return number(kind) & 0xffff_0000 | (kind == .edge && bits() % 2 == 0 ? 0 : second)
        }
        mutating func start(_ kind: Kind) -> Float {
            kind == .edge
                ? Float(bitPattern: bits() & 0x8000_0000 | (0x0080_0000 - 1 + bits() % 3))
                : Float(bitPattern: number(kind))
        }
    }

    static func floats(_ bits: [UInt32]) -> [Float] { bits.map { Float(bitPattern: $0) } }

    /// 16 sums of `inner` pairs each.
    static func product(
        _ a: [UInt32], _ b: [UInt32], from start: [Float], inner: Int,
        by multiply: (UnsafePointer<CKPanelProduct>) -> Void
    ) -> [Float] {
        var sums = start
        floats(a).withUnsafeBufferPointer { a in
            floats(b).withUnsafeBufferPointer { b in
                sums.withUnsafeMutableBufferPointer { c in
                    var p = CKPanelProduct()
                    (p.a, p.a_k, p.b, p.b_k, p.c) = (a.baseAddress, 1, b.baseAddress, 16, c.baseAddress)
                    (p.start, p.b_vector, p.c_vector, p.start_vector) = (UnsafePointer(p.c), 16, 16, 16)
                    (p.groups, p.inner, p.rows, p.columns) = (1, inner, 1, 16)
                    multiply(&p)
                }
            }
        }
        return sums
    }

    // MARK: Tests

    @Test(arguments: Kind.allCases) func aPairIsTwoNumbersRoundedToTheNearest(_ kind: Kind) {
        var source = Source()
        var numbers: [Float] = [.greatestFiniteMagnitude, -.infinity, 0, -0.0, 0x1.ff0002p-126, 1.00390625]
        for _ in 0..<4090 { numbers.append(Float(bitPattern: source.number(kind))) }
        let expected = numbers.map(Self.rounded)
        func check(_ pairs: [UInt32], _ what: String) {
            for (place, bits) in pairs.enumerated() {
                let (first, second) = Self.pair(bits)
                #expect(Self.areSame(first, expected[2 * place]), "\(what): \(numbers[2 * place]) became \(first)")
                #expect(Self.areSame(second, expected[2 * place + 1]), "\(what): \(numbers[2 * place + 1])")
            }
        }
        check(stride(from: 0, to: 4096, by: 2).map { ck_pair(numbers[$0], numbers[$0 + 1]) }, "by definition")
        for set in InstructionSet.available {
            var pairs = [Float](repeating: 0, count: 2048)
            set.table.pair_neighbors(numbers, 4096, &pairs)
            check(pairs.map(\.bitPattern), set.rawValue)
            // As two rows.
            let rows =
                stride(from: 0, to: 4096, by: 2).map { numbers[$0] }
                + stride(from: 1, to: 4096, by: 2).map { numbers[$0] }
            set.table.pair_rows(rows, 2048, 2, 2048, &pairs, 2048)
            check(pairs.map(\.bitPattern), "\(set.rawValue), rows")
        }
    }

    @Test func anOddLastRowIsPairedWithZeros() {
        let x: [Float] = (0..<80).map { Float($0 + 1) }
        for set in InstructionSet.available {
            var pairs = [Float](repeating: 7, count: 96)
            set.table.pair_rows(x, 16, 5, 16, &pairs, 32)
            for row in 0..<3 {
                for column in 0..<32 {
                    let bits = pairs[row * 32 + column].bitPattern, below = 2 * row + 1 < 5
                    let expected =
                        column < 16
                        ? ck_pair(x[2 * row * 16 + column], below ? x[(2 * row + 1) * 16 + column] : 0)
                        : Float(7).bitPattern
                    #expect(bits == expected, "\(set), row \(row), column \(column)")
                }
            }
        }
    }

    @Test(arguments: Kind.allCases) func everyStepIsRoundedAsDefined(_ kind: Kind) {
        var source = Source(), edges = 0
        for _ in 0..<(kind == .edge ? 3000 : 600) {
            let inner = kind == .edge ? 1 : 1 + Int(source.bits() % 3)
            let a = (0..<inner).map { _ in source.pair(kind) }, b = (0..<inner * 16).map { _ in source.pair(kind) }
            let start = (0..<16).map { _ in source.start(kind) }
            let expected = (0..<16).map { lane in
                (0..<inner).reduce(start[lane]) { Self.step($0, a[$1], b[$1 * 16 + lane]) }
            }
            let plain = Self.product(a, b, from: start, inner: inner) { ck_plain_pair_product($0) }
            #expect(zip(plain, expected).allSatisfy(Self.areSame), "by definition: \(a), \(b), \(start)")
            for set in InstructionSet.available {
                let found = Self.product(a, b, from: start, inner: inner) { set.table.pair_product($0) }
                #expect(zip(found, expected).allSatisfy(Self.areSame), "\(set): \(a), \(b), \(start)")
            }
            // Where a processor that finds numbers denormal as they are stored would come to the least normal number.
            for lane in 0..<16 where inner == 1 {
                let one = Self.pair(a[0]), other = Self.pair(b[lane])
                let ordinary =
                    (one.first * other.first).isFinite ? start[lane].addingProduct(one.first, other.first) : 0
                if kind == .edge, ordinary.magnitude == .leastNormalMagnitude,
                    Self.multiplyAdd(one.first, other.first, start[lane]) == 0
                {
                    edges += 1
                }
            }
        }
        #expect(kind != .edge || edges > 20, "\(edges) at the edge")
    }

    /// What is told to a processor for a product ends with it.
    @Test func denormalNumbersAreNumbersAfterwards() {
        for set in InstructionSet.available {
            _ = Self.product([0], [UInt32](repeating: 0, count: 16), from: [Float](repeating: 1, count: 16), inner: 1) {
                set.table.pair_product($0)
            }
            var y = [Float](repeating: 0, count: 16)
            set.table.multiply(
                [Float](repeating: .leastNormalMagnitude, count: 16), [Float](repeating: 0.5, count: 16), &y, 16)
            #expect(y.allSatisfy { $0 == .leastNormalMagnitude / 2 && $0 > 0 }, "\(set)")
        }
    }

    @Test(arguments: PlainProductTests.cases, PlainProductTests.Start.allCases)
    func tunedProductsAreThePlainOne(_ one: PlainProductTests.Case, _ start: PlainProductTests.Start) {
        let operands = PlainProductTests.Operands(one, start, inPairs: true)
        let plain = operands.product { ck_plain_pair_product($0) }
        for set in InstructionSet.available {
            let tuned = operands.product { set.table.pair_product($0) }
            #expect(tuned.map(\.bitPattern) == plain.map(\.bitPattern), "\(set)")
        }
    }
}
