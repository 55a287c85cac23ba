import Autodiff
import Kernels
import LayerEngines
import Layers
import Requirements
import TensorCore
import TextCorpora

/// A model that reads N texts at once, unit by unit: its state and what it expects next.
struct ModelLanes {
    private let model: LanguageModel
    private let context: ComputeContext
    /// The state after what was read last on a tape; while `stepped` is not nil, that holds the newer one.
    private var settled: LanguageModelState
    /// Reads single units: with the same bits as a tape, and much less to do beside.
    private var stepped: (any RecurrentStepper)?
    /// Logits for the next unit of each lane, [N, V]; nil before anything was read.
    private var logits: Tensor?

    /// N lanes that have read nothing, in a state of zeros.
    init(_ model: LanguageModel, lanes: Int = 1, in context: ComputeContext) {
        self.model = model
        self.context = context
        settled = LanguageModelState(zerosFor: model.configuration, lanes: lanes)
    }

    var hasRead: Bool { logits != nil }

    var state: LanguageModelState {
        stepped?.state(ofLayers: settled.layers.count) ?? settled
    }

    /// Reads ids: any number of them with one lane, one for each lane with several.
    /// - Parameter observe: called, with one lane, for the place of each id with the logits, [V], for the unit after it.
    mutating func read(_ ids: [Int32], observe: ((Int, UnsafeBufferPointer<Float>) -> Void)? = nil) {
        let lanes = settled.lanes
        require(lanes == 1 || ids.count == lanes, "\(ids.count) ids for \(lanes) lanes")
        if ids.isEmpty { return }
        if ids.count == lanes || model.precision != .single, let stack = stackOfItsOwn() {
            for (place, first) in stride(from: 0, to: ids.count, by: lanes).enumerated() {
                logits = stack.advance(Array(ids[first..<first + lanes]))
                if let observe { withLogits(ofLane: 0) { observe(place, $0) } }
            }
            return
        }
        settle()
        // A piece with more units than there are classes would go through the product with the embedding's whole table,
        // which rounds otherwise: the state must not depend on the pieces that a text comes in, nor on other lanes.
        require(lanes <= model.configuration.classes, "\(lanes) lanes for \(model.configuration.classes) classes")
        let size = lanes > 1 ? lanes : Swift.min(256, model.configuration.classes)
        for start in stride(from: 0, to: ids.count, by: size) {
            let tape = Tape(in: context, recording: false)
            let piece = Array(ids[start..<Swift.min(start + size, ids.count)])
            let (all, after) = model(piece, state: settled, mode: .inference, on: tape)
            logits = all.value.reshaped(to: [piece.count, model.configuration.classes])
            settled = after
            if let observe {
                for place in piece.indices { withLogits(ofLane: place) { observe(start + place, $0) } }
            }
        }
        if lanes == 1 { logits = logits?.lastRow }
    }

    private mutating func settle() {
        settled = state
        stepped = nil
    }

    /// A stepped stack that no copy of this value shares, made if need be. Nil where the model has no such stack.
    private mutating func stackOfItsOwn() -> (any RecurrentStepper)? {
        if var stack = stepped.take() {
            let isOwn = isKnownUniquelyReferenced(&stack)
            stepped = stack
            if isOwn { return stack }
        }
        settle()
        stepped = model.stepped(lanes: settled.lanes, in: context)
        stepped?.set(settled)
        return stepped
    }

    /// Calls `body` with the logits, [V], for the unit after lane `lane`'s last.
    func withLogits<Result>(ofLane lane: Int, _ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
        guard let logits else { fatalError("logits before the first unit") }
        require((0..<logits.shape[0]).contains(lane), "lane \(lane) of \(logits.shape[0])")
        let classes = logits.shape[1]
        return logits.withUnsafePointer { body(UnsafeBufferPointer(start: $0 + lane * classes, count: classes)) }
    }

    /// Rearranges the lanes: lane k becomes a copy of lane `sources[k]`.
    mutating func select(_ sources: [Int]) {
        settle()
        settled = settled.selecting(sources)
        logits = logits?.selectingRows(sources)
    }

    /// More lanes of the same model after these.
    /// - Precondition: both have read something, or neither has.
    mutating func append(_ other: ModelLanes) {
        require(hasRead == other.hasRead, "lanes that have read something beside some that have not")
        settle()
        settled = settled.appending(other.state)
        if let added = other.logits { logits = logits?.appendingRows(of: added) }
    }
}

extension LanguageModelState {
    func appending(_ other: LanguageModelState) -> LanguageModelState {
        LanguageModelState(
            layers: zip(layers, other.layers).map { layer, added in
                Layer(
                    h: layer.h.appendingRows(of: added.h),
                    c: layer.c.flatMap { c in added.c.map { c.appendingRows(of: $0) } })
            })
    }

    func selecting(_ lanes: [Int]) -> LanguageModelState {
        LanguageModelState(layers: layers.map { Layer(h: $0.h.selectingRows(lanes), c: $0.c?.selectingRows(lanes)) })
    }
}

extension Tensor {
    /// Row k of the result is row `rows[k]` of this matrix.
    fileprivate func selectingRows(_ rows: [Int]) -> Tensor {
        let columns = shape[1]
        require(rows.allSatisfy { (0..<shape[0]).contains($0) }, "rows \(rows) of a tensor of shape \(shape)")
        var result = Tensor(uninitialized: [rows.count, columns])
        result.withUnsafeMutablePointer { target in
            withUnsafePointer { source in
                for (place, row) in rows.enumerated() {
                    (target + place * columns).update(from: source + row * columns, count: columns)
                }
            }
        }
        return result
    }

    /// The rows of this matrix, then those of another.
    fileprivate func appendingRows(of other: Tensor) -> Tensor {
        require(shape[1] == other.shape[1], "rows of shape \(other.shape) after some of shape \(shape)")
        var result = Tensor(uninitialized: [shape[0] + other.shape[0], shape[1]])
        let (count, added) = (count, other.count)
        result.withUnsafeMutablePointer { target in
            withUnsafePointer { target.update(from: $0, count: count) }
            other.withUnsafePointer { (target + count).update(from: $0, count: added) }
        }
        return result
    }

    fileprivate var lastRow: Tensor { shape[0] == 1 ? self : selectingRows([shape[0] - 1]) }
}
