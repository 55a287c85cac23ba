/// An amount that a plan multiplies up from sizes that somebody chose: bytes, numbers. It stays at the largest integer
/// where the product has no room in one, and is then more than any machine has, instead of stopping the program.
public struct PlannedAmount: Hashable, Sendable, ExpressibleByIntegerLiteral {
    public let value: Int

    public init(_ value: Int) { self.value = value }
    public init(integerLiteral value: Int) { self.value = value }

    /// - Precondition: neither is negative.
    public static func + (a: PlannedAmount, b: PlannedAmount) -> PlannedAmount {
        let (sum, overflows) = a.value.addingReportingOverflow(b.value)
        return PlannedAmount(overflows ? .max : sum)
    }

    /// - Precondition: neither is negative.
    public static func * (a: PlannedAmount, b: PlannedAmount) -> PlannedAmount {
        let (product, overflows) = a.value.multipliedReportingOverflow(by: b.value)
        return PlannedAmount(overflows ? .max : product)
    }
}
