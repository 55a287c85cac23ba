import CKernels

/// Each kernel on small odd inputs; the result is all that it wrote.
struct KernelRun {
    let name: String
    let run: (CKKernels) -> [Float]

    init(_ name: String, _ run: @escaping (CKKernels) -> [Float]) {
        self.name = name
        self.run = run
    }
}

enum KernelRuns {
    static var all: [KernelRun] {
        products + cells + elementwise + reductions + random + optimizers + losses + planes + convolutions
    }

    static let panel = Int(CK_PANEL), group = Int(CK_GROUP)

    /// Pairs of half precision.
    static func pairs(_ count: Int, seed: UInt64) -> [Float] {
        let x = noise(2 * count, seed: seed)
        return (0..<count).map { Float(bitPattern: ck_pair(x[2 * $0], x[2 * $0 + 1])) }
    }
    /// The numbers of pairs: as one number a pair may be NaN, which compares with nothing.
    static func numbers(_ pairs: [Float]) -> [Float] {
        pairs.flatMap { [Float(bitPattern: $0.bitPattern & 0xffff_0000), Float(bitPattern: $0.bitPattern << 16)] }
    }

    static var products: [KernelRun] {
        [
            KernelRun("panel_product") { k in
                var all: [Float] = []
                for (rows, columns, inner, groups) in [
                    (1, 1, 1, 1), (7, 64, 13, 2), (13, 37, 5, 3), (20, 48, 33, 1), (5, 16, 0, 1),
                ] {
                    for start in [nil, columns, 0] {
                        let a = noise(rows * inner * groups + 16, seed: 2),
                            b = noise((inner * groups + 1) * panel, seed: 3)
                        var c = noise(rows * columns, seed: 4)
                        a.withUnsafeBufferPointer { a in
                            b.withUnsafeBufferPointer { b in
                                c.withUnsafeMutableBufferPointer { c in
                                    var p = CKPanelProduct()
                                    (p.a, p.a_row, p.a_k, p.a_group) = (a.baseAddress, inner * groups, 1, inner)
                                    (p.b, p.b_k, p.b_group, p.b_vector) = (b.baseAddress, panel, inner * panel, 16)
                                    (p.c, p.c_row, p.c_vector, p.start_vector) = (c.baseAddress, columns, 16, 16)
                                    (p.groups, p.inner, p.rows, p.columns) = (groups, inner, rows, columns)
                                    if let start {
                                        (p.start, p.start_row) = (
                                            start > 0 ? UnsafePointer(c.baseAddress) : a.baseAddress, start
                                        )
                                    }
                                    k.panel_product(&p)
                                }
                            }
                        }
                        all += c
                    }
                }
                return all
            },
            KernelRun("pair_product") { k in
                var all: [Float] = []
                for (rows, columns, inner, groups) in [
                    (1, 1, 1, 1), (7, 64, 13, 2), (13, 37, 5, 3), (20, 48, 33, 1), (5, 16, 0, 1),
                ] {
                    let depth = inner * groups, a = pairs(rows * depth + 16, seed: 2),
                        b = pairs((depth + 1) * panel, seed: 3)
                    var c = noise(rows * columns, seed: 4)
                    a.withUnsafeBufferPointer { a in
                        b.withUnsafeBufferPointer { b in
                            c.withUnsafeMutableBufferPointer { c in
                                var p = CKPanelProduct()
                                (p.a, p.a_row, p.a_k, p.a_group) = (a.baseAddress, depth, 1, inner)
                                (p.b, p.b_k, p.b_group, p.b_vector) = (b.baseAddress, panel, inner * panel, 16)
                                (p.c, p.c_row, p.c_vector, p.start_vector) = (c.baseAddress, columns, 16, 16)
                                (p.groups, p.inner, p.rows, p.columns) = (groups, inner, rows, columns)
                                (p.start, p.start_row) = (UnsafePointer(c.baseAddress), columns)
                                k.pair_product(&p)
                            }
                        }
                    }
                    all += c
                }
                return all
            },
            KernelRun("pair_neighbors") { k in
                [16, 32, 48, 4096].flatMap { count in
                    var all = noise(count / 2, seed: 5)
                    k.pair_neighbors(noise(count, seed: 6), count, &all)
                    return numbers(all)
                }
            },
            KernelRun("pair_rows") { k in
                [1, 2, 5, 33].flatMap { rows in
                    var all = [Float](repeating: 1, count: (rows + 1) / 2 * 48)
                    k.pair_rows(noise(rows * 40, seed: 7), 40, rows, 32, &all, 48)
                    return numbers(all)
                }
            },
            KernelRun("byte_product") { k in
                let a = noise(4096, seed: 8).map { UInt8(truncatingIfNeeded: Int($0 * 1000)) }
                let b = noise(64 * 64, seed: 9).map { Int8(($0 * 63).rounded()) }
                let sums = noise(64, seed: 10).map { Int32($0 * 1000) }
                return [(1, 16, 1), (2, 64, 9), (3, 48, 16), (7, 32, 5), (19, 64, 16)].flatMap { rows, columns, steps in
                    var c = noise(rows * 64, seed: 11).map { Int32($0 * 1_000_000) }
                    a.withUnsafeBufferPointer { a in
                        b.withUnsafeBufferPointer { b in
                            sums.withUnsafeBufferPointer { sums in
                                c.withUnsafeMutableBufferPointer { c in
                                    var p = CKByteProduct()
                                    (p.a, p.a_row, p.b, p.b_step) = (a.baseAddress, 67, b.baseAddress, 256)
                                    (p.b_sums, p.c, p.c_row) = (sums.baseAddress, c.baseAddress, 64)
                                    (p.steps, p.rows, p.columns) = (steps, rows, columns)
                                    k.byte_product(&p)
                                }
                            }
                        }
                    }
                    return c.flatMap { [Float($0 >> 16), Float($0 & 0xffff)] }
                }
            },
            KernelRun("byte_rows") { k in
                [1, 2, 4, 33].flatMap { rows in
                    var bytes = [Int8](repeating: 7, count: (rows + 3) / 4 * 128),
                        sums = [Int32](repeating: 7, count: 32)
                    k.byte_rows(
                        noise(rows * 40, seed: 12), 40, rows, 32, noise(32, seed: 13, low: 0, high: 63), &bytes, &sums)
                    return bytes.map { Float($0) } + sums.map { Float($0) }
                }
            },
            KernelRun("byte_states") { k in
                var bytes = [UInt8](repeating: 3, count: 5 * 21)
                k.byte_states(noise(5 * 16, seed: 14, low: -1.2, high: 1.2), 5, &bytes, 21)
                return bytes.map { Float($0) }
            },
            KernelRun("add_scaled_sums") { k in
                var all = noise(3 * panel, seed: 15)
                k.add_scaled_sums(
                    noise(3 * panel, seed: 16).map { Int32($0 * 1e9) }, 3, noise(panel, seed: 17, low: 0, high: 1e-6),
                    &all)
                return all
            },
            KernelRun("transpose") { k in
                var all: [Float] = []
                for (rows, columns) in [(1, 1), (17, 33), (16, 16), (35, 19)] {
                    var target = [Float](repeating: 9, count: columns * (rows + 2))
                    k.transpose(noise(rows * columns), columns, rows, columns, &target, rows + 2)
                    all += target
                }
                return all
            },
            KernelRun("strassen_left") { k in
                var sums = noise(4 * 64, seed: 1)
                k.strassen_left(
                    noise(48, seed: 2), noise(48, seed: 3), noise(48, seed: 4), noise(48, seed: 5), 48, &sums, 64)
                return sums
            },
            KernelRun("strassen_right") { k in
                var sums = noise(4 * 64, seed: 1)
                k.strassen_right(
                    noise(48, seed: 2), noise(48, seed: 3), noise(48, seed: 4), noise(48, seed: 5), 48, &sums, 64)
                return sums
            },
            KernelRun("strassen_join") { k in
                var c = (0..<4).map { noise(48, seed: 6 + $0) }
                var (c11, c12, c21, c22) = (c[0], c[1], c[2], c[3])
                k.strassen_join(noise(7 * 64, seed: 2), 64, 48, &c11, &c12, &c21, &c22)
                c = [c11, c12, c21, c22]
                return c.flatMap { $0 }
            },
        ]
    }

    /// Calls `body` with rows and buffers for a panel of gates: pre-activations, state before, gates, and so on.
    static var cells: [KernelRun] {
        let rows = 5, scratch = noise(rows * panel, seed: 5), before = noise(rows * 16, seed: 6)
        let dh = noise(rows * panel, seed: 8), ids: [Int32] = [2, 0, 3, 2, 1]
        return [
            KernelRun("start_accumulators") { k in
                var first = zeros(rows * panel), second = first
                k.start_accumulators(&first, rows, noise(panel), nil, 0, 0, nil)
                k.start_accumulators(&second, rows, noise(panel), noise(4 * 48, seed: 9), 48, 48, ids)
                return first + second
            },
            KernelRun("lstm_forward") { k in
                var gates = zeros(rows * panel), c = before, h = before
                k.lstm_forward(scratch, rows, before, &gates, &c, &h)
                return gates + c + h
            },
            KernelRun("lstm_backward") { k in
                var gates = noise(rows * panel, seed: 10, low: 0, high: 1), dc = noise(rows * 16, seed: 11)
                k.lstm_backward(dh, rows, &gates, before, noise(rows * 16, seed: 12, low: -1, high: 1), &dc)
                return gates + dc
            },
            KernelRun("gru_forward") { k in
                var gates = zeros(rows * panel), h = before
                k.gru_forward(scratch, rows, before, &gates, &h)
                return gates + h
            },
            KernelRun("gru_backward") { k in
                var gates = noise(rows * panel, seed: 10, low: 0, high: 1), carried = noise(rows * 16, seed: 11)
                k.gru_backward(dh, rows, &gates, before, &carried)
                return gates + carried
            },
            KernelRun("tanh_forward") { k in
                var h = zeros(rows * panel)
                k.tanh_forward(scratch, rows, &h, rows * 16, 3)
                return h
            },
            KernelRun("tanh_backward") { k in
                var gates = zeros(rows * panel)
                k.tanh_backward(dh, rows, noise(rows * 48, seed: 13, low: -1, high: 1), rows * 16, 3, &gates)
                return gates
            },
            KernelRun("sum_and_scatter") { k in
                var bias = noise(panel), table = noise(4 * 48, seed: 9)
                k.sum_and_scatter(scratch, rows, &bias, &table, 48, 48, ids)
                return bias + table
            },
        ]
    }

    static var reductions: [KernelRun] {
        func scalar(_ name: String, _ kernel: @escaping (CKKernels, [Float]) -> Float) -> KernelRun {
            // Many sizes: the rounding of one sum can hide another order of adding.
            KernelRun(name) { k in (1...300).map { kernel(k, noise($0, low: -1, high: 3)) } }
        }
        return [
            scalar("sum") { $0.sum($1, $1.count) }, scalar("sum_of_squares") { $0.sum_of_squares($1, $1.count) },
            scalar("maximum") { $0.maximum($1, $1.count) },
            KernelRun("column_sums") { k in
                var sums = noise(37, seed: 2)
                k.column_sums(noise(9 * 41), 9, 37, 41, &sums)
                return sums
            },
            KernelRun("add_row") { k in
                var y = noise(3 * 37)
                k.add_row(&y, noise(37, seed: 2), 3, 37)
                return y
            },
            KernelRun("softmax") { k in
                var y = zeros(3 * 37)
                k.softmax(noise(3 * 37, low: -9, high: 9), 3, 37, &y)
                return y
            },
            KernelRun("softmax_cross_entropy") { k in
                var all: [Float] = []
                for columns in [5, 37, 530] {
                    let logits = noise(2 * columns, low: -9, high: 9), targets = [Int32(columns - 1), 2]
                    var losses = zeros(2), only = losses
                    var gradient = zeros(2 * columns)
                    k.softmax_cross_entropy(logits, targets, 2, columns, 0.5, &losses, &gradient)
                    k.softmax_cross_entropy(logits, targets, 2, columns, 0.5, &only, nil)
                    all += losses + gradient + only
                }
                return all
            },
        ]
    }
}
