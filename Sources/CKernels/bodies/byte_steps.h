// The tiles of products of bytes. Included once for each way to make a step, BYTE_STEPS; BYTES(name) are that way's names.
//
// B has four k of 16 columns in a vector, A four k of a row in 32 bits.

#if BYTE_STEPS == BY_DOT_PRODUCT  // VPDPBUSD: bytes without a sign times bytes with one, four at a time
typedef u16 BYTES(Columns);
typedef u16 BYTES(Row);
typedef u16 BYTES(Sums);
INLINE u16 BYTES(columns_of)(u16 b) { return b; }
INLINE u16 BYTES(row_of)(u16 a) { return a; }
INLINE u16 BYTES(byte_step)(u16 sums, u16 a, u16 b) {
    return (u16)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
}
INLINE u16 BYTES(total_of)(u16 sums) { return sums; }
#elif BYTE_STEPS == BY_SIGNED_PAIRS  // SMULL, SADALP: pairs of k in sums of their own, added in the end
typedef struct {
    int8x16_t of[4];
} BYTES(Columns);
typedef int8x16_t BYTES(Row);
typedef struct {
    int32x4_t of[8];
} BYTES(Sums);
INLINE BYTES(Columns) BYTES(columns_of)(u16 b) { return __builtin_bit_cast(BYTES(Columns), b); }
INLINE int8x16_t BYTES(row_of)(u16 a) { return (int8x16_t)(a.lo.lo ^ 0x80808080u); }
INLINE BYTES(Sums) BYTES(byte_step)(BYTES(Sums) sums, int8x16_t a, BYTES(Columns) b) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        sums.of[2 * i] = vpadalq_s16(sums.of[2 * i], vmull_s8(vget_low_s8(b.of[i]), vget_low_s8(a)));
        sums.of[2 * i + 1] = vpadalq_s16(sums.of[2 * i + 1], vmull_high_s8(b.of[i], a));
    }
    return sums;
}
INLINE u16 BYTES(total_of)(BYTES(Sums) sums) {
    int32x4_t total[4];
    for (int i = 0; i < 4; i++) total[i] = vpaddq_s32(sums.of[2 * i], sums.of[2 * i + 1]);
    return __builtin_bit_cast(u16, total);
}
#else  // numbers of 16 bits, the k of even places and of odd ones: VPMADDWD where there is one
typedef struct {
    u16 even, odd;
} BYTES(Columns);
typedef BYTES(Columns) BYTES(Row);
typedef u16 BYTES(Sums);
typedef int16_t s32 __attribute__((ext_vector_type(32)));
INLINE BYTES(Columns) BYTES(columns_of)(u16 b) {
    return (BYTES(Columns)){(u16)((s32)((s32)b << 8) >> 8), (u16)((s32)b >> 8)};
}
INLINE BYTES(Row) BYTES(row_of)(u16 a) { return (BYTES(Row)){a & 0x00ff00ff, a >> 8 & 0x00ff00ff}; }
// a0 b0 + a1 b1 of numbers of 16 bits with a sign.
INLINE u16 BYTES(sum_of_pair)(u16 a, u16 b) {
#if defined(__x86_64__) && TILE_VECTORS == 4
    return (u16)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__x86_64__) && FLUSHES == AFTER_ROUNDING
    u16 sum;
    sum.lo = (u8)_mm256_madd_epi16((__m256i)a.lo, (__m256i)b.lo);
    sum.hi = (u8)_mm256_madd_epi16((__m256i)a.hi, (__m256i)b.hi);
    return sum;
#else
    const i16 x = (i16)a, y = (i16)b;
    return (u16)((x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16));
#endif
}
INLINE u16 BYTES(byte_step)(u16 sums, BYTES(Row) a, BYTES(Columns) b) {
    return sums + BYTES(sum_of_pair)(a.even, b.even) + BYTES(sum_of_pair)(a.odd, b.odd);
}
INLINE u16 BYTES(total_of)(u16 sums) { return sums; }
#endif

INLINE void BYTES(byte_tile)(const int R, const int NV, const CKByteProduct *p, const uint8_t *a, const int8_t *b,
                             const int32_t *b_sums, int32_t *c) {
    BYTES(Sums) acc[BYTE_ROWS][4];
    memset(acc, 0, sizeof acc);
    const long a_row = p->a_row, b_step = p->b_step;
    for (long s = p->steps; s > 0; s--, a += 4, b += b_step) {
        BYTES(Columns) columns[4];
        // For few rows the rate of reading B is the limit, and one core alone is not enough ahead of itself.
        if (R <= 2)
#pragma clang loop unroll(full)
            for (int v = 0; v < NV; v++) __builtin_prefetch(b + BYTES_AHEAD + v * 64, 0, 3);
#pragma clang loop unroll(full)
        for (int v = 0; v < NV; v++) columns[v] = BYTES(columns_of)(load_whole((const int32_t *)(b + v * 64)));
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++) {
            uint32_t four;
            memcpy(&four, a + r * a_row, sizeof four);
            const BYTES(Row) row = BYTES(row_of)((u16)four);
#pragma clang loop unroll(full)
            for (int v = 0; v < NV; v++) acc[r][v] = BYTES(byte_step)(acc[r][v], row, columns[v]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < NV; v++) {
            int32_t *target = c + r * p->c_row + v * 16;
            u16 sums = BYTES(total_of)(acc[r][v]);
#if BYTE_STEPS != BY_SIGNED_PAIRS
            sums -= load_whole(b_sums + v * 16) << 7;  // a without a sign is too large by 128
#endif
            store_whole(target, load_whole(target) + sums);
        }
}

#define BYTE_TILE(R, NV)                                                                                          \
    static void BYTES(byte_tile_##R##x##NV)(const CKByteProduct *p, const uint8_t *a, const int8_t *b,            \
                                            const int32_t *b_sums, int32_t *c) {                                  \
        BYTES(byte_tile)(R, NV, p, a, b, b_sums, c);                                                              \
    }
#define BYTE_TILE_ROW(R) {0, BYTES(byte_tile_##R##x1), BYTES(byte_tile_##R##x2), BYTES(byte_tile_##R##x3), BYTES(byte_tile_##R##x4)}
#define BYTE_TILE_WIDTHS(R) BYTE_TILE(R, 1) BYTE_TILE(R, 2) BYTE_TILE(R, 3) BYTE_TILE(R, 4)
BYTE_TILE_WIDTHS(1) BYTE_TILE_WIDTHS(2) BYTE_TILE_WIDTHS(3)
#if BYTE_ROWS > 3
BYTE_TILE_WIDTHS(4)
#endif
#if BYTE_ROWS > 4
BYTE_TILE_WIDTHS(5) BYTE_TILE_WIDTHS(6)
#endif
static const ByteTileFunction BYTES(byte_tiles)[][5] = {
    {0}, BYTE_TILE_ROW(1), BYTE_TILE_ROW(2), BYTE_TILE_ROW(3),
#if BYTE_ROWS > 3
    BYTE_TILE_ROW(4),
#endif
#if BYTE_ROWS > 4
    BYTE_TILE_ROW(5), BYTE_TILE_ROW(6),
#endif
};

static void BYTES(byte_product)(const CKByteProduct *p) {
    const long tile_count = (p->rows + BYTE_ROWS - 1) / BYTE_ROWS;
    for (long i = 0, r = 0; i < tile_count; i++) {
        const long R = p->rows / tile_count + (i < p->rows % tile_count);
        // As many vectors of columns as have sums in registers.
        const long most = BYTE_SUMS / R < 1 ? 1 : BYTE_SUMS / R > 4 ? 4 : BYTE_SUMS / R;
        for (long column = 0; column < p->columns; ) {
            const long vectors = (p->columns - column) / 16 < most ? (p->columns - column) / 16 : most;
            BYTES(byte_tiles)[R][vectors](p, p->a + r * p->a_row, p->b + column * 4, p->b_sums + column,
                                          p->c + r * p->c_row + column);
            column += vectors * 16;
        }
        r += R;
    }
}
#undef BYTE_TILE
#undef BYTE_TILE_ROW
#undef BYTE_TILE_WIDTHS
