// Half precision: pairs of bf16 from single precision, and products of them. A pair is 32 bits: two numbers that follow
// each other in the depth of a product, the first in the upper half.

INLINE void store_bits(float *p, i16 bits) { store(p, __builtin_bit_cast(v16, bits)); }
INLINE v16 upper_half(v16 pairs) { return __builtin_bit_cast(v16, __builtin_bit_cast(i16, pairs) & (int32_t)0xffff0000); }
INLINE v16 lower_half(v16 pairs) { return __builtin_bit_cast(v16, __builtin_bit_cast(i16, pairs) << 16); }

// half_bits of 16 numbers.
INLINE i16 rounded_to_half(v16 x) {
    const u16 u = __builtin_bit_cast(u16, x);
    u16 half = u + 0x7fff + ((u >> 16) & 1);
    half = (u & 0x7fffffff) > 0x7f800000 ? u | 0x00400000 : half;
    half = (u & 0x7f800000) == 0 ? u & 0x80000000 : half;
    return __builtin_bit_cast(i16, half & 0xffff0000);
}

typedef uint32_t bits_of_part __attribute__((ext_vector_type(LANE_PART)));
INLINE part upper_lanes(part pairs) { return __builtin_bit_cast(part, __builtin_bit_cast(bits_of_part, pairs) & 0xffff0000); }
INLINE part lower_lanes(part pairs) { return __builtin_bit_cast(part, __builtin_bit_cast(bits_of_part, pairs) << 16); }

#define PASTED(a, b) PASTED_AS_THEY_ARE(a, b)
#define PASTED_AS_THEY_ARE(a, b) a##b

// The ways to make a step of a product: fma(lower, lower', fma(upper, upper', c)) in single precision, where a denormal
// number counts as a zero and a result that is denormal after rounding becomes a zero of its sign.
#define BY_DEFINITION 0       // half_step
#define BY_FLUSHING 1         // by a processor that has been told to take denormal numbers for zeros
#define IN_ONE_INSTRUCTION 2  // VDPBF16PS, whatever a processor has been told

// When a processor that is told so makes zeros of denormal results: once they are rounded, which is the definition, before,
// or not at all.
#define AFTER_ROUNDING 1
#define BEFORE_ROUNDING 2
#define NEVER 3

#if FLUSHES == AFTER_ROUNDING
#define PAIR_STEPS BY_FLUSHING
#define STEPPED(name) name
#include "pair_steps.h"
static void pair_product(const CKPanelProduct *p) {
    const uint32_t control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(control | 0x8040);
    multiply_panel(p, pair_tiles);
    __builtin_ia32_ldmxcsr(control);
}
INLINE void make_flushed_tile(const TileOfGather *t) {
    const uint32_t control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(control | 0x8040);
    make_tile(&gather_pair_tiles, t);
    __builtin_ia32_ldmxcsr(control);
}
INLINE void make_flushed_turned_tile(const TileOfOuter *t) {
    const uint32_t control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(control | 0x8040);
    turned_pair_tiles[t->V][t->Q](t->outer, t->row, t->columns);
    __builtin_ia32_ldmxcsr(control);
}
static void make_flushed_outer_tile(const OuterJob *job, long P, long Q) {
    v16 sums[24];
    const uint32_t control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(control | 0x8040);
    outer_pair_sums[P][Q](job, sums);
    __builtin_ia32_ldmxcsr(control);
    outer_totals_of[P][Q](job, sums);
}
#elif FLUSHES == NEVER
#define PAIR_STEPS BY_DEFINITION
#define STEPPED(name) name
#include "pair_steps.h"
#elif FLUSHES == BEFORE_ROUNDING
#define PAIR_STEPS BY_DEFINITION
#define STEPPED(name) name##_by_definition
#define ONLY_TILES
#include "pair_steps.h"
#undef ONLY_TILES
#undef PAIR_STEPS
#undef STEPPED
#define PAIR_STEPS BY_FLUSHING
#define STEPPED(name) name
#include "pair_steps.h"
INLINE uint64_t begin_flushing(void) {
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpsr, xzr\n\tmsr fpcr, %0" : : "r"(control | 1 << 24) : "memory");
    return control;
}
// Whether there was a denormal result.
INLINE int end_flushing(uint64_t control) {
    uint64_t status;
    __asm__ volatile("mrs %0, fpsr\n\tmsr fpcr, %1" : "=r"(status) : "r"(control) : "memory");
    return (status & 8) != 0;
}
// Just below the least normal number this is another result. But the processor says whether there was any that is denormal
// before rounding: then some rows are made again by the definition.
static void pair_product(const CKPanelProduct *p) {
    CKPanelProduct part = *p;
    for (long row = 0, tile = 0; row < p->rows; row += TILE_ROWS, tile++) {
        float sums[TILE_ROWS * CK_PANEL], *const c = p->c + row * p->c_row;
        part.a = p->a + row * p->a_row;
        part.start = p->start ? p->start + row * p->start_row : 0;
        part.rows = p->rows - row < TILE_ROWS ? p->rows - row : TILE_ROWS;
        part.prefetch[0] = tile < CK_PREFETCHES ? p->prefetch[tile] : (CKPrefetch){0, 0};
        part.c = sums, part.c_row = CK_PANEL, part.c_vector = 16;
        const uint64_t control = begin_flushing();
        multiply_panel(&part, pair_tiles);
        if (end_flushing(control)) {
            part.c = c, part.c_row = p->c_row, part.c_vector = p->c_vector;
            multiply_panel(&part, pair_tiles_by_definition);
            continue;
        }
        for (long r = 0; r < part.rows; r++)
            for (long column = 0; column < p->columns; column += 16)
                store_width(c + r * p->c_row + column / 16 * p->c_vector, load(sums + r * CK_PANEL + column),
                            p->columns - column < 16 ? p->columns - column : 16);
    }
}

// Tiles of convolutions go on from what is there: it is kept until the processor has said that nothing was denormal.
static void make_flushed_tile(const TileOfGather *t) {
    float kept[24 * 16];
    const int continues = t->gather->continues;
    for (long r = 0, i = 0; continues && r < t->rows; r++)
        for (long p = 0; p < t->width; p++, i += 16) store(kept + i, load(t->y + r * t->gather->plane + t->at[p].y));
    const uint64_t control = begin_flushing();
    make_tile(&gather_pair_tiles, t);
    if (!end_flushing(control)) return;
    for (long r = 0, i = 0; continues && r < t->rows; r++)
        for (long p = 0; p < t->width; p++, i += 16) store(t->y + r * t->gather->plane + t->at[p].y, load(kept + i));
    make_tile(&gather_pair_tiles_by_definition, t);
}
static void make_flushed_turned_tile(const TileOfOuter *t) {
    float kept[12 * 2 * LANE_PART];
    const long lanes = t->V * LANE_PART;
    for (long j = 0; j < t->Q; j++)
        memcpy(kept + j * lanes, t->outer->gradient + t->columns[j].gradient + t->row, (size_t)lanes * sizeof(float));
    const uint64_t control = begin_flushing();
    turned_pair_tiles[t->V][t->Q](t->outer, t->row, t->columns);
    if (!end_flushing(control)) return;
    for (long j = 0; j < t->Q; j++)
        memcpy(t->outer->gradient + t->columns[j].gradient + t->row, kept + j * lanes, (size_t)lanes * sizeof(float));
    turned_pair_tiles_by_definition[t->V][t->Q](t->outer, t->row, t->columns);
}
static void make_flushed_outer_tile(const OuterJob *job, long P, long Q) {
    v16 sums[24];
    const uint64_t control = begin_flushing();
    outer_pair_sums[P][Q](job, sums);
    if (end_flushing(control)) outer_pair_sums_by_definition[P][Q](job, sums);
    outer_totals_of[P][Q](job, sums);
}
#endif

#if FLUSHES != NEVER
static void gather_pairs(const CKGather *g) { gather_by(make_flushed_tile, 1, g); }
static void outer_pairs(const CKOuter *o) { outer_by(make_flushed_outer_tile, o); }
static void outer_turned_pairs(const CKOuter *o) { outer_turned_by(make_flushed_turned_tile, o); }
#endif
