import CKernels

/// Small convolutions by hand: tables with nothing regular about them.
extension KernelRuns {
    static var convolutions: [KernelRun] {
        [
            KernelRun("gather") { k in
                (0...3).flatMap { gather(k, outputs: 13, tallest: 8, activation: $0) }
                    + gather(k, outputs: 1, tallest: 1, activation: 0, bias: false)
                    + gather(k, outputs: 13, tallest: 8, activation: 1, pieces: 3)
                    + (1...3).flatMap { gather(k, outputs: $0, tallest: $0, activation: 0, pixels: 3 * 17, run: 17) }
            },
            KernelRun("gather_pairs") { k in
                (0...3).flatMap { gather(k, outputs: 13, tallest: 8, activation: $0, inPairs: true) }
                    + gather(k, outputs: 13, tallest: 8, activation: 1, pieces: 3, inPairs: true)
                    + (1...3).flatMap {
                        gather(k, outputs: $0, tallest: $0, activation: 1, pixels: 3 * 17, run: 17, inPairs: true)
                    }
            },
            KernelRun("outer_pairs") { k in
                [(1, 1), (1, 17), (2, 23), (3, 19), (4, 13), (14, 7), (33, 2), (20, 1)].flatMap {
                    outer(k, $0, $1, inPairs: true)
                }
            },
            KernelRun("outer_turned_pairs") { k in
                [(16, 1), (16, 14), (32, 25), (32, 3)].flatMap { turned(k, $0, $1, inPairs: true) }
            },
            KernelRun("turn_pairs") { k in
                [16, 32].flatMap { rows in
                    var turned = [Float](repeating: 0, count: rows * 5 * 8)
                    k.turn_pairs(noise(rows * 7 * 16, seed: 29), 7 * 16, rows, 5, &turned)
                    return numbers(turned)
                }
            },
            KernelRun("outer") { k in
                [(1, 1), (1, 17), (2, 23), (3, 19), (4, 13), (14, 7), (33, 2), (20, 1)].flatMap { outer(k, $0, $1) }
            },
            KernelRun("outer_turned") { k in
                [(16, 1), (16, 14), (32, 25), (32, 3)].flatMap { turned(k, $0, $1) }
            },
            KernelRun("turn") { k in
                [16, 32].flatMap { rows in
                    var turned = [Float](repeating: 0, count: rows * 5 * 16)
                    k.turn(noise(rows * 7 * 16, seed: 29), 7 * 16, rows, 5, &turned)
                    return turned
                }
            },
            KernelRun("plane_gradient") { k in
                let y = noise(7 * 16, seed: 30, low: -1, high: 1), dy = noise(7 * 16, seed: 31)
                return (0...3).flatMap { activation in
                    var dz = [Float](repeating: 0, count: 7 * 16)
                    let sum = k.plane_gradient(Int32(activation), 0.1, y, dy, &dz, dz.count)
                    return dz + [sum]
                }
            },
        ]
    }

    /// - Parameters:
    ///   - tallest: tiles of at most so many outputs, the tallest that the instruction set has.
    ///   - run: pixels in a row that lies in one piece; nil for pixels all over the place.
    ///   - told: whether the kernel knows.
    ///   - pieces: calls that the terms are divided among, each going on where the one before has stopped.
    ///   - inPairs: of half precision.
    static func gather(
        _ k: CKKernels, outputs: Int, tallest: Int, activation: Int, bias: Bool = true, pixels count: Int = 29,
        run: Int? = nil, told: Bool = true, pieces: Int = 1, inPairs: Bool = false
    ) -> [Float] {
        let terms = 11, heights = shapes(k).map(\.rows).filter { $0 <= tallest }
        var tiles: [CKOutputs] = [], first = 0
        while first < outputs {
            let rows = heights.filter { $0 <= outputs - first }.max()!
            tiles.append(CKOutputs(first: Int32(first), rows: Int32(rows)))
            first += rows
        }
        // The weight of output o and term t, in the order of the tiles.
        let plain = inPairs ? pairs(outputs * terms, seed: 21) : noise(outputs * terms, seed: 21)
        var weights: [Float] = []
        for tile in tiles {
            for term in 0..<terms {
                for row in 0..<Int(tile.rows) { weights.append(plain[(Int(tile.first) + row) * terms + term]) }
            }
        }
        let steps = (0..<terms).map { CKTerm(x: Int32(($0 * 7 % 13 - 3) * 16), weight: Int32($0 * 3 % terms)) }
        let pixels = (0..<count).map {
            CKPixel(x: Int32((3 + (run == nil ? $0 * 5 % 31 : $0)) * 16), y: Int32((count - 1 - $0) * 16))
        }
        let size = (count + 40) * 16, x = inPairs ? pairs(size, seed: 22) : noise(size, seed: 22)
        let biases = noise(outputs, seed: 23)
        var y = [Float](repeating: 0, count: outputs * count * 16)
        x.withUnsafeBufferPointer { x in
            weights.withUnsafeBufferPointer { weights in
                biases.withUnsafeBufferPointer { biases in
                    y.withUnsafeMutableBufferPointer { y in
                        tiles.withUnsafeBufferPointer { tiles in
                            steps.withUnsafeBufferPointer { steps in
                                pixels.withUnsafeBufferPointer { pixels in
                                    var g = CKGather()
                                    (g.x, g.y, g.weights, g.weight_terms) = (
                                        x.baseAddress, y.baseAddress, weights.baseAddress, terms
                                    )
                                    g.bias = bias ? biases.baseAddress : nil
                                    (g.tiles, g.tile_count) = (tiles.baseAddress, tiles.count)
                                    (g.pixels, g.pixel_count, g.plane) = (pixels.baseAddress, count, count * 16)
                                    g.run = told ? run ?? 0 : 0
                                    g.slope = 0.25
                                    for piece in 0..<pieces {
                                        let first = terms * piece / pieces
                                        g.terms = steps.baseAddress.map { $0 + first }
                                        g.term_count = terms * (piece + 1) / pieces - first
                                        g.continues = piece > 0 ? 1 : 0
                                        g.activation = piece == pieces - 1 ? Int32(activation) : 0
                                        if inPairs { k.gather_pairs(&g) } else { k.gather(&g) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return y
    }

    private static func place(_ small: Int, _ big: Int) -> CKOuterPixel {
        CKOuterPixel(small: Int32(small * 16), big: Int32(big * 16))
    }

    static func shapes(_ k: CKKernels) -> [(rows: Int, columns: Int)] {
        (0..<k.gather_shape_count).map { (Int(k.gather_shapes[$0].rows), Int(k.gather_shapes[$0].columns)) }
    }

    /// Two blocks, the sum added to what is there.
    private static func outer(_ k: CKKernels, _ rows: Int, _ columns: Int, inPairs: Bool = false) -> [Float] {
        let count = 7, block = rows * count * 16, pixels = (0..<count).map { place($0 * 3 % count, $0 * 5 % 37) }
        let make = inPairs ? pairs : plain
        let small = make(2 * block, 24), big = make((columns + 60) * 16, 25)
        return run(inPairs ? k.outer_pairs : k.outer, rows, small, big, columns, pixels) { call in
            (call.small_plane, call.small_block, call.big_block) = (count * 16, block, 13 * 16)
        }
    }

    private static func turned(_ k: CKKernels, _ rows: Int, _ columns: Int, inPairs: Bool = false) -> [Float] {
        let count = 5, block = rows * count * 16, pixels = (0..<count).map { place($0, $0 * 7 % 37) }
        let make = inPairs ? pairs : plain
        let small = make(2 * block, 26), big = make((columns + 60) * 16, 27)
        return run(inPairs ? k.outer_turned_pairs : k.outer_turned, rows, small, big, columns, pixels) { call in
            (call.small_block, call.big_block, call.ahead) = (block, 11 * 16, 16)
        }
    }

    private static func plain(_ count: Int, seed: UInt64) -> [Float] { noise(count, seed: seed) }

    private static func run(
        _ kernel: ((UnsafePointer<CKOuter>?) -> Void)?, _ rows: Int, _ small: [Float], _ big: [Float], _ columns: Int,
        _ pixels: [CKOuterPixel], _ settings: (inout CKOuter) -> Void
    ) -> [Float] {
        let columnsAt = (0..<columns).map { (column: Int) -> CKColumn in
            CKColumn(big: Int32(column * 2 % columns * 16), gradient: Int32((column * 11 + 3) % columns * rows))
        }
        var gradient = noise(rows * columns, seed: 28)
        small.withUnsafeBufferPointer { small in
            big.withUnsafeBufferPointer { big in
                columnsAt.withUnsafeBufferPointer { columnsAt in
                    pixels.withUnsafeBufferPointer { pixels in
                        gradient.withUnsafeMutableBufferPointer { gradient in
                            var call = CKOuter()
                            (call.small, call.big, call.gradient) = (
                                small.baseAddress, big.baseAddress, gradient.baseAddress
                            )
                            (call.columns_at, call.columns, call.rows) = (columnsAt.baseAddress, columns, rows)
                            (call.pixels, call.pixel_count, call.blocks) = (pixels.baseAddress, pixels.count, 2)
                            settings(&call)
                            kernel?(&call)
                        }
                    }
                }
            }
        }
        return gradient
    }
}
