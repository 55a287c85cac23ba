extension Oracle {
    /// The Euclidean norm of all gradients taken together.
    public static func globalNorm(_ gradients: [[Double]]) -> Double {
        gradients.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// All gradients times min(1, limit/(norm + 1e-6)): Pascanu et al. 2013, with PyTorch's 1e-6.
    public static func clip(_ gradients: [[Double]], toGlobalNorm limit: Double) -> [[Double]] {
        let factor = min(1, limit / (globalNorm(gradients) + 1e-6))
        return gradients.map { $0.map { $0 * factor } }
    }

    /// Every element into −limit...limit.
    public static func clip(_ gradients: [[Double]], toValue limit: Double) -> [[Double]] {
        gradients.map { $0.map { max(-limit, min(limit, $0)) } }
    }
}
