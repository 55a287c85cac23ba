import CKernels

/// Elementary functions in Double whose bits are the same on every processor; the C library's are not.
package enum DeterministicMath {
    package static func exp(_ x: Double) -> Double { ck_exp(x) }
    package static func log(_ x: Double) -> Double { ck_log(x) }
    package static func sin(_ x: Double) -> Double { ck_sin(x) }
    package static func cos(_ x: Double) -> Double { ck_cos(x) }
    package static func tanh(_ x: Double) -> Double { ck_tanh(x) }
    package static func pow(_ x: Double, _ y: Double) -> Double { ck_pow(x, y) }
}
