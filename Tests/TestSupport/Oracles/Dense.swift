extension Oracle {
    /// x·Wᵀ + b on the last axis: x [..., K], weight [J, K], bias [J] → [..., J].
    public static func dense(_ x: ArrayND, weight: ArrayND, bias: ArrayND? = nil) -> ArrayND {
        let (J, K) = (weight.shape[0], weight.shape[1])
        precondition(x.shape.last == K, "dense: input \(x.shape), weight \(weight.shape)")
        precondition(bias.map { $0.shape == [J] } ?? true, "dense: bias of another shape than [\(J)]")
        let rows = x.reshaped([x.count / K, K])
        var result = matrixProduct(rows, weight, transposeB: true)
        if let bias = bias?.values {
            result.values = result.values.indices.map { result.values[$0] + bias[$0 % J] }
        }
        return result.reshaped(x.shape.dropLast() + [J])
    }
}
