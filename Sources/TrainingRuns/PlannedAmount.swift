/// An amount that a plan multiplies up from sizes that somebody chose: bytes, numbers. It stays at the largest integer
/// where the product has no room in one, and is then more than any machine has, instead of stopping the program.
package struct PlannedAmount: Hashable, Sendable, ExpressibleByIntegerLiteral {
    package let value: Int

    package init(_ value: Int) { self.value = value }
    package init(integerLiteral value: Int) { self.value = value }

    /// - Precondition: neither is negative.
    package static func + (a: PlannedAmount, b: PlannedAmount) -> PlannedAmount {
        let (sum, overflows) = a.value.addingReportingOverflow(b.value)
        return PlannedAmount(overflows ? .max : sum)
    }

    /// - Precondition: neither is negative.
    package static func * (a: PlannedAmount, b: PlannedAmount) -> PlannedAmount {
        let (product, overflows) = a.value.multipliedReportingOverflow(by: b.value)
        return PlannedAmount(overflows ? .max : product)
    }
}
