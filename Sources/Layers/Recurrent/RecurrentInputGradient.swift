import CKernels
import TensorCore

/// dx = dgates W_ih over a whole window, [T, D / 16, N, 16]. Four steps share each 512 x 64 block of weights while it is in cache.
struct RecurrentInputGradient {
    let kernels: CKKernels
    let layout: PanelLayout
    let steps: Int
    let lanes: Int
    let gates: UnsafePointer<Float>
    /// [column panel][panel, k][64]
    let inputT: Tensor

    private static let stepGroup = 4

    func compute(shape: Shape, in context: ComputeContext) -> Tensor {
        var dx = Tensor(uninitialized: shape, in: context.workspace)
        let target = dx.mutablePointer, groups = shape[1], weights = inputT.pointer, workers = context.workers
        let layout = layout, steps = steps, lanes = lanes, gates = gates, kernels = kernels
        withExtendedLifetime(inputT) {
            workers.run { thread in
                let share = workers.share(of: steps, thread: thread)
                for t in stride(from: share.lowerBound, to: share.upperBound, by: Self.stepGroup) {
                    let end = min(t + Self.stepGroup, share.upperBound)
                    Self.product(
                        t..<end, target, groups: groups, weights: weights, layout: layout, lanes: lanes, gates: gates,
                        kernels: kernels)
                }
            }
        }
        return dx
    }

    private static func product(
        _ steps: Range<Int>, _ dx: UnsafeMutablePointer<Float>, groups: Int, weights: UnsafePointer<Float>,
        layout: PanelLayout, lanes: Int, gates: UnsafePointer<Float>, kernels: CKKernels
    ) {
        let width = layout.width, panelsPerBlock = max(1, 512 / width), columnPanels = (groups + 3) / 4
        var p = CKPanelProduct()
        p.a_row = 64
        p.a_k = 1
        p.a_group = lanes * 64
        p.b_k = 64
        p.b_group = width * 64
        (p.c_row, p.c_vector, p.start_row, p.start_vector) = (16, lanes * 16, 16, lanes * 16)
        p.inner = width
        p.rows = lanes
        for panel in stride(from: 0, to: layout.count, by: panelsPerBlock) {
            p.groups = min(panelsPerBlock, layout.count - panel)
            for q in 0..<columnPanels {
                p.b = weights + (q * layout.count + panel) * width * 64
                p.columns = min(64, (groups - q * 4) * 16)
                for step in steps {
                    p.a = gates + (step * layout.count + panel) * lanes * 64
                    p.c = dx + (step * groups + q * 4) * lanes * 16
                    if panel > 0 { p.start = UnsafePointer(p.c) }
                    let isNext = step == steps.lowerBound && q + 1 < columnPanels
                    p.prefetchPanel(isNext ? p.b + layout.count * width * 64 : nil)
                    kernels.panel_product(&p)
                }
            }
        }
    }
}
