// Weights and states rounded to bytes, and products of them. Sums are of whole numbers: exact, whatever their order.

typedef uint32_t u8 __attribute__((ext_vector_type(8)));
typedef uint32_t u16_unaligned __attribute__((ext_vector_type(16), aligned(4)));
INLINE u16 load_whole(const int32_t *p) { return *(const u16_unaligned *)p; }
INLINE void store_whole(int32_t *p, u16 v) { *(u16_unaligned *)p = v; }

// To the nearest whole number, ties to even, for numbers of at most 2^22 in size.
INLINE i16 nearest_whole(v16 x) { return __builtin_bit_cast(i16, x + splat(12582912.0f)) - 0x4b400000; }

// The ways to add four products of bytes to a sum.
#define BY_PAIRS 0         // of numbers of 16 bits
#define BY_SIGNED_PAIRS 1  // the same of bytes with a sign
#define BY_DOT_PRODUCT 2   // in one instruction

typedef void (*ByteTileFunction)(const CKByteProduct *p, const uint8_t *a, const int8_t *b, const int32_t *b_sums,
                                 int32_t *c);

enum { BYTES_AHEAD = 2048 };

#define BYTES(name) name
#if FLUSHES == BEFORE_ROUNDING
#include <arm_neon.h>
#define BYTE_STEPS BY_SIGNED_PAIRS
#else
#define BYTE_STEPS BY_PAIRS
#endif
#if TILE_VECTORS == 4
enum { BYTE_SUMS = 24 };
#define BYTE_ROWS 6
#elif FLUSHES == BEFORE_ROUNDING
enum { BYTE_SUMS = 3 };
#define BYTE_ROWS 3
#else
enum { BYTE_SUMS = 4 };
#define BYTE_ROWS 4
#endif
#include "byte_steps.h"

// Rows of weights, [rows][columns] `x_row` apart, to [rows / 4][columns][4], each column times its factor; rows past the last
// are zeros. Columns are a multiple of 16. sums[c] is what the bytes of a column add up to.
static void byte_rows(const float *x, long x_row, long rows, long columns, const float *factors, int8_t *bytes,
                      int32_t *sums) {
    const long steps = (rows + 3) / 4;
    for (long c = 0; c < columns; c += 16) {
        const v16 factor = load(factors + c);
        u16 sum = (u16)0;
        for (long s = 0; s < steps; s++) {
            u16 four = (u16)0;
            for (long k = 0; k < 4 && s * 4 + k < rows; k++) {
                const u16 whole = (u16)nearest_whole(load(x + (s * 4 + k) * x_row + c) * factor);
                sum += whole;
                four |= (whole & 0xff) << (uint32_t)(8 * k);
            }
            store_whole((int32_t *)(bytes + (s * columns + c) * 4), four);
        }
        store_whole(sums + c, sum);
    }
}

// 16 states of each row, from -1 to 1, to bytes: 127 times as large, and 128 more.
static void byte_states(const float *h, long rows, uint8_t *bytes, long bytes_row) {
    typedef uint8_t b16 __attribute__((ext_vector_type(16), aligned(1)));
    for (long r = 0; r < rows; r++) {
        const v16 x = at_most(at_least(load(h + r * 16) * splat(127.0f), -127.0f), 127.0f);
        *(b16 *)(bytes + r * bytes_row) = __builtin_convertvector(nearest_whole(x) + 128, b16);
    }
}

// scratch[r][c] += scale[c] * sums[r][c], 64 columns.
static void add_scaled_sums(const int32_t *sums, long rows, const float *scale, float *scratch) {
    for (long r = 0; r < rows; r++)
        for (long c = 0; c < CK_PANEL; c += 16) {
            float *target = scratch + r * CK_PANEL + c;
            const v16 sum = __builtin_convertvector((i16)load_whole(sums + r * CK_PANEL + c), v16);
            store(target, FMA(sum, load(scale + c), load(target)));
        }
}
