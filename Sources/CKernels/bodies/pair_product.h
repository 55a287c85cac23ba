// The tiles of a product of pairs. Included once for each way to make a step, PAIR_STEPS; STEPPED(name) are that way's names.

#if PAIR_STEPS == IN_ONE_INSTRUCTION
INLINE v16 STEPPED(pair_step)(v16 c, i16 a, i16 b) { return (v16)_mm512_dpbf16_ps((__m512)c, (__m512bh)a, (__m512bh)b); }
#elif PAIR_STEPS == BY_FLUSHING
INLINE v16 STEPPED(pair_step)(v16 c, i16 a, i16 b) {
    return FMA(lower_half(a), lower_half(b), FMA(upper_half(a), upper_half(b), c));
}
#else
INLINE v16 STEPPED(pair_step)(v16 c, i16 a, i16 b) {
    float sums[16];
    store(sums, c);
    for (int lane = 0; lane < 16; lane++) sums[lane] = half_step(sums[lane], (uint32_t)a[lane], (uint32_t)b[lane]);
    return load(sums);
}
#endif

INLINE void STEPPED(pair_tile)(const int R, const int NV, const CKPanelProduct *p, const float *a, const float *b,
                             const float *start, float *c, CKPrefetch ahead) {
    const long a_row = p->a_row, a_k = p->a_k, b_k = p->b_k, inner = p->inner;
    v16 acc[TILE_ROWS][SLICE / 16];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < NV; v++)
            acc[r][v] = start ? load(start + r * p->start_row + v * p->start_vector) : splat(0.0f);
    for (long g = p->groups; g > 0; g--, a += p->a_group, b += p->b_group, ahead.lines += ahead.group) {
        const float *ak = a, *bk = b, *prefetch = ahead.lines;
        for (long k = 0; k < inner; k++, ak += a_k, bk += b_k, prefetch += 16) {
            i16 bv[SLICE / 16];
#pragma clang loop unroll(full)
            for (int v = 0; v < NV; v++) bv[v] = load_bits(bk + v * 16);
            __builtin_prefetch(prefetch, 0, 2);
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++) {
                const i16 x = __builtin_bit_cast(i16, splat(ak[r * a_row]));
#pragma clang loop unroll(full)
                for (int v = 0; v < NV; v++) acc[r][v] = STEPPED(pair_step)(acc[r][v], x, bv[v]);
            }
        }
    }
    const long c_row = p->c_row, c_vector = p->c_vector;
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < NV; v++) store(c + r * c_row + v * c_vector, acc[r][v]);
}

TILES(STEPPED(pair_tile), 1)
#if TILE_VECTORS == 4
TILES(STEPPED(pair_tile), 2)
TILES(STEPPED(pair_tile), 3)
TILES(STEPPED(pair_tile), 4)
#endif
static const TileFunction STEPPED(pair_tiles)[][TILE_ROWS + 1] = {WIDTHS_OF(STEPPED(pair_tile))};

#ifndef ONLY_TILES
#if PAIR_STEPS != BY_FLUSHING
static void STEPPED(pair_product)(const CKPanelProduct *p) { multiply_panel(p, STEPPED(pair_tiles)); }
#endif

// What these steps reach when nothing else is in the way.
static double STEPPED(pair_peak)(long repetitions, float *sink) {
    enum { CHAINS = TILE_VECTORS == 4 ? 24 : 6 };
    v16 a[CHAINS];
    i16 x = (i16)(0x3f7e3f7e), y = (i16)(0x3f7d3f7d);
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
