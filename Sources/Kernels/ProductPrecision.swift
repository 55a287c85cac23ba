/// What the operands of products are rounded to. Sums, and whatever is no product, are in single precision either way.
///
/// In half precision products have half as much to read, and processors with an instruction for it do twice as many
/// multiply-adds at a time; others give the same bits at the speed of single precision, or below. Both the weights that
/// are trained and their gradients stay in single precision: there is nothing to scale, as bf16 has its range.
package enum ProductPrecision: String, CaseIterable, Codable, Sendable {
    case single
    /// bf16: the upper half of a single-precision number, 8 bits of significand, to the nearest, ties to even.
    case bfloat16 = "bf16"

    /// What a line that says how something was made has of it: ", bf16", and nothing of single precision.
    package var note: String { self == .single ? "" : ", \(rawValue)" }

    package var other: ProductPrecision { self == .single ? .bfloat16 : .single }

    /// Numbers that follow each other in the depth of a product and lie in one place of 32 bits.
    package var numbersPerPlace: Int { self == .single ? 1 : 2 }
}
