package import CKernels

/// The one product that every fast layer is cut into: C = S + A B for some rows and the up to 64 columns of a panel, by
/// the kernel `panel_product`.
///
/// The depth of the sums comes in groups: k runs over `inner` places of each of `groups` groups. The layouts say how many
/// floats apart neighbors lie, so that operands are multiplied where they are; they are fixed when a product is made, and
/// each call says where the blocks begin. Each element is one sum in increasing order of (group, k) by fused multiply-adds,
/// whatever the layouts: the same bits as the three loops of `ck_plain_product`.
///
/// In half precision A and B are pairs (`pair_product`), and a pair counts as one float in the steps and as one k.
package struct PanelProduct {
    /// A(group, k, row), floats from one to the next of each.
    package struct Left {
        let row, k, group: Int

        @inline(__always)
        package init(row: Int, k: Int, group: Int = 0) { (self.row, self.k, self.group) = (row, k, group) }
    }

    /// B(group, k, column), floats from one k and one group to the next, and from one vector of 16 columns to the next.
    package struct Right {
        let k, group, vector: Int

        @inline(__always)
        package init(k: Int, group: Int = 0, vector: Int = 16) {
            (self.k, self.group, self.vector) = (k, group, vector)
        }
    }

    /// The rows of C or S, floats from one row to the next, and from one vector of 16 columns to the next in a row.
    package struct Rows {
        let row, vector: Int

        @inline(__always)
        package init(row: Int, vector: Int = 16) { (self.row, self.vector) = (row, vector) }
    }

    /// Where the sums start.
    package enum Start {
        case zero
        /// At what is in C already.
        case result
        /// At the same row for all.
        case bias(UnsafePointer<Float>)
        case values(UnsafePointer<Float>, Rows)
    }

    /// What is drawn into the second-level cache meanwhile, for the products that follow.
    package enum Ahead {
        case nothing
        /// A block of as many rows of 64 columns as this product's B has, a quarter with each of the first four tiles of
        /// rows; nil for nothing.
        case panel(UnsafePointer<Float>?)
        /// For each of the first three tiles of rows `inner` cache lines from a place on, and again `group` floats on for
        /// each group.
        case lines(CKPrefetch, CKPrefetch, CKPrefetch = CKPrefetch())
    }

    private let multiply: @convention(c) (UnsafePointer<CKPanelProduct>?) -> Void
    private var call = CKPanelProduct()
    private let result: Rows

    @inline(__always)
    package init(
        _ kernels: CKKernels, in precision: ProductPrecision = .single, left: Left, right: Right, result: Rows
    ) {
        multiply = precision == .single ? kernels.panel_product : kernels.pair_product
        self.result = result
        (call.a_row, call.a_k, call.a_group) = (left.row, left.k, left.group)
        (call.b_k, call.b_group, call.b_vector) = (right.k, right.group, right.vector)
        (call.c_row, call.c_vector) = (result.row, result.vector)
    }

    /// - Parameters:
    ///   - rows: of A and C.
    ///   - columns: of B and C, at most 64; rows of B can be read up to the next multiple of 16.
    @inline(__always)
    package mutating func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, from start: Start,
        groups: Int, inner: Int, rows: Int, columns: Int, ahead: Ahead = .nothing
    ) {
        (call.a, call.b, call.c) = (a, b, c)
        (call.groups, call.inner, call.rows, call.columns) = (groups, inner, rows, columns)
        switch start {
        case .zero: call.start = nil
        case .result: (call.start, call.start_row, call.start_vector) = (UnsafePointer(c), result.row, result.vector)
        case .bias(let row): (call.start, call.start_row, call.start_vector) = (row, 0, 16)
        case .values(let values, let layout):
            (call.start, call.start_row, call.start_vector) = (values, layout.row, layout.vector)
        }
        let none = CKPrefetch()
        switch ahead {
        case .nothing, .panel(nil): call.prefetch = (none, none, none, none)
        case .panel(.some(let block)):
            let group = inner * 16, share = groups * group
            call.prefetch = (
                CKPrefetch(lines: block, group: group), CKPrefetch(lines: block + share, group: group),
                CKPrefetch(lines: block + 2 * share, group: group), CKPrefetch(lines: block + 3 * share, group: group)
            )
        case .lines(let first, let second, let third): call.prefetch = (first, second, third, none)
        }
        multiply(&call)
    }
}
