import TensorCore
import TestSupport
import Testing

@Suite struct TensorTests {
    @Test func copiesAreValues() {
        let a = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        var b = a
        b[1, 2] = 60
        #expect(a[1, 2] == 6 && b[1, 2] == 60)
        var c = b
        c.withUnsafeMutablePointer { $0[0] = -1 }
        #expect(b[0, 0] == 1 && c[0, 0] == -1)
        var reshaped = c.reshaped(to: [3, 2])
        reshaped[0, 0] = 7
        #expect(c[0, 0] == -1 && reshaped.values == [7, 2, 3, 4, 5, 60])
    }

    @Test func indexingAndShapes() {
        let t = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
        #expect(t[1, 2, 3] == 23 && t[1, 0, 2] == 14)
        #expect(t.shape.rows == 6 && t.shape.columns == 4 && t.shape[-1] == 4 && t.shape.rank == 3)
        #expect(Tensor(2.5).scalar == 2.5 && Tensor(2.5).shape == [] && Shape([]).count == 1)
        #expect(Tensor(zeros: [3, 0]).count == 0 && Shape([3, 0]).rows == 3)
        #expect("\(Shape([2, 3]))" == "[2, 3]")
    }

    /// Equality is of bits: two numbers that are not numbers are equal, the two zeros are not.
    @Test func equality() {
        #expect(Tensor([.nan], shape: [1]) == Tensor([.nan], shape: [1]))
        #expect(Tensor([0], shape: [1]) != Tensor([-0.0], shape: [1]))
        #expect(Tensor([1, 2], shape: [2]) != Tensor([1, 2], shape: [1, 2]))
    }

    @Test func buffersAreUsedAgain() {
        let workspace = Workspace()
        var address: UnsafePointer<Float>?
        do {
            let t = Tensor(zeros: [5, 7], in: workspace)
            t.withUnsafePointer { address = $0 }
        }
        #expect(workspace.idleBytes > 0)
        let again = Tensor(uninitialized: [35], in: workspace)
        again.withUnsafePointer { #expect($0 == address) }
        #expect(workspace.idleBytes == 0)
        // A buffer that is still in use is not handed out.
        let other = Tensor(uninitialized: [35], in: workspace)
        other.withUnsafePointer { #expect($0 != address) }
        workspace.releaseAll()
        #expect(again.count == 35)
    }

    @Test func collectionsOfEveryKind() {
        let values = (0..<1000).map { Float($0) * 0.5 }
        let expected = Tensor(values, shape: [10, 100])
        #expect((0..<1000).allSatisfy { expected[$0 / 100, $0 % 100] == Float($0) * 0.5 })
        #expect(Tensor(([-1] + values + [7])[1..<1001], shape: [10, 100]) == expected)
        #expect(values.withUnsafeBufferPointer { Tensor($0, shape: [10, 100]) } == expected)
        #expect(Tensor((0..<1000).lazy.map { Float($0) * 0.5 }, shape: [10, 100]) == expected)
        #expect(Tensor(values.reversed().reversed(), shape: [10, 100]) == expected)
        #expect(Tensor([Float](), shape: [0, 3]).count == 0)
        let any: any Collection<Float> = values
        #expect(Tensor(any, shape: [10, 100]) == expected)
    }

    /// However many sizes come and go, no more waits than twice what was in use at once, and 64 MB.
    @Test func idleBuffersAreBounded() {
        let workspace = Workspace()
        var mostInUse = 0
        // Falling and far apart, so that none fits into another: some 500 MB in all.
        for count in stride(from: 6_000_000, to: 10_000, by: -200_000) {
            _ = Tensor(uninitialized: [count], in: workspace)
            mostInUse = max(mostInUse, 4 * count)
            #expect(workspace.idleBytes <= 2 * (mostInUse + 200) + 64 << 20)
        }
        let rising = Workspace()
        for count in stride(from: 1_000_000, to: 9_000_000, by: 250_000) {
            _ = Tensor(uninitialized: [count], in: rising)
        }
        #expect(rising.idleBytes <= 2 * 36_000_000 + 64 << 20)
        // What was used last is still there, what waited longest is gone.
        let misses = rising.misses
        _ = Tensor(uninitialized: [8_750_000], in: rising)
        #expect(rising.misses == misses)
    }

    /// Packed weights are held for long: not in a buffer eight times as large.
    @Test func whatIsKeptFitsItsBuffer() {
        let context = ComputeContext(threads: 1), matrix = Tensor(zeros: [64, 64])
        _ = Tensor(uninitialized: [5 * 64 * 64], in: context.workspace)
        let idle = context.workspace.idleBytes
        let kept = PackedMatrix(matrix, isKept: true, in: context)
        #expect(context.workspace.idleBytes == idle, "it took the large buffer")
        let passing = PackedMatrix(matrix, in: context)
        #expect(context.workspace.idleBytes == 0)
        withExtendedLifetime((kept, passing)) {}
    }

    /// Buffers of shapes that do not come again make room for smaller ones.
    @Test func smallerTensorsTakeLargerBuffers() {
        let workspace = Workspace()
        func place(_ count: Int) -> UnsafePointer<Float> {
            Tensor(uninitialized: [count], in: workspace).withUnsafePointer { $0 }
        }
        var places: [UnsafePointer<Float>] = []
        do {
            let kept = [1000, 100].map { Tensor(zeros: [$0], in: workspace) }
            places = kept.map { $0.withUnsafePointer { $0 } }
        }
        let misses = workspace.misses
        #expect(place(90) == places[1])  // the smaller one that is large enough
        #expect(place(300) == places[0])
        #expect(workspace.misses == misses)
        #expect(place(1100) != places[0] && workspace.misses == misses + 1)
        workspace.releaseAll()
        _ = Tensor(zeros: [1000], in: workspace)
        let idle = workspace.idleBytes
        _ = Tensor(zeros: [20], in: workspace)
        #expect(workspace.idleBytes > idle, "a buffer of more than eight times the size was not spared")
        // Kernels may write up to the next multiple of 16, and what they find there is finite.
        do {
            let large = Tensor(repeating: .nan, shape: [1000], in: workspace)
            withExtendedLifetime(large) {}
        }
        let small = Tensor(uninitialized: [333], in: workspace)
        small.withUnsafePointer { p in #expect((333..<352).allSatisfy { p[$0] == 0 }) }
    }

    @Test func namedTensorsKeepTheirOrder() {
        var named = NamedTensors()
        for name in ["zebra", "b", "a", "m.weight"] { named[name] = Tensor(zeros: [2, 3]) }
        named["b"] = Tensor([1], shape: [1])
        #expect(named.names == ["zebra", "b", "a", "m.weight"] && named.map(\.name) == named.names)
        #expect(named.count == 4 && named.elementCount == 19 && named["b"]?.scalar == 1 && named["c"] == nil)
        named["zebra"] = nil
        #expect(named.names == ["b", "a", "m.weight"])
        #expect(named == NamedTensors(named.map { ($0.name, $0.tensor) }))
    }

    @Test func wrongShapesStopTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([1, 2], shape: [3])
        }
        expectMessage("2 values for a tensor of shape [3]", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(zeros: [2])[2]
        }
        expectMessage("index [2] is outside of shape [2]", from: result2)
        let result3 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(zeros: [2, 2]).reshaped(to: [3])
        }
        expectMessage("cannot reshape [2, 2] to [3]", from: result3)
        let result4 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Shape([1 << 40, 1 << 40])
        }
        expectMessage("no tensor has as many elements as the shape [1099511627776, 1099511627776]", from: result4)
        let result5 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor(zeros: [2, 2]).shape[2]
        }
        expectMessage("no axis 2 in shape [2, 2]", from: result5)
    }
}
