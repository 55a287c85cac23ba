import Kernels
import TensorCore
import TestSupport
import Testing

/// All transpose forms against the naive product in Double, and the same bits however it is computed.
@Suite struct MatrixProductTests {
    struct Size: CustomTestStringConvertible, Sendable {
        let m, k, n: Int
        var testDescription: String { "\(m)x\(k)x\(n)" }
    }
    static let sizes = [
        (1, 1, 1), (2, 3, 5), (7, 13, 17), (6, 64, 16), (61, 1, 65), (33, 70, 129), (100, 37, 64), (19, 530, 67),
        (205, 9, 31),
    ]
    .map { Size(m: $0.0, k: $0.1, n: $0.2) }

    static func random(_ rows: Int, _ columns: Int, _ stream: UInt64, in context: ComputeContext) -> Tensor {
        RandomStream(seed: 11, stream: stream).normal([rows, columns], in: context)
    }

    static func array(_ t: Tensor) -> ArrayND { ArrayND(shape: t.shape.dimensions, floats: t.values) }

    @Test(arguments: sizes)
    func equalsTheNaiveProduct(_ size: Size) {
        let context = ComputeContext(threads: 2)
        for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
            let a = ta ? Self.random(size.k, size.m, 1, in: context) : Self.random(size.m, size.k, 1, in: context)
            let b = tb ? Self.random(size.n, size.k, 2, in: context) : Self.random(size.k, size.n, 2, in: context)
            let c = MatrixProduct.multiply(a, transposeA: ta, b, transposeB: tb, in: context)
            #expect(c.shape == [size.m, size.n])
            let oracle = Oracle.matrixProduct(Self.array(a), Self.array(b), transposeA: ta, transposeB: tb)
            expectValuesMatch(engine: c.values, oracle: oracle.values, "\(ta) \(tb)", tolerance: 2e-6)
            if ta, !tb {
                // Both forms, whichever was chosen.
                #expect(MatrixProduct.multiplyTall(a, b, in: context) == c)
                let packed = PackedMatrix(b, in: context)
                #expect(MatrixProduct.multiply(a, transposeA: true, packed, in: context) == c)
            }
        }
    }

    @Test func packedWithBias() {
        let context = ComputeContext(threads: 2), bias = Self.random(1, 67, 3, in: context).reshaped(to: [67])
        let a = Self.random(50, 33, 1, in: context), b = Self.random(67, 33, 2, in: context)
        let packed = PackedMatrix(b, transposed: true, in: context)
        let c = MatrixProduct.multiply(a, packed, bias: bias, in: context)
        let oracle = Oracle.dense(Self.array(a), weight: Self.array(b), bias: ArrayND(shape: [67], floats: bias.values))
        expectValuesMatch(engine: c.values, oracle: oracle.values, "with bias", tolerance: 2e-6)
    }

    /// Each way of cutting the work: rows, panels, one thread; one element more than a multiple of each block.
    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) {
        let shapes = set == .portable ? [(33, 40, 65)] : [(33, 40, 65), (200, 513, 130), (20, 600, 300), (97, 257, 65)]
        for (m, k, n) in shapes {
            let one = ComputeContext(threads: 1, instructionSet: InstructionSet.available[0])
            let a = Self.random(m, k, 1, in: one), b = Self.random(k, n, 2, in: one)
            let at = Self.random(k, m, 3, in: one), bt = Self.random(n, k, 4, in: one)
            func products(_ context: ComputeContext) -> [Tensor] {
                [
                    MatrixProduct.multiply(a, b, in: context),
                    MatrixProduct.multiply(a, bt, transposeB: true, in: context),
                    MatrixProduct.multiply(at, transposeA: true, PackedMatrix(b, in: context), in: context),
                    MatrixProduct.multiplyTall(at, b, in: context),
                ]
            }
            let expected = products(one)
            #expect(expected[2] == expected[3])
            for threads in 1...3 {
                #expect(
                    products(ComputeContext(threads: threads, instructionSet: set)) == expected, "\(threads) threads")
            }
        }
    }

    /// A sum of nothing is zero, or the bias; a matrix without rows gives one without rows.
    @Test func emptyProducts() {
        let context = ComputeContext(threads: 2)
        #expect(
            MatrixProduct.multiply(Tensor(zeros: [3, 0]), Tensor(zeros: [0, 5]), in: context) == Tensor(zeros: [3, 5]))
        #expect(
            MatrixProduct.multiplyTall(Tensor(zeros: [0, 3]), Tensor(zeros: [0, 5]), in: context)
                == Tensor(zeros: [3, 5]))
        #expect(MatrixProduct.multiply(Tensor(zeros: [0, 4]), Tensor(zeros: [4, 5]), in: context).shape == [0, 5])
    }

    @Test func wrongShapesStopTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = MatrixProduct.multiply(Tensor(zeros: [2, 3]), Tensor(zeros: [4, 5]), in: ComputeContext(threads: 1))
        }
        expectMessage("matrix product: [2, 3] has 3 columns, the right operand [4, 5]", from: result)
    }
}
