import CKernels
import Kernels
import Testing

/// Convolutions of half precision against steps that are made one after the other.
@Suite struct HalfPrecisionConvolutionTests {
    typealias Steps = HalfPrecisionTests

    /// `count` sums for each of 16 lanes: `number` says which pairs are multiplied.
    private static func chains(
        _ starts: [Float], _ terms: Range<Int>, _ pairs: (_ sum: Int, _ term: Int, _ lane: Int) -> (UInt32, UInt32)
    ) -> [Float] {
        starts.enumerated().map { index, start in
            terms.reduce(start) { sum, term in
                let (a, b) = pairs(index / 16, term, index % 16)
                return Steps.step(sum, a, b)
            }
        }
    }

    /// Three outputs at two pixels, one to three terms, going on from what is there.
    @Test(arguments: Steps.Kind.allCases) func gathersAreSteps(_ kind: Steps.Kind) {
        var source = Steps.Source()
        for _ in 0..<(kind == .edge ? 400 : 60) {
            let terms = kind == .edge ? 1 : 1 + Int(source.bits() % 3)
            let x = (0..<(terms + 1) * 16).map { _ in source.pair(kind) }
            let weights = (0..<terms * 3).map { _ in source.pair(kind) }
            let starts = (0..<3 * 2 * 16).map { _ in source.start(kind) }
            let sums = Self.chains(starts, 0..<terms) { sum, term, lane in
                (weights[term * 3 + sum / 2], x[(term + sum % 2) * 16 + lane])
            }
            for slope: Float in [1, 0.25] {
                // What follows a sum is computed with denormal numbers.
                let expected = sums.map { $0 < 0 ? $0 * slope : $0 }
                for set in InstructionSet.available {
                    let found = Self.gather(
                        set.table, Steps.floats(x), Steps.floats(weights), starts, terms: terms, slope: slope)
                    #expect(
                        zip(found, expected).allSatisfy(Steps.areSame), "\(set), \(x), \(weights), \(starts)")
                }
            }
        }
    }

    private static func gather(
        _ kernels: CKKernels, _ x: [Float], _ weights: [Float], _ starts: [Float], terms: Int, slope: Float
    ) -> [Float] {
        var y = starts
        let steps = (0..<terms).map { CKTerm(x: Int32($0 * 16), weight: Int32($0)) }
        let pixels = [CKPixel(x: 0, y: 0), CKPixel(x: 16, y: 16)], tiles = [CKOutputs(first: 0, rows: 3)]
        x.withUnsafeBufferPointer { x in
            weights.withUnsafeBufferPointer { weights in
                steps.withUnsafeBufferPointer { steps in
                    pixels.withUnsafeBufferPointer { pixels in
                        tiles.withUnsafeBufferPointer { tiles in
                            y.withUnsafeMutableBufferPointer { y in
                                var g = CKGather()
                                (g.x, g.y, g.weights, g.weight_terms) = (
                                    x.baseAddress, y.baseAddress, weights.baseAddress, terms
                                )
                                (g.tiles, g.tile_count) = (tiles.baseAddress, 1)
                                (g.terms, g.term_count) = (steps.baseAddress, terms)
                                (g.pixels, g.pixel_count, g.plane) = (pixels.baseAddress, 2, 32)
                                (g.activation, g.slope, g.continues) = (Int32(CK_LEAKY_RELU.rawValue), slope, 1)
                                kernels.gather_pairs(&g)
                            }
                        }
                    }
                }
            }
        }
        return y
    }

    /// 16 rows by three columns over one pixel, of eight pairs of images, going on from the gradient.
    @Test(arguments: Steps.Kind.allCases) func turnedGradientsAreSteps(_ kind: Steps.Kind) {
        var source = Steps.Source()
        for _ in 0..<(kind == .edge ? 200 : 60) {
            var small = (0..<8 * 16).map { _ in source.pair(kind) }, big = (0..<3 * 8).map { _ in source.pair(kind) }
            if kind == .edge {  // one step that is not nothing
                for i in 16..<8 * 16 { small[i] = 0 }
                for i in 0..<24 where i % 8 > 0 { big[i] = 0 }
            }
            let starts = (0..<3 * 16).map { _ in source.start(kind) }
            let expected = Self.chains(starts, 0..<8) { (small[$1 * 16 + $2], big[$0 * 8 + $1]) }
            for set in InstructionSet.available {
                let found = Self.outer(
                    set.table.outer_turned_pairs, Steps.floats(small), Steps.floats(big), starts, plane: 0, places: 8)
                #expect(zip(found, expected).allSatisfy(Steps.areSame), "\(set), \(small), \(big), \(starts)")
            }
        }
    }

    /// 16 rows by three columns over one pixel in 16 lanes, which are added in halves, and to the gradient.
    @Test(arguments: Steps.Kind.allCases) func gradientsInLanesAreSteps(_ kind: Steps.Kind) {
        var source = Steps.Source()
        for _ in 0..<60 {
            let small = (0..<16 * 16).map { _ in source.pair(kind) }, big = (0..<3 * 16).map { _ in source.pair(kind) }
            let starts = (0..<3 * 16).map { _ in source.start(kind) }
            let expected = starts.enumerated().map { index, start in
                var lanes = (0..<16).map { Steps.step(0, small[index % 16 * 16 + $0], big[index / 16 * 16 + $0]) }
                while lanes.count > 1 {
                    let half = lanes.count / 2
                    lanes = (0..<half).map { lanes[$0] + lanes[half + $0] }
                }
                return start + lanes[0]
            }
            for set in InstructionSet.available {
                let found = Self.outer(
                    set.table.outer_pairs, Steps.floats(small), Steps.floats(big), starts, plane: 16, places: 16)
                #expect(zip(found, expected).allSatisfy(Steps.areSame), "\(set), \(small), \(big), \(starts)")
            }
        }
    }

    private static func outer(
        _ kernel: ((UnsafePointer<CKOuter>?) -> Void)?, _ small: [Float], _ big: [Float], _ starts: [Float], plane: Int,
        places: Int
    ) -> [Float] {
        var gradient = starts
        let columns = (0..<3).map { CKColumn(big: Int32($0 * places), gradient: Int32($0 * 16)) }
        let pixels = [CKOuterPixel(small: 0, big: 0)]
        small.withUnsafeBufferPointer { small in
            big.withUnsafeBufferPointer { big in
                columns.withUnsafeBufferPointer { columns in
                    pixels.withUnsafeBufferPointer { pixels in
                        gradient.withUnsafeMutableBufferPointer { gradient in
                            var call = CKOuter()
                            (call.small, call.big, call.gradient) = (
                                small.baseAddress, big.baseAddress, gradient.baseAddress
                            )
                            (call.small_plane, call.blocks, call.rows) = (plane, 1, 16)
                            (call.columns_at, call.columns) = (columns.baseAddress, 3)
                            (call.pixels, call.pixel_count) = (pixels.baseAddress, 1)
                            kernel?(&call)
                        }
                    }
                }
            }
        }
        return gradient
    }

    @Test func turnedPairsAreNeighboringImages() {
        let x = noise(16 * 3 * 16, seed: 5)
        for set in InstructionSet.available {
            var turned = [Float](repeating: 0, count: 2 * 8 * 16)
            set.table.turn_pairs(x, 3 * 16, 16, 2, &turned)
            for pixel in 0..<2 {
                for image in 0..<8 {
                    for row in 0..<16 {
                        let first = row * 48 + pixel * 16 + 2 * image
                        let found = turned[(pixel * 8 + image) * 16 + row].bitPattern
                        #expect(found == ck_pair(x[first], x[first + 1]), "\(set), \(pixel), \(image), \(row)")
                    }
                }
            }
        }
    }

    /// What is told to a processor for a convolution ends with it.
    @Test func denormalNumbersAreNumbersAfterwards() {
        for set in InstructionSet.available {
            let zeros = [Float](repeating: 0, count: 48 * 16)
            _ = Self.gather(set.table, zeros, zeros, zeros, terms: 1, slope: 1)
            for kernel in [set.table.outer_pairs, set.table.outer_turned_pairs] {
                _ = Self.outer(kernel, zeros, zeros, zeros, plane: 16, places: 16)
            }
            var y = [Float](repeating: 0, count: 16)
            set.table.multiply(
                [Float](repeating: .leastNormalMagnitude, count: 16), [Float](repeating: 0.5, count: 16), &y, 16)
            #expect(y.allSatisfy { $0 == .leastNormalMagnitude / 2 && $0 > 0 }, "\(set)")
        }
    }
}
