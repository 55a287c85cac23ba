#include "CKernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define TILE_VECTORS 1
#define LANE_PART 8
#define FLUSHES AFTER_ROUNDING
#define TILE_SUMS 12
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "bodies/table.h"
#pragma clang attribute pop
const CKKernels ck_kernels_avx2 = KERNEL_TABLE("avx2", STEPPED, BYTES);
#endif
