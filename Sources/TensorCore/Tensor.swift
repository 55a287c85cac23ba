import Requirements

/// A dense array of single-precision numbers, row-major and contiguous. A value: a copy shares its buffer until
/// one of the two is written to.
package struct Tensor: Sendable {
    package let shape: Shape
    private var storage: TensorStorage

    /// Whatever the buffer held: for results that are written in full.
    package init(uninitialized shape: Shape, in workspace: Workspace? = nil) {
        self.shape = shape
        storage = TensorStorage(count: shape.count, workspace: workspace)
    }

    /// The same for what may be held for long, as packed weights are: if it is, in a buffer that is hardly larger.
    package init(uninitialized shape: Shape, in workspace: Workspace, isKept: Bool) {
        self.shape = shape
        storage = TensorStorage(count: shape.count, workspace: workspace, isKept: isKept)
    }

    package init(zeros shape: Shape, in workspace: Workspace? = nil) {
        self.init(repeating: 0, shape: shape, in: workspace)
    }

    package init(repeating value: Float, shape: Shape, in workspace: Workspace? = nil) {
        self.init(uninitialized: shape, in: workspace)
        storage.pointer.update(repeating: value, count: shape.count)
    }

    /// Cost: that of copying memory for arrays, slices and buffers. Other collections are made one value after the other,
    /// by code that is made for their type where this is called from.
    /// - Precondition: as many values as the shape has elements.
    @inlinable
    package init(_ values: some Collection<Float>, shape: Shape) {
        Self.checkCount(values.count, shape)
        self.init(uninitialized: shape)
        let count = shape.count
        withUnsafeMutablePointer {
            _ = UnsafeMutableBufferPointer(start: $0, count: count).initialize(fromContentsOf: values)
        }
    }

    @usableFromInline
    static func checkCount(_ count: Int, _ shape: Shape) {
        require(count == shape.count, "\(count) values for a tensor of shape \(shape)")
    }

    package init(_ value: Float) { self.init([value], shape: []) }

    package var count: Int { shape.count }

    /// A copy of the elements, row-major.
    package var values: [Float] { Array(UnsafeBufferPointer(start: storage.pointer, count: count)) }

    /// The value of a tensor of one element.
    package var scalar: Float {
        require(count == 1, "a tensor of shape \(shape) is not a scalar")
        return storage.pointer[0]
    }

    /// The same elements, another shape; the buffer is shared.
    package func reshaped(to shape: Shape) -> Tensor {
        require(shape.count == count, "cannot reshape \(self.shape) to \(shape)")
        return Tensor(shape: shape, storage: storage)
    }

    package func withUnsafePointer<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(storage.pointer) }
    }

    package mutating func withUnsafeMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) rethrows -> Result {
        makeUnique()
        return try withExtendedLifetime(storage) { try body(storage.pointer) }
    }

    /// For kernels: the caller keeps the tensor alive (`withExtendedLifetime`) while it uses the pointer.
    package var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer) }

    /// For kernels that fill a result they have just created.
    package var mutablePointer: UnsafeMutablePointer<Float> {
        mutating get {
            makeUnique()
            return storage.pointer
        }
    }

    /// Whether nobody else holds the buffer, so that writing into it costs no copy.
    package var isUnique: Bool {
        mutating get { isKnownUniquelyReferenced(&storage) }
    }

    package subscript(indices: Int...) -> Float {
        get { storage.pointer[offset(indices)] }
        set {
            let offset = offset(indices)
            makeUnique()
            storage.pointer[offset] = newValue
        }
    }

    private init(shape: Shape, storage: TensorStorage) {
        self.shape = shape
        self.storage = storage
    }

    private mutating func makeUnique() {
        guard !isKnownUniquelyReferenced(&storage) else { return }
        let copy = TensorStorage(count: count, workspace: nil)
        copy.pointer.update(from: storage.pointer, count: count)
        storage = copy
    }

    private func offset(_ indices: [Int]) -> Int {
        require(indices.count == shape.rank, "\(indices.count) indices for a tensor of shape \(shape)")
        var offset = 0
        for (axis, index) in indices.enumerated() {
            require(index >= 0 && index < shape[axis], "index \(indices) is outside of shape \(shape)")
            offset = offset * shape[axis] + index
        }
        return offset
    }
}

extension Tensor: Equatable {
    /// Same shape and same bits.
    package static func == (left: Tensor, right: Tensor) -> Bool {
        left.shape == right.shape
            && (left.storage === right.storage
                || UnsafeRawBufferPointer(start: left.pointer, count: left.count * 4)
                    .elementsEqual(UnsafeRawBufferPointer(start: right.pointer, count: right.count * 4)))
    }
}

extension Tensor: CustomStringConvertible {
    package var description: String {
        let shown = values.prefix(8).map { "\($0)" }.joined(separator: ", ")
        return "Tensor\(shape)(\(shown)\(count > 8 ? ", …" : ""))"
    }
}
