package import CKernels

/// An instruction set the kernels are compiled for. All of them give the same bits. `avx512vnni` is `avx512` but for the
/// products of bytes, `avx512bf16` is `avx512vnni` but for those of half precision.
package enum InstructionSet: String, CaseIterable, Sendable {
    case avx512bf16, avx512vnni, avx512, avx2, neon, portable

    /// The kernels for this instruction set, or nil if this processor cannot run it.
    package var kernels: CKKernels? {
        ck_kernels(code)?.pointee
    }

    /// What this processor can run, what has more instructions first. Never empty: `portable` runs anywhere.
    package static var available: [InstructionSet] {
        allCases.filter { ck_kernels($0.code) != nil }
    }

    /// The one that computes fastest here: the first of ``available``, but that `avx512bf16` is passed over where its one
    /// instruction takes longer than the two multiply-adds that stand for it in `avx512vnni`. An EPYC of the fifth
    /// generation does it in half their time, a Xeon of the fifth in twice (VDPBF16PS, every other cycle). Nothing tells
    /// the two apart but a clock: both are tried, for some 0.2 ms, when this is first asked for.
    package static let fastest: InstructionSet = {
        guard let pairs = avx512bf16.kernels?.pair_peak, let multiplyAdds = avx512vnni.kernels?.pair_peak else {
            return available[0]
        }
        let clock = ContinuousClock()
        var leastOfPairs = Duration.seconds(1), leastOfMultiplyAdds = leastOfPairs, sink: Float = 0
        // In turn, the best of several: what disturbs a turn, or wakes the wide registers, makes it slower, never faster.
        for _ in 0..<10 {
            leastOfPairs = min(leastOfPairs, clock.measure { _ = pairs(500, &sink) })
            leastOfMultiplyAdds = min(leastOfMultiplyAdds, clock.measure { _ = multiplyAdds(500, &sink) })
        }
        return leastOfPairs <= leastOfMultiplyAdds ? .avx512bf16 : .avx512vnni
    }()

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
