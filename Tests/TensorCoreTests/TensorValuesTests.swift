import TensorCore
import TestSupport
import Testing

@Suite struct TensorValuesTests {
    let x = Tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])

    @Test func tensorsFromCollections() {
        #expect(x.shape == [3, 4] && x[1, 2] == 7)
        #expect(Tensor([1, 2, 3]).shape == [3])
        #expect(Tensor([[Float]]()).shape == [0, 0])
        let lazily = (0..<6).lazy.map { Float($0) * 0.5 }
        #expect(Tensor(lazily, shape: [2, 3]).values == [0, 0.5, 1, 1.5, 2, 2.5])
        #expect(Tensor(x.values[2..<6], shape: [2, 2]).values == [3, 4, 5, 6])
    }

    @Test func rowsAreCopies() {
        #expect(x.row(1) == Tensor([5, 6, 7, 8]))
        #expect(x.rows(1..<3) == Tensor([[5, 6, 7, 8], [9, 10, 11, 12]]))
        #expect(x.rows([2, 0, 2]) == Tensor([[9, 10, 11, 12], [1, 2, 3, 4], [9, 10, 11, 12]]))
        #expect(x.rows(0..<0).shape == [0, 4])
        let deep = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
        #expect(deep.row(1) == Tensor((12..<24).map(Float.init), shape: [3, 4]))
        #expect(Tensor([4, 5]).row(1) == Tensor(5))
    }

    @Test func arithmeticIsElementByElement() {
        let y = Tensor([[2, 4, 8, 16], [1, 1, 1, 1], [4, 5, 2, 3]])
        #expect((x + y)[2, 1] == 15 && (x - y)[0, 3] == -12 && (x * y)[0, 2] == 24 && (x / y)[2, 3] == 4)
        #expect((x + 1)[0, 0] == 2 && (x - 1)[0, 0] == 0 && (x * 3)[0, 1] == 6 && (3 * x) == x * 3)
        #expect((x / 2)[1, 0] == 2.5 && x.map { $0 * $0 }[2, 3] == 144)
        #expect(x[0, 0] == 1)  // the operands are as they were
    }

    @Test func theLargestOfARow() {
        let logits = Tensor([[0, 3, -1], [-5, -7, -6], [2, 2, 1], [.nan, 1, 0]])
        #expect(logits.argMax == [1, 0, 0, 1])
        #expect(Tensor([0, -1, 5]).argMax == [2])
        #expect(Tensor((0..<24).map(Float.init), shape: [2, 3, 4]).argMax == [Int](repeating: 3, count: 6))
    }

    @Test func productsSumsAndTransposes() {
        let context = ComputeContext(threads: 2)
        let a = Tensor([[1, 2, 3], [4, 5, 6]]), b = Tensor([[1, 0], [2, 1], [0, -3]])
        let product = Tensor([[5, -7], [14, -13]])
        #expect(a.multiplied(by: b, in: context) == product)
        #expect(a.transposed.multiplied(by: b, transposeSelf: true, in: context) == product)
        #expect(a.multiplied(by: b.transposed, transposeOther: true, in: context) == product)
        #expect(a.transposed == Tensor([[1, 4], [2, 5], [3, 6]]))
        #expect(a.sum == 21 && a.mean == 3.5 && a.columnSums == Tensor([5, 7, 9]))
        #expect(Tensor([[1e8, 1], [1, 1], [-1e8, 1]]).columnSums == Tensor([1, 3]))
        #expect(Tensor(zeros: [0, 3]).mean.isNaN && Tensor(zeros: [0, 3]).columnSums == Tensor(zeros: [3]))
    }

    @Test func oneHotHasAOneInTheColumnOfEachID() {
        #expect(Tensor.oneHot([2, 0], classes: 3) == Tensor([[0, 0, 1], [1, 0, 0]]))
        #expect(Tensor.oneHot([Int32(1), 1, 0, 1], shape: [2, 2], classes: 2).shape == [2, 2, 2])
    }

    @Test func wrongShapesOfMatricesStopTheProgram() async {
        let id = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.oneHot([0, 3], classes: 3)
        }
        expectMessage("an id is outside of the 3 classes", from: id)
        let cube = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(zeros: [2, 3, 4]).transposed
        }
        expectMessage("a matrix is transposed, not a tensor of shape [2, 3, 4]", from: cube)
        let product = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(zeros: [2, 3]).multiplied(by: Tensor(zeros: [2, 3]), in: ComputeContext(threads: 1))
        }
        expectMessage("[2, 3]", from: product)
    }

    /// Loops on several threads visit each index once, and functions of elements give what one thread gives.
    @Test(arguments: 1...3)
    func loopsOnAllThreads(_ threads: Int) {
        let context = ComputeContext(threads: threads)
        #expect(context.threadCount == threads)
        for count in [0, 1, 7, 50_001] {
            var visits = Tensor(zeros: [count])
            visits.withUnsafeMutablePointer { visits in
                context.parallel(over: count, work: 1 << 20) { for index in $0 { visits[index] += 1 } }
            }
            #expect(visits == Tensor(repeating: 1, shape: [count]))
        }
        let a = RandomStream(seed: 1).normal([301, 77], in: context),
            b = RandomStream(seed: 2).normal([301, 77], in: context)
        #expect(context.map(a) { $0 * 3 } == a * 3)
        #expect(context.map(a, b) { $0 - $1 } == a - b)
    }

    @Test func broadcastingRepeatsWhatIsMissingOrOne() async {
        let row = Tensor([1, 2, 3]), column = Tensor([[10], [20]])
        #expect(row.broadcast(to: [2, 3]) == Tensor([[1, 2, 3], [1, 2, 3]]))
        #expect(column.broadcast(to: [2, 3]) == Tensor([[10, 10, 10], [20, 20, 20]]))
        #expect(column.broadcast(to: [2, 2, 1]).values == [10, 20, 10, 20])
        #expect(Tensor(5).broadcast(to: [2, 2]).values == [5, 5, 5, 5])
        #expect(row.broadcast(to: [3]) == row && row.broadcast(to: [0, 3]).count == 0)
        let wrong = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([1, 2, 3]).broadcast(to: [3, 2])
        }
        expectMessage("shape [3] does not broadcast to [3, 2]", from: wrong)
    }

    @Test func mistakesStopTheProgram() async {
        let ragged = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([[1, 2], [3]])
        }
        expectMessage("rows of [2, 1] values are no matrix", from: ragged)
        let row = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(zeros: [2, 3]).row(2)
        }
        expectMessage("a row outside of the 2 of shape [2, 3]", from: row)
        let shapes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(zeros: [2, 3]) + Tensor(zeros: [3, 2])
        }
        expectMessage("an operation on each element of shapes [2, 3] and [3, 2]", from: shapes)
    }
}
