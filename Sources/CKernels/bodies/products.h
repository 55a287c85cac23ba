// The one micro-kernel. R rows by NV vectors of accumulators stay in registers over all of groups * inner.
//
// AVX-512: 6 x 4 zmm = 24 accumulators, 4 of B and a broadcast fit the 32 registers; 24 multiply-adds per
// k take 12 cycles at two a cycle, against 10 loads: the multiply-add units are the limit (98 % of peak
// with A in L1 and B in L1 or L2). AVX2 and NEON: 6 x 16 floats (12 ymm, or 24 q registers), a panel is
// walked in slices of 16 columns; the wide tile would spill there. Bits do not depend on the tile.
#if TILE_VECTORS == 4
enum { TILE_ROWS = 6, SLICE = 64 };
#else
enum { TILE_ROWS = 6, SLICE = 16 };
#endif

// What one k adds to sums: in `products.h` a multiply-add, in `pair_steps.h` two, of operands that hold pairs.
typedef v16 (*StepFunction)(v16 sums, v16 a, v16 b);
INLINE v16 multiply_add_step(v16 sums, v16 a, v16 b) { return FMA(a, b, sums); }

INLINE void tile(const StepFunction step, const int R, const int NV, const CKPanelProduct *p, const float *a, const float *b,
                 const float *start, float *c, CKPrefetch ahead) {
    const long a_row = p->a_row, a_k = p->a_k, b_k = p->b_k, b_vector = p->b_vector, inner = p->inner;
    v16 acc[TILE_ROWS][SLICE / 16];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < NV; v++)
            acc[r][v] = start ? load(start + r * p->start_row + v * p->start_vector) : splat(0.0f);
    for (long g = p->groups; g > 0; g--, a += p->a_group, b += p->b_group, ahead.lines += ahead.group) {
        const float *ak = a, *bk = b, *prefetch = ahead.lines;
        for (long k = 0; k < inner; k++, ak += a_k, bk += b_k, prefetch += 16) {
            v16 bv[SLICE / 16];
#pragma clang loop unroll(full)
            for (int v = 0; v < NV; v++) bv[v] = load(bk + v * b_vector);
            __builtin_prefetch(prefetch, 0, 2);
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++) {
                v16 x = splat(ak[r * a_row]);
#pragma clang loop unroll(full)
                for (int v = 0; v < NV; v++) acc[r][v] = step(acc[r][v], x, bv[v]);
            }
        }
    }
    const long c_row = p->c_row, c_vector = p->c_vector;
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < NV; v++) store(c + r * c_row + v * c_vector, acc[r][v]);
}

typedef void (*TileFunction)(const CKPanelProduct *p, const float *a, const float *b, const float *start, float *c,
                             CKPrefetch ahead);
#define TILE(step, R, NV)                                                                              \
    static void step##_##R##x##NV(const CKPanelProduct *p, const float *a, const float *b, const float *start, \
                                  float *c, CKPrefetch ahead) {                                        \
        tile(step, R, NV, p, a, b, start, c, ahead);                                                   \
    }
#define TILES(step, NV) \
    TILE(step, 1, NV) TILE(step, 2, NV) TILE(step, 3, NV) TILE(step, 4, NV) TILE(step, 5, NV) TILE(step, 6, NV)
#define TILE_TABLE(step, NV) \
    {0, step##_1x##NV, step##_2x##NV, step##_3x##NV, step##_4x##NV, step##_5x##NV, step##_6x##NV}
#if TILE_VECTORS == 4
#define ALL_TILES(step) TILES(step, 1) TILES(step, 2) TILES(step, 3) TILES(step, 4)
#define WIDTHS_OF(step) {0}, TILE_TABLE(step, 1), TILE_TABLE(step, 2), TILE_TABLE(step, 3), TILE_TABLE(step, 4)
#else
#define ALL_TILES(step) TILES(step, 1)
#define WIDTHS_OF(step) {0}, TILE_TABLE(step, 1)
#endif
ALL_TILES(multiply_add_step)
static const TileFunction panel_tiles[][TILE_ROWS + 1] = {WIDTHS_OF(multiply_add_step)};

INLINE void multiply_panel(const CKPanelProduct *p, const TileFunction (*tiles)[TILE_ROWS + 1]) {
    const long tile_count = (p->rows + TILE_ROWS - 1) / TILE_ROWS;
    for (long i = 0, r = 0; i < tile_count; i++) {
        const long R = p->rows / tile_count + (i < p->rows % tile_count);
        const float *a = p->a + r * p->a_row;
        for (long column = 0; column < p->columns; column += SLICE) {
            const float *b = p->b + column / 16 * p->b_vector;
            const CKPrefetch ahead = i < CK_PREFETCHES && p->prefetch[i].lines ? p->prefetch[i] : (CKPrefetch){b, p->b_group};
            const long width = p->columns - column < SLICE ? p->columns - column : SLICE, vectors = (width + 15) / 16;
            const float *start = p->start ? p->start + r * p->start_row + column / 16 * p->start_vector : 0;
            float *c = p->c + r * p->c_row + column / 16 * p->c_vector;
            if (width == vectors * 16) {
                tiles[vectors][R](p, a, b, start, c, ahead);
                continue;
            }
            float edge[TILE_ROWS * SLICE] = {0};  // the last columns, where a whole vector would overrun C
            CKPanelProduct q = *p;
            q.start_row = q.c_row = SLICE, q.start_vector = q.c_vector = 16;
            if (start)
                for (long j = 0; j < R; j++)
                    memcpy(edge + j * SLICE, start + j * p->start_row, (size_t)width * sizeof(float));
            tiles[vectors][R](&q, a, b, edge, edge, ahead);
            for (long j = 0; j < R; j++) memcpy(c + j * p->c_row, edge + j * SLICE, (size_t)width * sizeof(float));
        }
        r += R;
    }
}
static void panel_product(const CKPanelProduct *p) { multiply_panel(p, panel_tiles); }

// 16 x 16 in registers: four rounds of pairwise interleaves.
INLINE void transpose_rows(const float *s, long s_row, v16 *a) {
    v16 b[16];
    for (int i = 0; i < 16; i++) a[i] = load(s + i * s_row);
#define INTERLEAVE(x, y, o)                                                                                        \
    __builtin_shufflevector(x, y, o + 0, o + 16, o + 1, o + 17, o + 2, o + 18, o + 3, o + 19, o + 4, o + 20, o + 5, \
                            o + 21, o + 6, o + 22, o + 7, o + 23)
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 8; i++) {
            b[2 * i] = INTERLEAVE(a[i], a[i + 8], 0);
            b[2 * i + 1] = INTERLEAVE(a[i], a[i + 8], 8);
        }
        for (int i = 0; i < 16; i++) a[i] = b[i];
    }
}
INLINE void transpose_block(const float *s, long s_row, float *d, long d_row) {
    v16 a[16];
    transpose_rows(s, s_row, a);
    for (int i = 0; i < 16; i++) store(d + i * d_row, a[i]);
}
static void transpose(const float *source, long source_row, long rows, long columns, float *destination,
                      long destination_row) {
    for (long r = 0; r < rows; r += 16)
        for (long c = 0; c < columns; c += 16) {
            const float *s = source + r * source_row + c;
            float *d = destination + c * destination_row + r;
            if (rows - r >= 16 && columns - c >= 16) {
                transpose_block(s, source_row, d, destination_row);
                continue;
            }
            const long height = rows - r < 16 ? rows - r : 16, width = columns - c < 16 ? columns - c : 16;
            for (long i = 0; i < width; i++)
                for (long j = 0; j < height; j++) d[i * destination_row + j] = s[j * source_row + i];
        }
}
