#include "CKernels.h"
#if defined(__x86_64__)
#define TILE_VECTORS 4
#define LANE_PART 16
#define TILE_SUMS 24
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "bodies/table.h"
#pragma clang attribute pop
const CKKernels ck_kernels_avx512 = KERNEL_TABLE("avx512");
#endif
