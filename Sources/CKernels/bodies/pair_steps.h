// Pairs and the tiles of their products. Included once for each way to make a step, PAIR_STEPS; STEPPED(name) are that way's
// names.

#if PAIR_STEPS == IN_ONE_INSTRUCTION
INLINE v16 STEPPED(pair_step)(v16 c, v16 a, v16 b) { return (v16)_mm512_dpbf16_ps((__m512)c, (__m512bh)a, (__m512bh)b); }
INLINE part STEPPED(lane_step)(part c, part a, part b) { return STEPPED(pair_step)(c, a, b); }
// VCVTNE2PS2BF16 puts the numbers of one vector below those of the other.
INLINE i16 STEPPED(paired)(v16 first, v16 second) {
    typedef int16_t s32 __attribute__((ext_vector_type(32)));
    const s32 halves = (s32)_mm512_cvtne2ps_pbh((__m512)first, (__m512)second);
    return (i16)__builtin_shufflevector(halves, halves, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9,
                                        25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
INLINE i16 STEPPED(paired_neighbors)(v16 a, v16 b) {
    return (i16)_mm512_rol_epi32((__m512i)_mm512_cvtne2ps_pbh((__m512)b, (__m512)a), 16);
}
#else
#if PAIR_STEPS == BY_FLUSHING
INLINE v16 STEPPED(pair_step)(v16 c, v16 a, v16 b) {
    return FMA(lower_half(a), lower_half(b), FMA(upper_half(a), upper_half(b), c));
}
INLINE part STEPPED(lane_step)(part c, part a, part b) {
    return FMA(lower_lanes(a), lower_lanes(b), FMA(upper_lanes(a), upper_lanes(b), c));
}
#else
INLINE v16 STEPPED(pair_step)(v16 c, v16 a, v16 b) {
    const i16 x = __builtin_bit_cast(i16, a), y = __builtin_bit_cast(i16, b);
    float sums[16];
    store(sums, c);
    for (int lane = 0; lane < 16; lane++) sums[lane] = half_step(sums[lane], (uint32_t)x[lane], (uint32_t)y[lane]);
    return load(sums);
}
INLINE part STEPPED(lane_step)(part c, part a, part b) {
    const bits_of_part x = __builtin_bit_cast(bits_of_part, a), y = __builtin_bit_cast(bits_of_part, b);
    for (int lane = 0; lane < LANE_PART; lane++) c[lane] = half_step(c[lane], x[lane], y[lane]);
    return c;
}
#endif
INLINE i16 STEPPED(paired)(v16 first, v16 second) {
    const u16 below = __builtin_bit_cast(u16, rounded_to_half(second)) >> 16;
    return rounded_to_half(first) | __builtin_bit_cast(i16, below);
}
#define EVERY_OTHER(o)                                                                                            \
    __builtin_shufflevector(a, b, o + 0, o + 2, o + 4, o + 6, o + 8, o + 10, o + 12, o + 14, o + 16, o + 18, o + 20, \
                            o + 22, o + 24, o + 26, o + 28, o + 30)
INLINE i16 STEPPED(paired_neighbors)(v16 a, v16 b) { return STEPPED(paired)(EVERY_OTHER(0), EVERY_OTHER(1)); }
#undef EVERY_OTHER
#endif

ALL_TILES(STEPPED(pair_step))
static const TileFunction STEPPED(pair_tiles)[][TILE_ROWS + 1] = {WIDTHS_OF(STEPPED(pair_step))};

// Tiles of convolutions. What flushes must not do so to what follows a sum, nor does a tile that stands in for such a one.
#if PAIR_STEPS == BY_FLUSHING || defined(ONLY_TILES)
enum { PASTED(STEPPED(lane_step), _is_bare) = 1 };
#else
enum { PASTED(STEPPED(lane_step), _is_bare) = 0 };
#endif
enum { PASTED(STEPPED(lane_step), _places) = 8 };
ALL_GATHER_TILES(STEPPED(lane_step))
static const GatherTiles STEPPED(gather_pair_tiles) = GATHER_TABLE(STEPPED(lane_step));
ALL_TURNED_TILES(STEPPED(lane_step))
static const TurnedTile STEPPED(turned_pair_tiles)[3][13] = TURNED_TABLE(STEPPED(lane_step));
OUTER_TILES(OUTER_SUMS, STEPPED(lane_step))
static const OuterSums STEPPED(outer_pair_sums)[5][13] = {OUTER_TILES(SUMS_ENTRY, STEPPED(lane_step))};

#ifndef ONLY_TILES
#if PAIR_STEPS != BY_FLUSHING
static void STEPPED(pair_product)(const CKPanelProduct *p) { multiply_panel(p, STEPPED(pair_tiles)); }

INLINE void STEPPED(make_pair_tile)(const TileOfGather *t) { make_tile(&STEPPED(gather_pair_tiles), t); }
static void STEPPED(gather_pairs)(const CKGather *g) { gather_by(STEPPED(make_pair_tile), 0, g); }

INLINE void STEPPED(make_turned_pair_tile)(const TileOfOuter *t) {
    STEPPED(turned_pair_tiles)[t->V][t->Q](t->outer, t->row, t->columns);
}
INLINE void STEPPED(make_outer_pair_tile)(const OuterJob *job, long P, long Q) {
    v16 sums[24];
    STEPPED(outer_pair_sums)[P][Q](job, sums);
    outer_totals_of[P][Q](job, sums);
}
static void STEPPED(outer_pairs)(const CKOuter *o) { outer_by(STEPPED(make_outer_pair_tile), o); }
static void STEPPED(outer_turned_pairs)(const CKOuter *o) { outer_turned_by(STEPPED(make_turned_pair_tile), o); }
#endif

// pairs[i] = x[2i], x[2i + 1]; n is a multiple of 16.
static void STEPPED(pair_neighbors)(const float *x, long n, float *pairs) {
    long i = 0;
    for (; i + 32 <= n; i += 32) store_bits(pairs + i / 2, STEPPED(paired_neighbors)(load(x + i), load(x + i + 16)));
    for (; i < n; i += 2) {
        const uint32_t pair = half_pair(x[i], x[i + 1]);
        memcpy(pairs + i / 2, &pair, sizeof pair);
    }
}

// Row i of the pairs is row 2i of x and the one below it, or zeros below the last. Columns are a multiple of 16.
static void STEPPED(pair_rows)(const float *x, long x_row, long rows, long columns, float *pairs, long pairs_row) {
    for (long r = 0; r < rows; r += 2, x += 2 * x_row, pairs += pairs_row)
        for (long c = 0; c < columns; c += 16)
            store_bits(pairs + c,
                       STEPPED(paired)(load(x + c), r + 1 < rows ? load(x + x_row + c) : splat(0.0f)));
}

// turn, into pairs of neighboring images.
static void STEPPED(turn_pairs)(const float *source, long plane, long rows, long pixels, float *turned) {
    for (long p = 0; p < pixels; p++, source += 16, turned += 8 * rows)
        for (long row = 0; row < rows; row += 16) {
            const float *s = source + row * plane;
            for (int i = 0; i < 16; i++) __builtin_prefetch(s + i * plane + 8 * 16, 0, 3);
            v16 images[16];
            transpose_rows(s, plane, images);
            for (int i = 0; i < 16; i += 2)
                store_bits(turned + row + i / 2 * rows, STEPPED(paired)(images[i], images[i + 1]));
        }
}

// What these steps reach when nothing else is in the way.
static double STEPPED(pair_peak)(long repetitions, float *sink) {
    enum { CHAINS = TILE_VECTORS == 4 ? 24 : 6 };
    v16 a[CHAINS];
    const v16 x = __builtin_bit_cast(v16, (i16)(0x3f7e3f7e)), y = __builtin_bit_cast(v16, (i16)(0x3f7d3f7d));
    for (int i = 0; i < CHAINS; i++) a[i] = splat((float)(i + 2));
    for (long r = 0; r < repetitions; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < CHAINS; i++) a[i] = STEPPED(pair_step)(a[i], x, y);
        __asm__ volatile("" ::: "memory");
    }
    v16 s = a[0];
    for (int i = 1; i < CHAINS; i++) s += a[i];
    *sink = lane_sum(s);
    return (double)repetitions * CHAINS * 64;
}
#endif
