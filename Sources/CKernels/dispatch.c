#include "CKernels.h"

extern const CKKernels ck_kernels_portable;
#if defined(__x86_64__)
extern const CKKernels ck_kernels_avx2, ck_kernels_avx512, ck_kernels_avx512vnni,
    ck_kernels_avx512bf16;
#elif defined(__aarch64__)
extern const CKKernels ck_kernels_neon;
#endif

#if defined(__x86_64__)
static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("fma");
}
static int has_vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
#endif

// The compiler's run-time reads cpuid and whether the system saves the wide registers.
const CKKernels *ck_kernels(CKInstructionSet set) {
    switch (set) {
#if defined(__x86_64__)
    // Whatever has BF16 has VNNI, but it is VNNI's instruction as well that this set uses.
    case CK_AVX512BF16: return has_vnni() && __builtin_cpu_supports("avx512bf16") ? &ck_kernels_avx512bf16 : 0;
    case CK_AVX512VNNI: return has_vnni() ? &ck_kernels_avx512vnni : 0;
    case CK_AVX512: return has_avx512() ? &ck_kernels_avx512 : 0;
    case CK_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ck_kernels_avx2 : 0;
#elif defined(__aarch64__)
    case CK_NEON: return &ck_kernels_neon;
#endif
    case CK_PORTABLE: return &ck_kernels_portable;
    default: return 0;
    }
}
