import Autodiff
import TensorCore
import TestSupport
import Testing

@Suite struct TapeTests {
    let context = ComputeContext(threads: 1)

    /// Weidman, Deep Learning from Scratch, chapter 6: (4a + 3)(a + 2) at a = 3; a is used twice.
    @Test func aLeafUsedTwice() {
        let tape = Tape(in: context), a = tape.variable(Tensor(3))
        let b = a * 4, c = b + 3, d = a + 2, e = c * d
        #expect(e.value.scalar == 75)
        #expect(tape.backward(from: e)[a]?.scalar == 35)
    }

    /// An interior node used twice, where depth-first recursion without an order counts b's gradient again (172).
    @Test func anInteriorNodeUsedTwice() {
        let tape = Tape(in: context), a = tape.variable(Tensor(3)), b = a * 4
        #expect(tape.backward(from: (b + 3) * (b + 2))[a]?.scalar == 116)
        let again = Tape(in: context), x = again.variable(Tensor(3)), y = x * x
        #expect(again.backward(from: y * y * y + y)[x]!.scalar == 1464 as Float)
    }

    @Test func leavesAndConstants() {
        let tape = Tape(in: context), x = tape.variable(Tensor(2)), k = tape.constant(Tensor(5)),
            unused = tape.variable(Tensor(1))
        let y = x * k + (x * x).detached
        let gradients = tape.backward(from: y)
        #expect(gradients[x]?.scalar == 5 && gradients[k] == nil && gradients[unused] == nil && gradients[y] == nil)
    }

    @Test func parametersAreOneLeafEach() {
        let p = Parameter("p", Tensor([1, 2], shape: [2])), q = Parameter("q", Tensor([7], shape: [1]))
        let tape = Tape(in: context)
        let gradients = tape.backward(from: (tape(p) * tape(p) + tape(p)).sum())
        #expect(gradients[p]?.values == [3, 5] && gradients[q] == nil)
        let named = gradients.named([q, p])
        #expect(named.names == ["q", "p"] && named["q"] == Tensor(zeros: [1]) && named["p"]?.values == [3, 5])
        #expect(p.version == 0)
        p.value[0] = 9
        #expect(p.version == 1 && p.value.values == [9, 2])
    }

    /// The gradient of a sum over several weighted outputs.
    @Test func severalSeeds() {
        let tape = Tape(in: context), x = tape.variable(Tensor([1, 2], shape: [2]))
        let y = x.squared(), z = x * 3
        let gradients = tape.backward(from: [
            (y, Tensor([1, 10], shape: [2])), (z, Tensor([100, 1000], shape: [2])), (x, Tensor([1, 1], shape: [2])),
        ])
        #expect(gradients[x]?.values == [2 + 300 + 1, 40 + 3000 + 1])
    }

    @Test func aTapeThatDoesNotRecord() {
        let tape = Tape(in: context, recording: false), p = Parameter("p", Tensor([1, 2], shape: [2]))
        let y = (tape(p) * tape.variable(Tensor([3, 4], shape: [2]))).sum()
        #expect(y.value.scalar == 11 && !y.needsGradient)
    }

    @Test func products() {
        for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
            let a = samples(ta ? [5, 3] : [3, 5], seed: 1), b = samples(tb ? [7, 5] : [5, 7], seed: 2)
            check(
                "product \(ta) \(tb)", [a, b],
                oracle: { Oracle.matrixProduct($0[0], $0[1], transposeA: ta, transposeB: tb) },
                engine: { $0[0].multiplied(by: $0[1], transposeSelf: ta, transposeOther: tb) })
        }
        // Chapter 1: the sum of sigmoid(X W), leading dimensions folded.
        check(
            "sum of sigmoid(XW)", [samples([2, 3, 4], seed: 3), samples([4, 2], seed: 4)],
            oracle: { x in
                let n = Oracle.matrixProduct(x[0].reshaped([6, 4]), x[1])
                return ArrayND(shape: [], values: [n.values.reduce(0) { $0 + Oracle.sigmoid($1) }])
            }, engine: { $0[0].multiplied(by: $0[1]).sigmoid().sum() })
    }

    @Test func crossEntropy() {
        let targets = [3, 0, 11, 3]
        check(
            "cross-entropy", [samples([4, 19], seed: 5, low: -4, high: 4)],
            oracle: { ArrayND(shape: [], values: [2.5 * Oracle.crossEntropy($0[0], targets: targets)]) },
            engine: { $0[0].softmaxCrossEntropy(targets: targets.map(Int32.init)) * 2.5 })
    }

    @Test func crossEntropyEqualsPyTorch() throws {
        let fixture = try Fixture.load("cross_entropy")
        let logits = try fixture["logits"], tape = Tape(in: context)
        let x = tape.variable(Tensor(logits.floats, shape: Shape(logits.shape)))
        let loss = x.softmaxCrossEntropy(targets: try fixture["targets"].integers.map(Int32.init))
        expectValuesMatch(engine: [loss.value.scalar], oracle: try fixture["loss"].values, "loss")
        let gradient = try #require(tape.backward(from: loss)[x])
        expectGradientsMatch(engine: gradient.values, oracle: try fixture.gradient(of: "logits").values, "logits")
    }

    @Test func dropoutMasksAndScales() {
        let stream = RandomStream(seed: 1, stream: 2, step: 3), x = samples([7, 11], seed: 3)
        let keep = stream.uniform(count: 77, in: context).map { $0 >= 0.25 ? 1.0 : 0.0 }
        check(
            "dropout", [x], oracle: { $0[0].zip(ArrayND(shape: [7, 11], values: keep)) { $0 * $1 / 0.75 } },
            engine: { $0[0].tape(DropoutMask(rate: 0.25, kept: 1 / 0.75, stream: stream), $0[0]) })
    }

    @Test func misuseStopsTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1)), x = tape.variable(Tensor(2)), y = x * x
            _ = tape.backward(from: y)
            _ = tape.backward(from: y)
        }
        expectMessage("backward has run on this tape already", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1)), x = tape.variable(Tensor([1, 2], shape: [2]))
            _ = tape.backward(from: x)
        }
        expectMessage("backward starts from a scalar, not from shape [2]", from: result2)
        let result3 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1)), other = Tape(in: tape.context)
            _ = tape.variable(Tensor(2)) + other.variable(Tensor(3))
        }
        expectMessage("an input belongs to another tape", from: result3)
        let result4 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let one = Tape(in: ComputeContext(threads: 1)), two = Tape(in: one.context)
            let a = one.variable(Tensor([1, 2, 3], shape: [3])), b = two.variable(Tensor([10, 20, 30], shape: [3]))
            _ = (b * b).sum()
            _ = two.backward(from: (a * a).sum())
        }
        expectMessage("backward from a variable of another tape", from: result4)
        let result5 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let one = Tape(in: ComputeContext(threads: 1)), two = Tape(in: one.context)
            let a = one.variable(Tensor([1, 2, 3], shape: [3])), b = two.variable(Tensor([10, 20, 30], shape: [3]))
            _ = one.backward(from: (a * a).sum())[b]
        }
        expectMessage("the gradient by a variable of another tape", from: result5)
        let result6 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1))
            let one = Parameter("0.weight", Tensor([1])), other = Parameter("0.weight", Tensor([2]))
            _ = tape.backward(from: (tape(one) * tape(other)).sum()).named([one, other])
        }
        expectMessage("share a name: [\"0.weight\"]", from: result6)
    }
}
