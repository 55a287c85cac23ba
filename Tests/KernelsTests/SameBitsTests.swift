import CKernels
import Kernels
import Testing

/// Every kernel of the table gives the same bits on every instruction set this machine can run, at sizes that are not
/// multiples of anything.
@Suite struct SameBitsTests {
    static let reference = InstructionSet.portable

    @Test(arguments: InstructionSet.available.filter { $0 != reference })
    func sameBits(_ set: InstructionSet) { compare(set, "noise") }

    /// Zeros of either sign, denormal numbers, and equal ones.
    @Test(arguments: InstructionSet.available.filter { $0 != reference })
    func sameBitsOfSmallAndEqualNumbers(_ set: InstructionSet) {
        StrewnNumbers.$current.withValue(StrewnNumbers.finite) {
            #expect(noise(1000).contains(0) && noise(1000).contains { $0.isSubnormal })
            compare(set, "small and equal numbers")
        }
    }

    /// What is not a number is so everywhere, whatever its bits. Kernels of whole numbers are given none.
    @Test(arguments: InstructionSet.available.filter { $0 != reference })
    func sameBitsOfWhatIsNotFinite(_ set: InstructionSet) {
        StrewnNumbers.$current.withValue(StrewnNumbers.notFinite) {
            #expect(noise(100).contains { $0.isNaN } && noise(100).contains { $0.isInfinite })
            compare(set, "numbers that are not finite") { !$0.hasPrefix("byte_") && $0 != "add_scaled_sums" }
        }
    }

    private func compare(_ set: InstructionSet, _ inputs: String, of isMeant: (String) -> Bool = { _ in true }) {
        for item in KernelRuns.all where isMeant(item.name) {
            let found = item.run(set.table), expected = item.run(Self.reference.table)
            #expect(found.count == expected.count && !expected.isEmpty)
            let different = zip(found, expected).filter { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
            #expect(
                different.isEmpty,
                "\(item.name) of \(inputs), \(set.rawValue): \(different.count) of \(expected.count), first \(different.first!)"
            )
        }
    }

    /// All but the measurements of the peak and of memory, whose chains are as many as the registers of the instruction
    /// set; see MeasuringTests.
    @Test func everyKernelIsRun() {
        let pointers = MemoryLayout<CKKernels>.size / MemoryLayout<UnsafeRawPointer>.size
        #expect(Set(KernelRuns.all.map(\.name)).count == pointers - 10, "not compared: name, shapes, peaks, memory")
    }

    @Test func namesAreTheirOwn() {
        for set in InstructionSet.available { #expect(String(cString: set.table.name) == set.rawValue) }
    }
}
