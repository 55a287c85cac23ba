import Requirements

/// A dense array of single-precision numbers, row-major and contiguous. A value: a copy shares its buffer until
/// one of the two is written to.
///
/// ```swift
/// var x = Tensor([[1, 2, 3], [4, 5, 6]])  // shape [2, 3]
/// x[1, 2] = 7
/// let y = 2 * x + Tensor(repeating: 1, shape: [2, 3])
/// ```
public struct Tensor: Sendable {
    /// The size of each dimension, outermost first.
    public let shape: Shape
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

    /// Whatever the buffer held, for a result that is written in full: a buffer that the context has used before, if one
    /// is free.
    public init(uninitialized shape: Shape, in context: ComputeContext) {
        self.init(uninitialized: shape, in: context.workspace)
    }

    /// Zeros.
    public init(zeros shape: Shape) { self.init(repeating: 0, shape: shape) }

    package init(zeros shape: Shape, in workspace: Workspace?) {
        self.init(repeating: 0, shape: shape, in: workspace)
    }

    /// One value everywhere.
    public init(repeating value: Float, shape: Shape) { self.init(repeating: value, shape: shape, in: nil) }

    package init(repeating value: Float, shape: Shape, in workspace: Workspace?) {
        self.init(uninitialized: shape, in: workspace)
        storage.pointer.update(repeating: value, count: shape.count)
    }

    /// The values of a collection, row by row. Cost: that of copying memory for arrays, slices and buffers. Other
    /// collections are made one value after the other, by code that is made for their type where this is called from.
    /// - Precondition: as many values as the shape has elements.
    @inlinable
    public init(_ values: some Collection<Float>, shape: Shape) {
        self.init(of: values.count, shape)
        let count = shape.count
        withUnsafeMutablePointer {
            _ = UnsafeMutableBufferPointer(start: $0, count: count).initialize(fromContentsOf: values)
        }
    }

    @usableFromInline
    init(of count: Int, _ shape: Shape) {
        require(count == shape.count, "\(count) values for a tensor of shape \(shape)")
        self.init(uninitialized: shape)
    }

    /// A vector: shape [n].
    @inlinable
    public init(_ values: some Collection<Float>) { self.init(values, shape: [values.count]) }

    /// A matrix from its rows: shape [rows, columns].
    /// - Precondition: the rows are equally long.
    public init(_ rows: [[Float]]) {
        let columns = rows.first?.count ?? 0
        require(rows.allSatisfy { $0.count == columns }, "rows of \(rows.map(\.count)) values are no matrix")
        self.init(Array(rows.joined()), shape: [rows.count, columns])
    }

    /// A scalar: shape [].
    public init(_ value: Float) { self.init([value], shape: []) }

    /// Elements.
    public var count: Int { shape.count }

    /// A copy of the elements, row-major.
    public var values: [Float] { Array(UnsafeBufferPointer(start: storage.pointer, count: count)) }

    /// The value of a tensor of one element.
    public var scalar: Float {
        require(count == 1, "a tensor of shape \(shape) is not a scalar")
        return storage.pointer[0]
    }

    /// The same elements, another shape; the buffer is shared.
    /// - Precondition: the shapes have equally many elements.
    public func reshaped(to shape: Shape) -> Tensor {
        require(shape.count == count, "cannot reshape \(self.shape) to \(shape)")
        return Tensor(shape: shape, storage: storage)
    }

    /// Reads the elements where they are, row-major; the pointer is valid inside of `body` only.
    @inlinable
    public func withUnsafePointer<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(pointer) }
    }

    /// Reads and writes the elements where they are, row-major; the pointer is valid inside of `body` only. Cost: a copy
    /// if another tensor shares the buffer.
    @inlinable
    public mutating func withUnsafeMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) rethrows -> Result {
        let pointer = mutablePointer
        defer { withExtendedLifetime(self) {} }
        return try body(pointer)
    }

    /// For kernels: the caller keeps the tensor alive (`withExtendedLifetime`) while it uses the pointer.
    @usableFromInline
    package var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer) }

    /// For kernels that fill a result they have just created.
    @usableFromInline
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

    /// The element at an index for each dimension. For a few elements: loops use ``withUnsafePointer(_:)``.
    public subscript(indices: Int...) -> Float {
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
    public static func == (left: Tensor, right: Tensor) -> Bool {
        left.shape == right.shape
            && (left.storage === right.storage
                || UnsafeRawBufferPointer(start: left.pointer, count: left.count * 4)
                    .elementsEqual(UnsafeRawBufferPointer(start: right.pointer, count: right.count * 4)))
    }
}

extension Tensor: CustomStringConvertible {
    /// The shape and the first values.
    public var description: String {
        let shown = UnsafeBufferPointer(start: pointer, count: min(8, count)).map { "\($0)" }.joined(separator: ", ")
        return "Tensor\(shape)(\(shown)\(count > 8 ? ", …" : ""))"
    }
}
