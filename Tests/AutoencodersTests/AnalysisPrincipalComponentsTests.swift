import Autoencoders
import Kernels
import TensorCore
import TestSupport
import Testing

/// Against NumPy's singular value decomposition of the centered rows, on both ways to the components.
@Suite struct AnalysisPrincipalComponentsTests {
    private let context = ComputeContext(threads: 2)

    /// 9 rows of 5 with standard deviations 3, 1, 2, 0.5, 1.5; the first six to fit.
    private static let small: Tensor = {
        let factors: [Float] = [3, 1, 2, 0.5, 1.5]
        return Tensor(analysisNoise(45, seed: 1).enumerated().map { $1 * factors[$0 % 5] }, shape: [9, 5])
    }()
    /// 30 rows of 2,100: more numbers than a covariance matrix is formed for.
    private static let wide: Tensor = Tensor(
        analysisNoise(30 * 2100, seed: 2).enumerated().map { $1 * Float(1 / Double(1 + $0 / 2100)) }, shape: [30, 2100])

    private static func part(_ matrix: Tensor, _ range: Range<Int>) -> Tensor {
        let columns = matrix.shape.columns
        return Tensor(
            Array(matrix.values[range.lowerBound * columns..<range.upperBound * columns]),
            shape: [range.count, columns])
    }

    /// u, s, v = svd(x[:6] - mean): s^2 / 6, v, and the error on x[6:] with two components.
    @Test func equalsTheExactDecomposition() throws {
        let fit = Self.part(Self.small, 0..<6), rest = Self.part(Self.small, 6..<9)
        let all = try PrincipalComponents.fit(RowSource(fit), components: 9, in: context)
        expectMatch(
            all.variances, [15.1272646077, 3.4817548281, 0.8665488523, 0.332810613, 0.0246217958], "variances",
            tolerance: 1e-6)
        #expect(try abs(#require(all.totalVariance) - 19.8330006967) < 1e-5)
        let two = try PrincipalComponents.fit(RowSource(fit), components: 2, in: context)
        #expect(two.fittedRows == 6)
        let vectors = [
            0.9116578307, 0.1519494753, 0.2999837989, 0.0253940575, 0.2348536118, -0.1965900604, -0.0911279205,
            -0.1182458397, 0.1588250439, 0.9559500913,
        ]
        expectValuesMatch(engine: two.components.values, oracle: vectors, "components", tolerance: 1e-5)
        let codes = two.codes(of: rest, in: context)
        expectValuesMatch(
            engine: codes.values,
            oracle: [-5.1697826007, -1.8723302973, -4.3176816208, 0.3432308426, 0.0469149523, -1.6448532654], "codes",
            tolerance: 1e-5)
        let error = try two.meanSquaredError(of: RowSource(rest), in: context)
        #expect(abs(error - 1.059286809144313) < 1e-5)
        // All components give a row back.
        let back = all.rows(from: all.codes(of: rest, in: context), in: context)
        expectValuesMatch(engine: back.values, oracle: rest.values.map(Double.init), "all components", tolerance: 1e-5)
    }

    @Test func rowsTooLongForACovarianceMatrix() throws {
        let fitted = try PrincipalComponents.fit(RowSource(Self.wide), components: 4, in: context)
        expectMatch(
            fitted.variances, [92.4150632782, 22.0463520528, 9.9568811168, 5.7158558345], "variances", tolerance: 1e-5)
        #expect(try abs(#require(fitted.totalVariance) / 147.15614272698926 - 1) < 1e-5)
        let error = try fitted.meanSquaredError(of: RowSource(Self.wide), in: context)
        #expect(abs(error / 0.008105709735547193 - 1) < 1e-3)
    }

    /// The mean drifts over 700 rows, so that the first block's is a wrong guess. NumPy: s^2 / 700 and the error of two
    /// components.
    @Test(arguments: [
        (6, [80.7816476522, 12.1590705919], 1.2110919073838102, 1e-5),
        (2100, [91.3117560279], 3.4319184881079416, 1e-3),
    ])
    func aDriftingMean(_ columns: Int, _ variances: [Double], _ error: Double, _ tolerance: Double) throws {
        var values = analysisNoise(700 * columns, seed: 13)
        for row in 0..<700 {
            for column in stride(from: 0, to: columns, by: 5) { values[row * columns + column] *= 3 }
            values[row * columns] += Float(row / 100) * 4
            values[row * columns + 1] += Float(row / 350) * 5
        }
        let source = RowSource(Tensor(values, shape: [700, columns]))
        let fitted = try PrincipalComponents.fit(source, components: 2, in: context)
        expectMatch(
            Array(fitted.variances.prefix(variances.count)), variances, "variances",
            tolerance: tolerance)
        let found = try fitted.meanSquaredError(of: source, in: context)
        #expect(abs(found / error - 1) < tolerance)
    }

    @Test func spreadsASampleOverAllRows() {
        let source = RowSource(Tensor(zeros: [10, 1]))
        #expect(source.spread(atMost: 4) == [0, 2, 5, 7])
        #expect(source.spread(atMost: 99) == Array(0..<10))
    }

    /// Pixels that lie far from 0 with little difference: nothing may cancel.
    @Test(arguments: [40, 2200])
    func aLargeMean(_ columns: Int) throws {
        var values = analysisNoise(24 * columns, seed: 8, low: -0.01, high: 0.01)
        for row in 0..<24 {
            for column in 0..<columns { values[row * columns + column] += 100 + (row % 2 == 0 ? 0.25 : -0.25) }
        }
        let matrix = Tensor(values, shape: [24, columns])
        let fitted = try PrincipalComponents.fit(RowSource(matrix), components: 1, in: context)
        #expect(abs(fitted.variances[0] / (0.0625 * Double(columns)) - 1) < 1e-2)
        // The scatter is left, of variance 0.02^2 / 12, less what mean and component take of 24 rows.
        let error = try fitted.meanSquaredError(of: RowSource(matrix), in: context)
        let expected = 0.0004 / 12 * (22.0 / 24)
        #expect(abs(error / expected - 1) < 0.04)
    }

    @Test func orthonormalAndDecreasing() throws {
        let fitted = try PrincipalComponents.fit(RowSource(Self.wide), components: 20, in: context)
        let vectors = rows(of: fitted.components)
        #expect(vectors.count == 20)
        #expect(fitted.variances == fitted.variances.sorted(by: >))
        for i in 0..<20 {
            for j in 0...i {
                let product = zip(vectors[i], vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product - (i == j ? 1 : 0)) < 2e-6)
            }
            #expect((vectors[i].max { abs($0) < abs($1) } ?? 0) > 0)
        }
    }

    /// Fewer directions than asked for; one row; rows that are all equal.
    @Test func fewDirections() throws {
        let three = try PrincipalComponents.fit(RowSource(Self.part(Self.small, 0..<3)), components: 5, in: context)
        #expect(three.components.shape == [2, 5])
        #expect(try three.meanSquaredError(of: RowSource(Self.part(Self.small, 0..<3)), in: context) < 1e-10)
        let one = try PrincipalComponents.fit(RowSource(Self.part(Self.small, 4..<5)), components: 2, in: context)
        #expect(one.components.shape == [0, 5])
        #expect(one.codes(of: Self.small, in: context).shape == [9, 0])
        #expect(one.rows(from: Tensor(zeros: [2, 0]), in: context).values == (0..<2).flatMap { _ in one.mean.values })
        let equal = Tensor((0..<8).flatMap { _ in [0.1, 0.7, 0.3] as [Float] }, shape: [8, 3])
        let constant = try PrincipalComponents.fit(RowSource(equal), components: 3, in: context)
        #expect(try constant.meanSquaredError(of: RowSource(equal), in: context) < 1e-12)
        let none = try PrincipalComponents.fit(RowSource(Self.small), components: 0, in: context)
        #expect(none.components.shape == [0, 5])
        let error = try none.meanSquaredError(of: RowSource(Self.small), in: context)
        #expect(try abs(error - #require(none.totalVariance) / 5) < 1e-5)
    }

    /// Also of codes whose squares no number of single precision holds: the map of small ones, in their size.
    @Test func mapsCodesOfAnySize() throws {
        let codes = analysisNoise(30 * 5, seed: 21)
        let small = try PrincipalComponents.map(Tensor(codes, shape: [30, 5]), in: context)
        #expect(small.values.allSatisfy { abs($0) < 5 } && small.values.contains { abs($0) > 0.1 })
        for factor in [0x1p-20, 0x1p10, 0x1p39, 0x1p80] as [Float] {
            let large = try PrincipalComponents.map(Tensor(codes.map { $0 * factor }, shape: [30, 5]), in: context)
            #expect(large.values == small.values.map { $0 * factor })
        }
        // Where positions would be beyond all numbers, they are smaller.
        let largest = codes.map { $0 < 0 ? -Float.greatestFiniteMagnitude : .greatestFiniteMagnitude }
        let map = try PrincipalComponents.map(Tensor(largest, shape: [30, 5]), in: context).values
        #expect(map.allSatisfy { $0.isFinite } && map.contains { abs($0) > 1e37 })
        let embedded = try TSNE.embed(Tensor(largest, shape: [30, 5]), in: context).positions.values
        #expect(embedded.allSatisfy { $0.isFinite } && embedded.contains { abs($0) > 1e-2 })
    }

    /// The same bits whether rows are kept or read again, in blocks of increasing numbers, never all at once.
    @Test func readsInBlocks() throws {
        let wide = analysisNoise(700 * 2100, seed: 9)
        var largest = 0, reads = 0
        let source = RowSource(count: 700, columns: 2100) { numbers in
            largest = max(largest, numbers.count)
            reads += numbers.count
            #expect(numbers == numbers.sorted())
            return Tensor(
                numbers.flatMap { Array(wide[$0 * 2100..<($0 + 1) * 2100]) }, shape: [numbers.count, 2100])
        }
        var options = PrincipalComponents.Options()
        options.maximumRows = 600
        let kept = try PrincipalComponents.fit(source, components: 2, options: options, in: context)
        let readsWhenKept = reads
        #expect(largest == 512)
        #expect(readsWhenKept == 600 + 512)  // the first block once more, for a guess of the mean
        options.memoryLimit = 600 * 2100 * 4 - 1
        #expect(try PrincipalComponents.fit(source, components: 2, options: options, in: context) == kept)
        #expect(reads - readsWhenKept > 2 * 600)
        #expect(kept.fittedRows == 600)
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) throws {
        let narrow = Tensor(analysisNoise(60 * 17, seed: 10), shape: [60, 17])
        for matrix in set == .portable ? [narrow] : [narrow, Self.wide] {
            func fitted(_ context: ComputeContext) throws -> PrincipalComponents {
                try PrincipalComponents.fit(RowSource(matrix), components: 3, in: context)
            }
            let expected = try fitted(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
            for threads in 1...3 {
                #expect(try fitted(ComputeContext(threads: threads, instructionSet: set)) == expected)
            }
        }
    }

    @Test func mapsToThePlane() throws {
        let codes = Tensor([0, 0, 0, 3, 0, 0, -3, 0, 0, 0, 1, 0, 0, -1, 0], shape: [5, 3])
        let positions = try PrincipalComponents.map(codes, in: context)
        let expected: [Double] = [0, 0, 3, 0, -3, 0, 0, 1, 0, -1]
        expectValuesMatch(engine: positions.values, oracle: expected, "plane", tolerance: 1e-6)
        let line = try PrincipalComponents.map(Tensor([1, 2, 4], shape: [3, 1]), in: context)
        #expect(line.shape == [3, 2])
        #expect((0..<3).allSatisfy { line[$0, 1] == 0 })
        #expect(try PrincipalComponents.map(Tensor(zeros: [0, 4]), in: context).shape == [0, 2])
    }

    @Test func badInput() {
        #expect(throws: AnalysisError.tooFew(what: "rows", found: 0, needed: 1)) {
            try PrincipalComponents.fit(RowSource(Tensor(zeros: [0, 3])), components: 2, in: context)
        }
        let matrix = Tensor([1, 2, .nan, 4, 5, 6], shape: [3, 2])
        #expect(throws: AnalysisError.notFinite(row: 1, what: "row")) {
            try PrincipalComponents.fit(RowSource(matrix), components: 2, in: context)
        }
        struct Unreadable: Error {}
        #expect(throws: Unreadable.self) {
            try PrincipalComponents.fit(
                RowSource(count: 3, columns: 2) { _ in throw Unreadable() }, components: 2, in: context)
        }
    }
}
