package import CKernels

/// An instruction set the kernels are compiled for. All of them give the same bits.
package enum InstructionSet: String, CaseIterable, Sendable {
    case avx512, avx2, neon, portable

    /// The kernels for this instruction set, or nil if this processor cannot run it.
    package var kernels: CKKernels? {
        ck_kernels(code)?.pointee
    }

    /// What this processor can run, fastest first. Never empty: `portable` runs anywhere.
    package static var available: [InstructionSet] {
        allCases.filter { ck_kernels($0.code) != nil }
    }

    private var code: CKInstructionSet {
        switch self {
        case .avx512: CK_AVX512
        case .avx2: CK_AVX2
        case .neon: CK_NEON
        case .portable: CK_PORTABLE
        }
    }
}
