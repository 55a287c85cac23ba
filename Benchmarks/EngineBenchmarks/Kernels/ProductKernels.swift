import CKernels
import Kernels

extension KernelCase {
    /// The panel product C = A B, [rows, K] by [K, 64], in the shapes of recurrent layers, and the transpose that packs.
    static var products: [KernelCase] {
        var cases: [KernelCase] = []
        let inner = [64, 128, 256, 512, 1024]
        for rows in [6, 25, 64] {
            // A, B and C in the first-level cache, as far as 40 KiB of it go.
            for k in inner where bytes(rows, k) <= 40 << 10 { cases.append(panelProduct(rows, k, copies: 1)) }
            // So many panels, one after the other, that they come from the second level.
            for k in inner { cases.append(panelProduct(rows, k, copies: max(2, (512 << 10) / bytes(rows, k)))) }
        }
        for k in inner { cases.append(panelProduct(64, k, copies: max(2, (512 << 10) / bytes(64, k)), .bfloat16)) }
        return cases + [pairRows(64), pairNeighbors(64)] + [transpose(64), transpose(256)]
            + [512, 2048].flatMap { strassen($0) }
    }

    /// Of A, B and C.
    private static func bytes(_ rows: Int, _ inner: Int) -> Int { 4 * (inner * (64 + rows) + rows * 64) }

    /// - Parameter inner: the depth, of numbers or of pairs of them.
    private static func panelProduct(
        _ rows: Int, _ inner: Int, copies: Int, _ precision: ProductPrecision = .single
    ) -> KernelCase {
        let each = bytes(rows, inner), depth = inner * precision.numbersPerPlace
        return KernelCase(
            precision == .single ? "panel_product" : "pair_product", "\(rows)×64×\(depth)",
            operations: Double(2 * rows * 64 * depth), bytes: each, .read, workingSet: copies * each,
            precision: precision
        ) { kernels, arena in
            let a = arena.floats(copies * rows * inner), b = arena.floats(copies * inner * 64)
            let c = arena.floats(copies * rows * 64)
            var p = CKPanelProduct(), copy = 0
            (p.a_row, p.a_k, p.b_k, p.b_vector, p.c_row, p.c_vector) = (inner, 1, 64, 16, 64, 16)
            (p.groups, p.inner, p.rows, p.columns) = (1, inner, rows, 64)
            return Call(run: {
                p.a = UnsafePointer(a + copy * rows * inner)
                p.b = UnsafePointer(b + copy * inner * 64)
                p.c = c + copy * rows * 64
                if precision == .single { kernels.panel_product(&p) } else { kernels.pair_product(&p) }
                copy = copy + 1 == copies ? 0 : copy + 1
            })
        }
    }

    /// The sums of Strassen's algorithm for four blocks of n, and its seven products joined.
    private static func strassen(_ n: Int) -> [KernelCase] {
        func sums(
            _ name: String,
            _ kernel: @escaping (CKKernels, [UnsafeMutablePointer<Float>], UnsafeMutablePointer<Float>) -> Void
        ) -> KernelCase {
            KernelCase(name, "4 × \(n)", operations: 0, bytes: 8 * 4 * n, .copy) { kernels, arena in
                let blocks = (0..<4).map { _ in arena.floats(n) }, sums = arena.floats(4 * n)
                return Call(run: { kernel(kernels, blocks, sums) })
            }
        }
        return [
            sums("strassen_left") { $0.strassen_left($1[0], $1[1], $1[2], $1[3], n, $2, n) },
            sums("strassen_right") { $0.strassen_right($1[0], $1[1], $1[2], $1[3], n, $2, n) },
            KernelCase(
                "strassen_join", "7 × \(n)", operations: 0, bytes: 15 * 4 * n, .triad, workingSet: 11 * 4 * n
            ) { kernels, arena in
                let products = arena.floats(7 * n), c = (0..<4).map { _ in arena.floats(n) }
                return Call(run: { kernels.strassen_join(products, n, n, c[0], c[1], c[2], c[3]) })
            },
        ]
    }

    private static func pairRows(_ rows: Int) -> KernelCase {
        KernelCase("pair_rows", "\(rows)×64", operations: 0, bytes: 6 * rows * 64, .triad) { kernels, arena in
            let x = arena.floats(rows * 64), y = arena.floats(rows * 32)
            return Call(run: { kernels.pair_rows(x, 64, rows, 64, y, 64) })
        }
    }
    private static func pairNeighbors(_ rows: Int) -> KernelCase {
        KernelCase("pair_neighbors", "\(rows)×64", operations: 0, bytes: 6 * rows * 64, .triad) { kernels, arena in
            let x = arena.floats(rows * 64), y = arena.floats(rows * 32)
            return Call(run: { kernels.pair_neighbors(x, rows * 64, y) })
        }
    }

    private static func transpose(_ side: Int) -> KernelCase {
        KernelCase("transpose", "\(side)×\(side)", operations: 0, bytes: 8 * side * side, .copy) { kernels, arena in
            let x = arena.floats(side * side), y = arena.floats(side * side)
            return Call(run: { kernels.transpose(x, side, side, side, y, side) })
        }
    }
}
