import CKernels
import Kernels
import Testing

/// Products of bytes against sums of whole numbers one by one.
@Suite struct ByteTests {
    /// Rows, columns and steps of products: of each number of rows that a tile has, and more.
    static let cases: [(rows: Int, columns: Int, steps: Int)] =
        (1...14).flatMap { rows in [16, 32, 48, 64].map { (rows, $0, 1 + rows * 5 % 7) } } + [(64, 64, 33), (1, 64, 0)]

    /// The whole range of both operands, their ends more often than others.
    struct Numbers {
        var state: UInt64

        mutating func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        mutating func state255() -> UInt8 {
            let number = next()
            return number % 5 == 0 ? [0, 1, 127, 128, 255][number / 5 % 5] : UInt8(number / 5 % 256)
        }
        mutating func weight() -> Int8 {
            let number = next()
            return number % 5 == 0 ? [-127, -1, 0, 1, 127][number / 5 % 5] : Int8(number / 5 % 255 - 127)
        }
    }

    @Test(arguments: InstructionSet.available) func productsAreExact(_ set: InstructionSet) {
        for (rows, columns, steps) in Self.cases {
            var numbers = Numbers(state: UInt64(rows * 1000 + columns))
            let aRow = steps * 4 + 5, bStep = columns * 4 + 64, cRow = 70
            let a = (0..<rows * aRow).map { _ in numbers.state255() }
            let b = (0..<max(1, steps * bStep)).map { _ in numbers.weight() }
            let start = (0..<rows * cRow).map { _ in Int32(numbers.next() % 2_000_001 - 1_000_000) }
            var sums = [Int32](repeating: 0, count: columns)
            for step in 0..<steps {
                for column in 0..<columns {
                    for k in 0..<4 { sums[column] += Int32(b[step * bStep + column * 4 + k]) }
                }
            }
            var expected = start.map(Int.init)
            for row in 0..<rows {
                for column in 0..<columns {
                    for k in 0..<4 * steps {
                        expected[row * cRow + column] +=
                            (Int(a[row * aRow + k]) - 128) * Int(b[k / 4 * bStep + column * 4 + k % 4])
                    }
                }
            }
            var c = start
            Self.multiply(a, aRow, b, bStep, sums, &c, cRow, steps, rows, columns, by: set.table)
            #expect(c.map(Int.init) == expected, "\(rows) rows, \(columns) columns, \(steps) steps")
        }
    }

    /// As many products of the largest numbers as a layer of 65,536 units on another has: on the way sums go round, in the end
    /// they are right.
    @Test(arguments: InstructionSet.available) func theLargestSumsAreExact(_ set: InstructionSet) {
        let steps = 131_072 / 4
        for (state, weight) in [(255, 127), (255, -127), (0, 127), (1, -127)] as [(UInt8, Int8)] {
            let a = [UInt8](repeating: state, count: 4 * steps), b = [Int8](repeating: weight, count: 64 * steps)
            let sum = Int32(4 * steps * Int(weight)), expected = Int32(4 * steps * (Int(state) - 128) * Int(weight))
            var c = [Int32](repeating: 0, count: 16)
            Self.multiply(a, 0, b, 64, [Int32](repeating: sum, count: 16), &c, 16, steps, 1, 16, by: set.table)
            #expect(c == [Int32](repeating: expected, count: 16))
        }
    }

    @Test(arguments: InstructionSet.available) func weightsAreRoundedToTheNearest(_ set: InstructionSet) {
        for rows in [1, 3, 4, 18] {
            var x = noise(rows * 40, seed: UInt64(rows), low: -1, high: 1)
            let factors: [Float] = (0..<32).map { [127, 63.5, 0, 126.99999][$0 % 4] }
            // Halves go to the even number.
            x[0] = 0.5 / 127
            x[1] = -1.5 / 63.5
            var bytes = [Int8](repeating: 9, count: (rows + 3) / 4 * 128), sums = [Int32](repeating: 9, count: 32)
            set.table.byte_rows(x, 40, rows, 32, factors, &bytes, &sums)
            for column in 0..<32 {
                var sum: Int32 = 0
                for k in 0..<(rows + 3) / 4 * 4 {
                    let expected = k < rows ? (x[k * 40 + column] * factors[column]).rounded(.toNearestOrEven) : 0
                    #expect(bytes[(k / 4 * 32 + column) * 4 + k % 4] == Int8(expected), "row \(k), column \(column)")
                    sum += Int32(expected)
                }
                #expect(sums[column] == sum)
            }
        }
    }

    @Test(arguments: InstructionSet.available) func statesAreRoundedToTheNearest(_ set: InstructionSet) {
        var h = (0..<256).map { Float($0 - 128) / 127 } + noise(256, low: -1, high: 1)
        h += [
            1, -1, 0, -0.0, 0.5 / 127, 1.5 / 127, -0.5 / 127, 1.0000001, -3, 1e30, -1e30, .infinity, 0x1p-140, 0, 0, 0,
        ]
        let rows = h.count / 16
        var bytes = [UInt8](repeating: 7, count: rows * 19)
        set.table.byte_states(h, rows, &bytes, 19)
        for row in 0..<rows {
            for unit in 0..<16 {
                let whole = min(max((h[row * 16 + unit] * 127).rounded(.toNearestOrEven), -127), 127)
                #expect(bytes[row * 19 + unit] == UInt8(128 + whole), "\(h[row * 16 + unit])")
            }
            #expect(row + 1 == rows || bytes[row * 19 + 16..<row * 19 + 19] == [7, 7, 7])
        }
    }

    @Test(arguments: InstructionSet.available) func sumsAreScaledWithOneRounding(_ set: InstructionSet) {
        let sums = noise(192, seed: 3).map { Int32($0 * 1e9) }, scales = noise(64, seed: 4, low: 0, high: 1e-3)
        let start = noise(192, seed: 5)
        var found = start
        set.table.add_scaled_sums(sums, 3, scales, &found)
        for place in 0..<192 {
            #expect(found[place] == start[place].addingProduct(Float(sums[place]), scales[place % 64]))
        }
    }

    static func multiply(
        _ a: [UInt8], _ aRow: Int, _ b: [Int8], _ bStep: Int, _ sums: [Int32], _ c: inout [Int32], _ cRow: Int,
        _ steps: Int, _ rows: Int, _ columns: Int, by kernels: CKKernels
    ) {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                sums.withUnsafeBufferPointer { sums in
                    c.withUnsafeMutableBufferPointer { c in
                        var p = CKByteProduct()
                        (p.a, p.a_row, p.b, p.b_step) = (a.baseAddress, aRow, b.baseAddress, bStep)
                        (p.b_sums, p.c, p.c_row) = (sums.baseAddress, c.baseAddress, cRow)
                        (p.steps, p.rows, p.columns) = (steps, rows, columns)
                        kernels.byte_product(&p)
                    }
                }
            }
        }
    }
}
