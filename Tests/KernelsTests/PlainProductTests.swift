import CKernels
import Kernels
import Testing

/// The tuned product against the plain one, and the plain one against sums in Double.
@Suite struct PlainProductTests {
    enum Start: CaseIterable { case zero, result, bias, values }

    struct Case: CustomTestStringConvertible {
        let groups, inner, rows, columns: Int
        /// Whether A is read down its columns and the rows of B and C come in vectors that are apart.
        let isTransposed: Bool
        var testDescription: String {
            "\(groups) x \(inner) deep, \(rows) x \(columns)\(isTransposed ? ", transposed" : "")"
        }
    }

    static let cases = [
        Case(groups: 1, inner: 7, rows: 1, columns: 16, isTransposed: false),
        Case(groups: 3, inner: 16, rows: 5, columns: 48, isTransposed: true),
        Case(groups: 2, inner: 33, rows: 13, columns: 64, isTransposed: false),
        Case(groups: 4, inner: 5, rows: 25, columns: 64, isTransposed: true),
        // The last vector is not whole: C is written as far as its columns go.
        Case(groups: 1, inner: 40, rows: 8, columns: 37, isTransposed: false),
        Case(groups: 1, inner: 0, rows: 3, columns: 32, isTransposed: false),
    ]

    @Test(arguments: cases, Start.allCases)
    func sameBitsAsTheTunedOne(_ one: Case, _ start: Start) throws {
        for set in InstructionSet.available {
            let operands = Operands(one, start)
            let kernels = try #require(set.kernels)
            let tuned = operands.product { kernels.panel_product($0) }
            #expect(tuned.map(\.bitPattern) == operands.product { ck_plain_product($0) }.map(\.bitPattern), "\(set)")
        }
    }

    @Test(arguments: cases, Start.allCases)
    func nearTheSumsInDouble(_ one: Case, _ start: Start) {
        let operands = Operands(one, start), found = operands.product { ck_plain_product($0) }
        var isWritten = [Bool](repeating: false, count: found.count)
        for row in 0..<one.rows {
            for column in 0..<one.columns {
                let (place, sum, size) = operands.exact(row, column)
                isWritten[place] = true
                // One rounding of at most half a unit for each of the multiply-adds.
                let bound = Double(one.groups * one.inner + 1) * size * 0x1p-24
                #expect(abs(Double(found[place]) - sum) <= bound, "row \(row), column \(column)")
            }
        }
        for place in found.indices where !isWritten[place] { #expect(found[place] == operands.c[place]) }
    }

    /// Numbers at their places, with other numbers between them.
    struct Operands {
        let one: Case
        let start: Start
        let a, b, values, c: [Float]

        /// - Parameter inPairs: A and B are pairs of half precision.
        init(_ one: Case, _ start: Start, inPairs: Bool = false) {
            self.one = one
            self.start = start
            var state: UInt64 = 88_172_645_463_325_252
            func numbers(_ count: Int) -> [Float] {
                (0..<count).map { _ in
                    state ^= state << 13
                    state ^= state >> 7
                    state ^= state << 17
                    return Float(Int64(state >> 40) - (1 << 23)) / Float(1 << 23)
                }
            }
            func factors(_ count: Int) -> [Float] {
                guard inPairs else { return numbers(count) }
                return zip(numbers(count), numbers(count)).map { Float(bitPattern: ck_pair($0, $1)) }
            }
            let depth = one.groups * one.inner
            a = factors((depth + 20) * (one.rows + 3) + 64)
            b = factors((depth + 20) * 80 * 4)
            values = numbers(one.rows * 80 + 80)
            c = numbers(max(one.rows * 80, 4 * (one.rows + 1) * 16) + 80)
        }

        private var aLayout: (row: Int, k: Int, group: Int) {
            one.isTransposed
                ? (1, one.rows + 3, one.inner * (one.rows + 3)) : (one.groups * one.inner + 2, 1, one.inner)
        }
        private var bLayout: (k: Int, group: Int, vector: Int) {
            (70, one.inner * 70 + 3, one.isTransposed ? (one.groups * one.inner + 1) * 70 : 16)
        }
        private var cLayout: (row: Int, vector: Int) { one.isTransposed ? (16, (one.rows + 1) * 16) : (75, 16) }
        private var startLayout: (row: Int, vector: Int) {
            switch start {
            case .zero, .bias: (0, 16)
            case .result: cLayout
            case .values: (66, 16)
            }
        }

        func product(_ multiply: (UnsafePointer<CKPanelProduct>) -> Void) -> [Float] {
            var result = c
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    values.withUnsafeBufferPointer { values in
                        result.withUnsafeMutableBufferPointer { c in
                            var p = CKPanelProduct()
                            (p.a, p.b, p.c) = (a.baseAddress, b.baseAddress, c.baseAddress)
                            (p.a_row, p.a_k, p.a_group) = aLayout
                            (p.b_k, p.b_group, p.b_vector) = bLayout
                            (p.c_row, p.c_vector) = cLayout
                            (p.start_row, p.start_vector) = startLayout
                            (p.groups, p.inner, p.rows, p.columns) = (one.groups, one.inner, one.rows, one.columns)
                            switch start {
                            case .zero: p.start = nil
                            case .result: p.start = UnsafePointer(p.c)
                            case .bias, .values: p.start = values.baseAddress
                            }
                            multiply(&p)
                        }
                    }
                }
            }
            return result
        }

        /// Where an element lies, its sum, and the sum of the absolute values of its terms.
        func exact(_ row: Int, _ column: Int) -> (place: Int, sum: Double, size: Double) {
            func place(_ layout: (row: Int, vector: Int)) -> Int {
                row * layout.row + column / 16 * layout.vector + column % 16
            }
            var sum =
                switch start {
                case .zero: 0.0
                case .result: Double(c[place(cLayout)])
                case .bias, .values: Double(values[place(startLayout)])
                }
            var size = abs(sum)
            for group in 0..<one.groups {
                for k in 0..<one.inner {
                    let x = Double(a[group * aLayout.group + k * aLayout.k + row * aLayout.row])
                    let vector = group * bLayout.group + k * bLayout.k + column / 16 * bLayout.vector
                    let term = x * Double(b[vector + column % 16])
                    sum += term
                    size += abs(term)
                }
            }
            return (place(cLayout), sum, size)
        }
    }
}
