import CKernels
import Kernels
import Testing

/// Every kernel of the table gives the same bits on every instruction set this machine can run, at sizes that are not
/// multiples of anything.
@Suite struct SameBitsTests {
    static let reference = InstructionSet.portable

    @Test(arguments: InstructionSet.available.filter { $0 != reference })
    func sameBits(_ set: InstructionSet) {
        for item in KernelRuns.all {
            let found = item.run(set.table), expected = item.run(Self.reference.table)
            #expect(found.count == expected.count && !expected.isEmpty)
            let different = zip(found, expected).filter { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
            #expect(
                different.isEmpty,
                "\(item.name), \(set.rawValue): \(different.count) of \(expected.count), first \(different.first!)")
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
