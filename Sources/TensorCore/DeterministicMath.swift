import CKernels

/// Elementary functions in Double whose bits are the same on every processor; the C library's are not.
public enum DeterministicMath {
    public static func exp(_ x: Double) -> Double { ck_exp(x) }
    public static func log(_ x: Double) -> Double { ck_log(x) }
    public static func sin(_ x: Double) -> Double { ck_sin(x) }
    public static func cos(_ x: Double) -> Double { ck_cos(x) }
    public static func tanh(_ x: Double) -> Double { ck_tanh(x) }
    public static func pow(_ x: Double, _ y: Double) -> Double { ck_pow(x, y) }
}
