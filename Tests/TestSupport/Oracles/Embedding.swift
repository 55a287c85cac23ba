extension Oracle {
    /// Rows of the table: ids of any `shape`, weight [V, D] → [..., D].
    public static func embedding(_ ids: [Int], shape: [Int]? = nil, weight: ArrayND) -> ArrayND {
        ArrayND(
            shape: (shape ?? [ids.count]) + [weight.shape[1]], values: ids.flatMap { weight.part($0).values })
    }

    /// A one at each id, zeros elsewhere: ids of any `shape` → [..., V].
    public static func oneHot(_ ids: [Int], shape: [Int]? = nil, classes: Int) -> ArrayND {
        var result = ArrayND(shape: [ids.count, classes])
        for (row, id) in ids.enumerated() { result[row, id] = 1 }
        return result.reshaped((shape ?? [ids.count]) + [classes])
    }
}
