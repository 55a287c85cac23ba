import CKernels

/// Elementary functions in Double whose bits are the same on every processor; the C library's are not.
public enum DeterministicMath {
    /// e to the power of x.
    public static func exp(_ x: Double) -> Double { ck_exp(x) }
    /// The natural logarithm.
    public static func log(_ x: Double) -> Double { ck_log(x) }
    /// The sine of x in radians.
    public static func sin(_ x: Double) -> Double { ck_sin(x) }
    /// The cosine of x in radians.
    public static func cos(_ x: Double) -> Double { ck_cos(x) }
    /// The hyperbolic tangent.
    public static func tanh(_ x: Double) -> Double { ck_tanh(x) }
    /// x to the power of y.
    public static func pow(_ x: Double, _ y: Double) -> Double { ck_pow(x, y) }
}
