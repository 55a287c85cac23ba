import Kernels

/// What the numbers that recurrent layers and autoencoders multiply are rounded to in training.
public enum TrainingPrecision: String, Sendable, CaseIterable {
    case single
    /// 8 bits of significand and the range of single precision, in which sums and weights stay. Up to 1.8 times as fast on
    /// AMD's processors with AVX-512 BF16, no faster than single precision on others; the same bits on all.
    case bfloat16 = "bf16"

    var ofProducts: ProductPrecision { self == .single ? .single : .bfloat16 }
}
