import Requirements
package import TensorCore

/// A one in the column of each id, zeros elsewhere: ids of any shape to [ids..., classes]. For lessons and tests: the
/// recurrent layers and ``Embedding`` take the ids themselves and never build this.
package func oneHot(_ ids: [Int32], shape: Shape? = nil, classes: Int) -> Tensor {
    let shape = shape ?? [ids.count]
    require(shape.count == ids.count, "\(ids.count) ids for shape \(shape)")
    require(ids.allSatisfy { $0 >= 0 && $0 < classes }, "an id is outside of the \(classes) classes")
    var result = Tensor(zeros: Shape(shape.dimensions + [classes]))
    result.withUnsafeMutablePointer { target in
        for (row, id) in ids.enumerated() { target[row * classes + Int(id)] = 1 }
    }
    return result
}
