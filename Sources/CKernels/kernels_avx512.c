#include "CKernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define TILE_VECTORS 4
#define LANE_PART 16
#define FLUSHES AFTER_ROUNDING
#define TILE_SUMS 24
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "bodies/table.h"
#pragma clang attribute pop
const CKKernels ck_kernels_avx512 = KERNEL_TABLE("avx512", STEPPED, BYTES);

// The same kernels, but that products of bytes have an instruction.
#undef BYTE_STEPS
#undef BYTES
#define BYTE_STEPS BY_DOT_PRODUCT
#define BYTES(name) name##_vnni
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vnni,avx2,fma"))), apply_to = function)
#include "bodies/byte_steps.h"
#pragma clang attribute pop
const CKKernels ck_kernels_avx512vnni = KERNEL_TABLE("avx512vnni", STEPPED, BYTES);

// And products of half precision as well.
#undef PAIR_STEPS
#undef STEPPED
#define PAIR_STEPS IN_ONE_INSTRUCTION
#define STEPPED(name) name##_bf16
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)
#include "bodies/pair_steps.h"
#pragma clang attribute pop
const CKKernels ck_kernels_avx512bf16 = KERNEL_TABLE("avx512bf16", STEPPED, BYTES);
#endif
