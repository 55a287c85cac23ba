// No instruction set assumed: the C library's fmaf supplies the fused multiply-add, in software where the
// processor has none. Slow, and bit for bit the same.
#include "CKernels.h"
#define TILE_VECTORS 1
#define LANE_PART 4
#define FLUSHES NEVER
#define TILE_SUMS 12
#include "bodies/table.h"
const CKKernels ck_kernels_portable = KERNEL_TABLE("portable", STEPPED, BYTES);
