package import CKernels

/// An instruction set the kernels are compiled for. All of them give the same bits. `avx512vnni` is `avx512` but for the
/// products of bytes, `avx512bf16` is `avx512vnni` but for those of half precision.
package enum InstructionSet: String, CaseIterable, Sendable {
    case avx512bf16, avx512vnni, avx512, avx2, neon, portable

    /// The kernels for this instruction set, or nil if this processor cannot run it.
    package var kernels: CKKernels? {
        ck_kernels(code)?.pointee
    }

    /// What this processor can run, fastest first. Never empty: `portable` runs anywhere.
    package static var available: [InstructionSet] {
        allCases.filter { ck_kernels($0.code) != nil }
    }

    /// Whether a tile of the product spans all 64 columns of a panel: where not, a panel is walked in slices.
    package var hasWideTiles: Bool { [.avx512bf16, .avx512vnni, .avx512].contains(self) }

    private var code: CKInstructionSet {
        switch self {
        case .avx512bf16: CK_AVX512BF16
        case .avx512vnni: CK_AVX512VNNI
        case .avx512: CK_AVX512
        case .avx2: CK_AVX2
        case .neon: CK_NEON
        case .portable: CK_PORTABLE
        }
    }
}
