import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

/// The engine's own elementary functions against the C library's in Double.
@Suite struct ElementaryFunctionTests {
    typealias Kernel = (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void

    /// The largest |actual - expected| / max(|expected|, floor) over `inputs`.
    func worstError(_ inputs: [Float], floor: Double = 0, kernel: Kernel, _ exact: (Double) -> Double) -> Double {
        let padded = inputs + [Float](repeating: 0, count: 16)
        var results = [Float](repeating: 0, count: padded.count)
        kernel(padded, &results, inputs.count)
        return zip(inputs, results).reduce(0) { worst, pair in
            let expected = exact(Double(pair.0)), error = abs(Double(pair.1) - expected)
            // Not max(): a result that is not a number must not pass.
            let relative = error == 0 ? 0 : error / Swift.max(abs(expected), floor)
            return relative <= worst ? worst : relative
        }
    }

    /// Steps all over a range, both zeros, and numbers near zero.
    func grid(_ low: Float, _ high: Float, count: Int = 20_011) -> [Float] {
        let even = (0...count).map { low + (high - low) * Float($0) / Float(count) }
        let small = (1...30).flatMap {
            [Float(sign: .plus, exponent: -$0, significand: 1.37), -1.37 * exp2(-Float($0))]
        }
        return even + small.filter { $0 >= low && $0 <= high }
    }

    @Test(arguments: InstructionSet.available) func exponential(_ set: InstructionSet) {
        #expect(worstError(grid(-87, 87), kernel: set.table.exp, Foundation.exp) < 2e-7)
    }

    @Test(arguments: InstructionSet.available) func logarithm(_ set: InstructionSet) {
        let powers: [Float] = (-125...127).map { Float(sign: .plus, exponent: $0, significand: 1.2345) }
        let inputs = grid(0.001, 50) + powers
        // Near 1 the logarithm itself vanishes; there the error is measured against 0.1.
        #expect(worstError(inputs, floor: 0.1, kernel: set.table.log, Foundation.log) < 2e-7)
        let nearOne: [Float] = (-100...100).map { 1 + Float($0) * 0x1p-20 }
        #expect(worstError(nearOne, kernel: set.table.log, Foundation.log) < 2e-7)
    }

    @Test(arguments: InstructionSet.available) func hyperbolicTangent(_ set: InstructionSet) {
        #expect(worstError(grid(-12, 12), kernel: set.table.tanh, Foundation.tanh) < 2.5e-7)
    }

    @Test(arguments: InstructionSet.available) func sigmoid(_ set: InstructionSet) {
        #expect(worstError(grid(-80, 80), kernel: set.table.sigmoid, Oracle.sigmoid) < 3e-7)
    }

    /// In the left tail Φ itself vanishes: the error is absolute there, and vanishes further out.
    @Test(arguments: InstructionSet.available) func gelu(_ set: InstructionSet) {
        #expect(worstError(grid(-8, 8), floor: 1, kernel: set.table.gelu, Oracle.gelu) < 8e-7)
        #expect(worstError([-6, -100, -1e6, -1e30], floor: 1, kernel: set.table.gelu, Oracle.gelu) < 1e-8)
        #expect(worstError(grid(0, 8), kernel: set.table.gelu, Oracle.gelu) < 4e-7)
    }

    @Test(arguments: InstructionSet.available) func squareRootIsRoundedCorrectly(_ set: InstructionSet) {
        let inputs = noise(1001, low: 0, high: 1e6)
        var results = [Float](repeating: 0, count: 1024)
        set.table.square_root(inputs + [Float](repeating: 0, count: 16), &results, inputs.count)
        #expect(results.prefix(1001).elementsEqual(inputs.map { $0.squareRoot() }))
    }

    /// What is not a number stays so, and the ends of the range saturate.
    @Test(arguments: InstructionSet.available) func specialValues(_ set: InstructionSet) {
        let inputs: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 100, -100, -1] + [Float](repeating: 0, count: 8)
        func run(_ kernel: Kernel) -> [Float] {
            var results = [Float](repeating: 7, count: 16)
            kernel(inputs, &results, 16)
            return results
        }
        for kernel in [set.table.exp, set.table.log, set.table.tanh, set.table.sigmoid, set.table.gelu] {
            #expect(run(kernel!)[0].isNaN)
        }
        #expect(run(set.table.tanh)[1...6].elementsEqual([1, -1, 0, -0.0, 1, -1]))
        #expect(run(set.table.tanh)[4].sign == .minus)
        let sigmoid = run(set.table.sigmoid)
        #expect(sigmoid[1] == 1 && sigmoid[2] < 1e-37 && sigmoid[3] == 0.5)
        let log = run(set.table.log)
        #expect(log[1] == .infinity && log[2].isNaN && log[3] == -.infinity && log[7].isNaN)
        let exp = run(set.table.exp)
        #expect(exp[3] == 1 && exp[5].isFinite && exp[6] > 0)
    }

    @Test func doublePrecision() {
        func worst(_ inputs: [Double], floor: Double = 0, _ f: (Double) -> Double, _ g: (Double) -> Double) -> Double {
            inputs.reduce(0) { worst, x in
                let error = abs(f(x) - g(x)) / Swift.max(abs(g(x)), floor)
                return error <= worst ? worst : error
            }
        }
        func grid(_ low: Double, _ high: Double) -> [Double] {
            (0...10_007).map { low + (high - low) * Double($0) / 10_007 }
        }
        #expect(worst(grid(-700, 700), ck_exp, Foundation.exp) < 4e-16)
        #expect(worst(grid(1e-3, 30) + grid(1e100, 1e101), ck_log, Foundation.log) < 4e-16)
        #expect(worst(grid(-100, 100), floor: 1, ck_sin, Foundation.sin) < 4e-16)
        #expect(worst(grid(-100, 100), floor: 1, ck_cos, Foundation.cos) < 4e-16)
        #expect(worst(grid(-25, 25).filter { $0 != 0 }, ck_tanh, Foundation.tanh) < 1e-12)
        #expect(worst(grid(0.1, 20), { ck_pow($0, 0.37) }, { Foundation.pow($0, 0.37) }) < 4e-15)
        #expect(worst(grid(0.9, 0.9999), { ck_pow($0, 2000) }, { Foundation.pow($0, 2000) }) < 1e-12)
        #expect(ck_exp(800) == .infinity && ck_exp(-800) == 0 && ck_log(0) == -.infinity && ck_log(-1).isNaN)
        #expect(ck_exp(.nan).isNaN && ck_sin(.infinity).isNaN && ck_pow(2, -3) == 0.125)
        // Numbers that no integer holds.
        #expect(ck_pow(1, 1e300) == 1 && ck_pow(2, 1e300) == .infinity && ck_pow(2, -1e300) == 0)
        #expect(ck_pow(2, .nan).isNaN && ck_sin(1e300).isNaN && ck_cos(-1e19).isNaN)
    }
}
