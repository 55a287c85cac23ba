import CKernels

extension KernelCase {
    /// The kernels of convolutions on a block of 16 images, in shapes of the standard autoencoder network: levels of
    /// 3×3 at stride 2 on the way down; on the way up a quarter of a transposed 4×4 at stride 2, which is a plain 2×2.
    /// The pixels whose taps all lie inside, so that every term counts.
    static var convolutions: [KernelCase] {
        let shapes = [
            BlockConvolution(inputs: 1, outputs: 32, side: 13, kernel: 3, stride: 2),
            BlockConvolution(inputs: 32, outputs: 64, side: 6, kernel: 3, stride: 2),
            BlockConvolution(inputs: 32, outputs: 64, side: 15, kernel: 3, stride: 2),
            BlockConvolution(inputs: 64, outputs: 32, side: 7, kernel: 2, stride: 1),
            BlockConvolution(inputs: 32, outputs: 1, side: 14, kernel: 2, stride: 1),
            BlockConvolution(inputs: 128, outputs: 64, side: 8, kernel: 2, stride: 1),
        ]
        var cases = shapes.map(\.gather)
        // As the engine chooses: with few columns in the gradient, or few rows, sums over lanes.
        for shape in shapes where shape.inputs == 1 || shape.outputs == 1 { cases.append(shape.outer) }
        for shape in shapes where shape.inputs > 1 && shape.outputs > 1 { cases += [shape.turn, shape.outerTurned] }
        return cases + [planeGradient]
    }

    private static var planeGradient: KernelCase {
        let n = 16 * 14 * 14
        // Choosing and summing.
        return KernelCase("plane_gradient", "14×14×16", operations: Double(2 * n), bytes: 12 * n, .triad) {
            kernels, arena in
            let y = arena.floats(n), dy = arena.floats(n), dz = arena.floats(n)
            return Call(run: { _ = kernels.plane_gradient(Int32(CK_LEAKY_RELU.rawValue), 0, y, dy, dz, n) })
        }
    }
}

/// A convolution without padding on one block: [channel][row][column][16 images], with tables as the kernels want them.
private struct BlockConvolution {
    let inputs: Int
    let outputs: Int
    /// Of the output planes.
    let side: Int
    let kernel: Int
    let stride: Int

    private var inputSide: Int { (side - 1) * stride + kernel }
    private var inputPlane: Int { 16 * inputSide * inputSide }
    private var outputPlane: Int { 16 * side * side }
    private var terms: Int { inputs * kernel * kernel }
    private var shape: String { "\(inputs)→\(outputs), \(side)×\(side)×16 from \(kernel)×\(kernel)/\(stride)" }
    private var operations: Double { Double(2 * terms * outputs * outputPlane) }
    /// Where a tap of the kernel over an input plane begins.
    private var taps: [Int] {
        (0..<inputs).flatMap { input in
            (0..<kernel * kernel).map { tap in
                input * inputPlane + 16 * (tap / kernel * inputSide + tap % kernel)
            }
        }
    }
    /// Where an output pixel's window begins in an input plane.
    private func start(_ pixel: Int) -> Int { 16 * stride * (pixel / side * inputSide + pixel % side) }

    var gather: KernelCase {
        KernelCase(
            "gather", shape, operations: operations,
            bytes: 4 * (inputs * inputPlane + outputs * outputPlane + outputs * terms), .read
        ) { kernels, arena in
            let tiles = tiles(kernels)
            var g = CKGather()
            g.x = UnsafePointer(arena.floats(inputs * inputPlane))
            g.y = arena.floats(outputs * outputPlane)
            g.weights = UnsafePointer(arena.floats(outputs * terms))
            g.weight_terms = terms
            g.tiles = UnsafePointer(arena.table(tiles))
            g.tile_count = tiles.count
            g.terms = UnsafePointer(
                arena.table(taps.enumerated().map { CKTerm(x: Int32($1), weight: Int32($0)) }))
            g.term_count = terms
            g.pixels = UnsafePointer(
                arena.table((0..<side * side).map { CKPixel(x: Int32(start($0)), y: Int32(16 * $0)) }))
            g.pixel_count = side * side
            g.run = stride == 1 ? side : 0
            g.plane = outputPlane
            return KernelCase.Call(run: { kernels.gather(&g) })
        }
    }

    /// The tallest of the tiles with the most sums, and then whatever fits the rest.
    private func tiles(_ kernels: CKKernels) -> [CKOutputs] {
        let shapes = UnsafeBufferPointer(start: kernels.gather_shapes, count: kernels.gather_shape_count)
        var tiles: [CKOutputs] = [], first: Int32 = 0
        while first < outputs {
            let fitting = shapes.filter { $0.rows <= Int32(outputs) - first }
            let best = fitting.max { ($0.rows * $0.columns, $0.rows) < ($1.rows * $1.columns, $1.rows) }
            let rows = best?.rows ?? 1
            tiles.append(CKOutputs(first: first, rows: rows))
            first += rows
        }
        return tiles
    }

    var outer: KernelCase {
        KernelCase(
            "outer", shape, operations: operations,
            bytes: 4 * (inputs * inputPlane + outputs * outputPlane + 2 * outputs * terms), .read
        ) { kernels, arena in
            var o = call(arena)
            o.small = UnsafePointer(arena.floats(outputs * outputPlane))
            o.small_plane = outputPlane
            o.rows = outputs
            return KernelCase.Call(run: { kernels.outer(&o) })
        }
    }

    /// At most 32 channels become lanes at a time.
    private var turnedRows: Int { min(32, outputs) }

    var turn: KernelCase {
        KernelCase(
            "turn", "\(turnedRows) channels, \(side)×\(side)×16", operations: 0, bytes: 8 * turnedRows * outputPlane,
            .copy
        ) { kernels, arena in
            let source = arena.floats(turnedRows * outputPlane), turned = arena.floats(turnedRows * outputPlane)
            return KernelCase.Call(run: { kernels.turn(source, outputPlane, turnedRows, side * side, turned) })
        }
    }

    var outerTurned: KernelCase {
        KernelCase(
            "outer_turned", "\(inputs)→\(turnedRows), \(side)×\(side)×16 from \(kernel)×\(kernel)/\(stride)",
            operations: Double(2 * terms * turnedRows * outputPlane),
            bytes: 4 * (inputs * inputPlane + turnedRows * outputPlane + 2 * turnedRows * terms), .read
        ) { kernels, arena in
            var o = call(arena)
            o.small = UnsafePointer(arena.floats(turnedRows * outputPlane))
            o.rows = turnedRows
            return KernelCase.Call(run: { kernels.outer_turned(&o) })
        }
    }

    /// One block, all columns over all pixels.
    private func call(_ arena: Arena) -> CKOuter {
        var o = CKOuter()
        o.big = UnsafePointer(arena.floats(inputs * inputPlane))
        o.blocks = 1
        o.columns = terms
        o.columns_at = UnsafePointer(
            arena.table(taps.enumerated().map { CKColumn(big: Int32($1), gradient: Int32($0 * outputs)) }))
        o.pixels = UnsafePointer(
            arena.table((0..<side * side).map { CKOuterPixel(small: Int32(16 * $0), big: Int32(start($0))) }))
        o.pixel_count = side * side
        o.gradient = arena.floats(terms * outputs)
        return o
    }
}
