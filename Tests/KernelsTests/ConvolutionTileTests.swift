import CKernels
import Kernels
import TestSupport
import Testing

/// The tiles of a convolution are a matter of speed.
@Suite struct ConvolutionTileTests {
    /// Every height of a tile, and with 1 to 30 pixels every width, gives the bits of single outputs at single pixels.
    @Test(arguments: InstructionSet.available, [false, true])
    func tilesDoNotChangeBits(_ set: InstructionSet, _ inPairs: Bool) {
        let heights = Set(KernelRuns.shapes(set.table).map(\.rows))
        #expect(heights.contains(1) && heights.count > 3)
        for count in [1, 2, 3, 5, 11, 14, 30] {
            func run(tallest: Int) -> [Float] {
                KernelRuns.gather(
                    set.table, outputs: 16, tallest: tallest, activation: 1, pixels: count, inPairs: inPairs)
            }
            let expected = run(tallest: 1)
            for height in heights {
                #expect(run(tallest: height) == expected, "\(set), \(height) outputs, \(count) pixels")
            }
        }
    }

    /// Sums that go on where an earlier call has stopped, for tiles of each kind.
    @Test(arguments: InstructionSet.available, [false, true])
    func piecesDoNotChangeBits(_ set: InstructionSet, _ inPairs: Bool) {
        for activation in 0...3 {
            for outputs in [1, 3, 16] {
                let found = [1, 2, 5].map {
                    KernelRuns.gather(
                        set.table, outputs: outputs, tallest: 8, activation: activation, pixels: 17, pieces: $0,
                        inPairs: inPairs)
                }
                #expect(found[0] == found[1] && found[0] == found[2], "\(set), \(outputs) outputs, \(activation)")
            }
        }
    }

    /// Rows of pixels of any length, along which wide tiles go.
    @Test(arguments: InstructionSet.available, [false, true])
    func runsDoNotChangeBits(_ set: InstructionSet, _ inPairs: Bool) {
        for outputs in 1...3 {
            for run in 1...33 {
                let found = [true, false].map {
                    KernelRuns.gather(
                        set.table, outputs: outputs, tallest: outputs, activation: 2, pixels: 2 * run, run: run,
                        told: $0, inPairs: inPairs)
                }
                #expect(found[0] == found[1], "\(set), \(outputs) outputs, rows of \(run)")
            }
        }
    }

    /// The sum over pixels and lanes of products, in Double.
    @Test func outerIsTheSum() {
        let k = InstructionSet.available[0].table, count = 6
        for (rows, columns) in [(4, 13), (1, 5), (33, 2), (16, 30)] {
            let small = noise(rows * count * 16, seed: 1), big = noise(columns * count * 16, seed: 2)
            let pixels = (0..<count).map { CKOuterPixel(small: Int32($0 * 16), big: Int32($0 * 16)) }
            let places = (0..<columns).map { CKColumn(big: Int32($0 * count * 16), gradient: Int32($0 * rows)) }
            var gradient = [Float](repeating: 0, count: rows * columns)
            small.withUnsafeBufferPointer { small in
                big.withUnsafeBufferPointer { big in
                    places.withUnsafeBufferPointer { places in
                        pixels.withUnsafeBufferPointer { pixels in
                            gradient.withUnsafeMutableBufferPointer { gradient in
                                var call = CKOuter()
                                (call.small, call.big, call.small_plane) = (
                                    small.baseAddress, big.baseAddress, count * 16
                                )
                                (call.columns_at, call.rows, call.columns) = (places.baseAddress, rows, columns)
                                (call.pixels, call.pixel_count, call.blocks) = (pixels.baseAddress, count, 1)
                                call.gradient = gradient.baseAddress
                                k.outer(&call)
                            }
                        }
                    }
                }
            }
            let expected = (0..<rows * columns).map { index in
                let a = index % rows * count * 16, b = index / rows * count * 16
                return (0..<count * 16).reduce(0.0) { $0 + Double(small[a + $1]) * Double(big[b + $1]) }
            }
            expectGradientsMatch(engine: gradient, oracle: expected, "\(rows) x \(columns)", tolerance: 2e-6)
        }
    }
}
