#include "CKernels.h"
#if defined(__aarch64__)  // NEON with fused multiply-add is part of the base instruction set
#define TILE_VECTORS 1
#define LANE_PART 4
#define FLUSHES BEFORE_ROUNDING
#define TILE_SUMS 24
#include "bodies/table.h"
const CKKernels ck_kernels_neon = KERNEL_TABLE("neon", STEPPED, BYTES);
#endif
