// The gradient of a convolution's weights: row a (a channel of the small plane) by column j (a channel of the big one,
// seen through one tap of the kernel),
//
//   dw[j][a] += sum over blocks, pixels p and lanes of small[a][p] * big[j][p]
//
// in one of two orders, chosen by whoever calls from the layer's shape alone, since they differ in bits.

// Order 1: each lane sums over blocks and pixels, then the 16 lanes are summed by the tree of lane_sum. P x Q sums stay in
// registers; P and Q are the two sides, either way round. In half precision both sides are pairs of blocks.
#if TILE_SUMS == 24
enum { OUTER_P = 4 };
static const long outer_width[] = {0, 12, 12, 8, 6};
#define OUTER_TILES(T, add)                                                                                      \
    T(add, 1, 1) T(add, 1, 2) T(add, 1, 3) T(add, 1, 4) T(add, 1, 5) T(add, 1, 6) T(add, 1, 7) T(add, 1, 8)      \
    T(add, 1, 9) T(add, 1, 10) T(add, 1, 11) T(add, 1, 12) T(add, 2, 1) T(add, 2, 2) T(add, 2, 3) T(add, 2, 4)   \
    T(add, 2, 5) T(add, 2, 6) T(add, 2, 7) T(add, 2, 8) T(add, 2, 9) T(add, 2, 10) T(add, 2, 11) T(add, 2, 12)   \
    T(add, 3, 1) T(add, 3, 2) T(add, 3, 3) T(add, 3, 4) T(add, 3, 5) T(add, 3, 6) T(add, 3, 7) T(add, 3, 8)      \
    T(add, 4, 1) T(add, 4, 2) T(add, 4, 3) T(add, 4, 4) T(add, 4, 5) T(add, 4, 6)
#else
enum { OUTER_P = 3 };
static const long outer_width[] = {0, 12, 5, 4};
#define OUTER_TILES(T, add)                                                                                      \
    T(add, 1, 1) T(add, 1, 2) T(add, 1, 3) T(add, 1, 4) T(add, 1, 5) T(add, 1, 6) T(add, 1, 7) T(add, 1, 8)      \
    T(add, 1, 9) T(add, 1, 10) T(add, 1, 11) T(add, 1, 12) T(add, 2, 1) T(add, 2, 2) T(add, 2, 3) T(add, 2, 4)   \
    T(add, 2, 5) T(add, 3, 1) T(add, 3, 2) T(add, 3, 3) T(add, 3, 4)
#endif

typedef struct {
    const float *p[4], *q[12];
    float *gradient[12];         // of q, or of p if they are the columns
    long p_block, q_block;       // from block to block
    const int32_t *p_at, *q_at;  // every other one
    long count, blocks;
    int p_is_columns;
} OuterJob;

// The sum of the lanes of each of `count` vectors.
#if LANE_PART == 16
// Sixteen at a time, transposing while summing: the additions of lane_sum, for all of them at once.
#define PAIRS(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
INLINE v16 sixteen_lane_sums(const v16 *v) {
    v16 h[4];  // h[c]: four sums of four lanes each, of vectors c, c + 4, c + 8, c + 12
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) {
        v16 q[2];
#pragma clang loop unroll(full)
        for (int i = 0; i < 2; i++) {
            v16 a = v[c + 8 * i], b = v[c + 8 * i + 4];
            q[i] = PAIRS(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                   PAIRS(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
        }
        h[c] = PAIRS(q[0], q[1], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
               PAIRS(q[0], q[1], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c += 2)
        h[c] = PAIRS(h[c], h[c + 1], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
               PAIRS(h[c], h[c + 1], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    return PAIRS(h[0], h[2], 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +
           PAIRS(h[0], h[2], 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
}
INLINE void lane_sums(const int count, const v16 *v, float *out) {
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i += 16) {
        v16 group[16];
#pragma clang loop unroll(full)
        for (int j = 0; j < 16; j++) group[j] = i + j < count ? v[i + j] : splat(0.0f);
        store(out + i, sixteen_lane_sums(group));
    }
}
#else
INLINE void lane_sums(const int count, const v16 *v, float *out) {
    for (int i = 0; i < count; i++) out[i] = lane_sum(v[i]);
}
#endif

// The P x Q sums of each lane.
INLINE void outer_sums(const LaneStep add, const int P, const int Q, const OuterJob *job, v16 *sums) {
    const int32_t *p_at = job->p_at, *q_at = job->q_at;
    const long end = 2 * job->count, blocks = job->blocks;
    for (int lane = 0; lane < 16; lane += LANE_PART) {
        const float *p[4], *q[12];
        part sum[24];
#pragma clang loop unroll(full)
        for (int i = 0; i < P; i++) p[i] = job->p[i] + lane;
#pragma clang loop unroll(full)
        for (int j = 0; j < Q; j++) q[j] = job->q[j] + lane;
#pragma clang loop unroll(full)
        for (int i = 0; i < P * Q; i++) sum[i] = (part)0.0f;
        for (long block = 0; block < blocks; block++) {
            for (long k = 0; k < end; k += 2) {
                const long p_step = p_at[k], q_step = q_at[k];
                part u[4];
#pragma clang loop unroll(full)
                for (int i = 0; i < P; i++) u[i] = load_lanes(p[i] + p_step);
#pragma clang loop unroll(full)
                for (int j = 0; j < Q; j++) {
                    const part v = load_lanes(q[j] + q_step);
#pragma clang loop unroll(full)
                    for (int i = 0; i < P; i++) {
                        sum[j * P + i] = add(sum[j * P + i], u[i], v);
                        BEFORE_NEXT_LOAD(sum[j * P + i]);
                    }
                }
            }
#pragma clang loop unroll(full)
            for (int i = 0; i < P; i++) p[i] += job->p_block;
#pragma clang loop unroll(full)
            for (int j = 0; j < Q; j++) q[j] += job->q_block;
        }
#if LANE_PART == 16
#pragma clang loop unroll(full)
        for (int i = 0; i < P * Q; i++) sums[i] = sum[i];
#else
#pragma clang loop unroll(full)
        for (int i = 0; i < P * Q; i++) store_lanes((float *)&sums[i] + lane, sum[i]);
#endif
    }
}

// Adds them up, and to the gradient.
INLINE void outer_totals(const int P, const int Q, const OuterJob *job, const v16 *sums) {
    float total[32];
    lane_sums(P * Q, sums, total);
    if (job->p_is_columns) {
        for (int j = 0; j < Q; j++)
            for (int i = 0; i < P; i++) job->gradient[i][j] += total[j * P + i];
    } else {
#pragma clang loop unroll(full)
        for (int j = 0; j < Q; j++) {
            float *g = job->gradient[j];
#pragma clang loop unroll(full)
            for (int i = 0; i < P; i++) g[i] += total[j * P + i];
        }
    }
}

typedef void (*OuterTile)(const OuterJob *job);
#define OUTER_TILE(add, P, Q)                               \
    static void outer_##P##x##Q(const OuterJob *job) {      \
        v16 sums[24];                                       \
        outer_sums(add, P, Q, job, sums);                   \
        outer_totals(P, Q, job, sums);                      \
    }
#define OUTER_ENTRY(add, P, Q) [P][Q] = outer_##P##x##Q,
OUTER_TILES(OUTER_TILE, multiply_add_lanes)
static const OuterTile outer_tiles[5][13] = {OUTER_TILES(OUTER_ENTRY, )};

// The two halves of a tile each by itself, for sums that are made in another mode of the processor.
typedef void (*OuterSums)(const OuterJob *job, v16 *sums);
#define OUTER_SUMS(add, P, Q) \
    static void add##_sums_##P##x##Q(const OuterJob *job, v16 *sums) { outer_sums(add, P, Q, job, sums); }
#define SUMS_ENTRY(add, P, Q) [P][Q] = add##_sums_##P##x##Q,
#define OUTER_TOTALS(add, P, Q) \
    static void totals_##P##x##Q(const OuterJob *job, v16 *sums) { outer_totals(P, Q, job, sums); }
#define TOTALS_ENTRY(add, P, Q) [P][Q] = totals_##P##x##Q,
OUTER_TILES(OUTER_TOTALS, )
static const OuterSums outer_totals_of[5][13] = {OUTER_TILES(TOTALS_ENTRY, )};

INLINE void make_outer_tile(const OuterJob *job, long P, long Q) { outer_tiles[P][Q](job); }

INLINE void outer_by(void (*const make)(const OuterJob *job, long P, long Q), const CKOuter *o) {
    // Few columns and many rows: the columns are the side that stays, and more rows pass by.
    const int swap = o->columns < OUTER_P && o->rows > o->columns;
    const long p_total = swap ? o->columns : o->rows, q_total = swap ? o->rows : o->columns;
    const long p_most = p_total < OUTER_P ? p_total : OUTER_P, q_most = outer_width[p_most];
    const long p_tiles = (p_total + p_most - 1) / p_most, q_tiles = (q_total + q_most - 1) / q_most;
    OuterJob job = {.p_block = swap ? o->big_block : o->small_block, .q_block = swap ? o->small_block : o->big_block,
                    .p_at = swap ? &o->pixels->big : &o->pixels->small,
                    .q_at = swap ? &o->pixels->small : &o->pixels->big, .count = o->pixel_count, .blocks = o->blocks,
                    .p_is_columns = swap};
    for (long j = 0, q = 0; j < q_tiles; j++) {
        const long Q = q_total / q_tiles + (j < q_total % q_tiles);
        for (long k = 0; k < Q; k++)
            job.q[k] = swap ? o->small + (q + k) * o->small_plane : o->big + o->columns_at[q + k].big;
        for (long i = 0, p = 0; i < p_tiles; i++) {
            const long P = p_total / p_tiles + (i < p_total % p_tiles);
            if (swap)
                for (long k = 0; k < P; k++) {
                    job.p[k] = o->big + o->columns_at[p + k].big;
                    job.gradient[k] = o->gradient + o->columns_at[p + k].gradient + q;
                }
            else {
                for (long k = 0; k < P; k++) job.p[k] = o->small + (p + k) * o->small_plane;
                for (long k = 0; k < Q; k++) job.gradient[k] = o->gradient + o->columns_at[q + k].gradient + p;
            }
            make(&job, P, Q);
            p += P;
        }
        q += Q;
    }
}
static void outer(const CKOuter *o) { outer_by(make_outer_tile, o); }

// Order 2, for many channels: the lanes are rows, and pixels and images are summed over one after the other. `small` has
// been turned to [block][pixel][16 images][rows]; numbers of the big tensor are broadcast. No sum over lanes.
//
// In half precision both sides hold pairs of neighboring images, eight for a pixel, and sums go on from the gradient that is
// there.
static void turn(const float *source, long plane, long rows, long pixels, float *turned) {
    for (long p = 0; p < pixels; p++, source += 16, turned += 16 * rows)
        for (long row = 0; row < rows; row += 16) {
            const float *s = source + row * plane;
            for (int i = 0; i < 16; i++) __builtin_prefetch(s + i * plane + 8 * 16, 0, 3);  // so many streams need help
            transpose_block(s, plane, turned + row, rows);
        }
}

#if TILE_SUMS == 24
enum { TURNED_WIDTH = 12 };
#define TURNED_TILES(T, add, V)                                                                                  \
    T(add, V, 1) T(add, V, 2) T(add, V, 3) T(add, V, 4) T(add, V, 5) T(add, V, 6) T(add, V, 7) T(add, V, 8)      \
    T(add, V, 9) T(add, V, 10) T(add, V, 11) T(add, V, 12)
#else
enum { TURNED_WIDTH = 6 };
#define TURNED_TILES(T, add, V) T(add, V, 1) T(add, V, 2) T(add, V, 3) T(add, V, 4) T(add, V, 5) T(add, V, 6)
#endif

// `places`: 16 numbers of a pixel, or 8 pairs.
INLINE void turned_tile(const LaneStep add, const int places, const int V, const int Q, const CKOuter *o, long row,
                        const CKColumn *columns) {
    const CKOuterPixel *at = o->pixels;
    const long rows = o->rows, ahead = o->ahead;
    const float *small = o->small + row, *big[12];
    part sum[24];
#pragma clang loop unroll(full)
    for (int j = 0; j < Q; j++) big[j] = o->big + columns[j].big;
#pragma clang loop unroll(full)
    for (int j = 0; j < Q; j++)
#pragma clang loop unroll(full)
        for (int i = 0; i < V; i++)
            sum[j * V + i] = places == 16 ? (part)0.0f : load_lanes(o->gradient + columns[j].gradient + row + i * LANE_PART);
    for (long block = 0; block < o->blocks; block++) {
        for (long p = 0; p < o->pixel_count; p++) {
            const float *s = small + at[p].small * rows, *b[12];
#pragma clang loop unroll(full)
            for (int j = 0; j < Q; j++) b[j] = big[j] + at[p].big;
            if (ahead)
#pragma clang loop unroll(full)
                for (int j = 0; j < Q; j++) __builtin_prefetch(b[j] + ahead, 0, 2);
#pragma clang loop unroll_count(4)
            for (int k = 0; k < places; k++, s += rows) {
                part u[2];
#pragma clang loop unroll(full)
                for (int i = 0; i < V; i++) u[i] = load_lanes(s + i * LANE_PART);
#pragma clang loop unroll(full)
                for (int j = 0; j < Q; j++) {
                    const part v = (part)b[j][k];
#pragma clang loop unroll(full)
                    for (int i = 0; i < V; i++) {
                        sum[j * V + i] = add(sum[j * V + i], u[i], v);
                        BEFORE_NEXT_LOAD(sum[j * V + i]);
                    }
                }
            }
        }
        small += o->small_block;
#pragma clang loop unroll(full)
        for (int j = 0; j < Q; j++) big[j] += o->big_block;
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < Q; j++)
#pragma clang loop unroll(full)
        for (int i = 0; i < V; i++) {
            float *g = o->gradient + columns[j].gradient + row + i * LANE_PART;
            store_lanes(g, places == 16 ? load_lanes(g) + sum[j * V + i] : sum[j * V + i]);
        }
}

typedef void (*TurnedTile)(const CKOuter *o, long row, const CKColumn *columns);
#define TURNED_TILE(add, V, Q)                                                                   \
    static void add##_turned_##V##x##Q(const CKOuter *o, long row, const CKColumn *columns) {    \
        turned_tile(add, add##_places, V, Q, o, row, columns);                                   \
    }
#define TURNED_ENTRY(add, V, Q) [V][Q] = add##_turned_##V##x##Q,
#define ALL_TURNED_TILES(add) TURNED_TILES(TURNED_TILE, add, 1) TURNED_TILES(TURNED_TILE, add, 2)
#define TURNED_TABLE(add) {TURNED_TILES(TURNED_ENTRY, add, 1) TURNED_TILES(TURNED_ENTRY, add, 2)}
enum { multiply_add_lanes_places = 16 };
ALL_TURNED_TILES(multiply_add_lanes)
static const TurnedTile turned_tiles[3][13] = TURNED_TABLE(multiply_add_lanes);

// One tile: V vectors of rows from `row` on by Q columns.
typedef struct {
    const CKOuter *outer;
    int V;
    long Q, row;
    const CKColumn *columns;
} TileOfOuter;
INLINE void make_turned_tile(const TileOfOuter *t) { turned_tiles[t->V][t->Q](t->outer, t->row, t->columns); }

INLINE void outer_turned_by(void (*const make)(const TileOfOuter *), const CKOuter *o) {
    const long tiles = (o->columns + TURNED_WIDTH - 1) / TURNED_WIDTH;
    TileOfOuter t = {.outer = o, .columns = o->columns_at};
    for (long j = 0; j < tiles; j++, t.columns += t.Q) {
        t.Q = o->columns / tiles + (j < o->columns % tiles);
        for (t.row = 0, t.V = 2; t.row < o->rows; t.row += t.V * LANE_PART) {
            if (o->rows - t.row < 2 * LANE_PART) t.V = 1;
            make(&t);
        }
    }
}
static void outer_turned(const CKOuter *o) { outer_turned_by(make_turned_tile, o); }
