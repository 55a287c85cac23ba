// Convolutions whose lanes are images: a tensor is [block][channel][row][column][16 images].
//
//   y[o][p] = f(bias[o] + sum over terms t of w[o][t] * x[p + t])     forward pass and gradient of the input
//
// Every address comes from a table: a pixel is a place in x and one in y, a term a step in x and a weight. Kernel size,
// stride, padding, dilation and transposition are matters of the tables. R outputs at W pixels stay in registers over
// all terms; each element is one sum in the order of the terms, so its bits depend on neither tile nor registers.
//
// In half precision a place of x and a weight are pairs, of two inputs each, and a term is two multiply-adds: pair_steps.h.
//
// LANE_PART lanes are worked on at a time, as many as a register holds: lanes never mix. TILE_SUMS is how many sums fit
// the registers beside the operands: 24 of 32, or 12 of 16.
typedef float part __attribute__((ext_vector_type(LANE_PART)));
typedef float part_unaligned __attribute__((ext_vector_type(LANE_PART), aligned(4)));

INLINE part load_lanes(const float *p) { return *(const part_unaligned *)p; }
INLINE void store_lanes(float *p, part v) { *(part_unaligned *)p = v; }

// Clang would load all operands first and multiply then, for which the registers do not suffice.
#if LANE_PART == 16
#define BEFORE_NEXT_LOAD(sum) __asm__ volatile("" : "+v"(sum)::"memory")
#elif defined(__x86_64__)
#define BEFORE_NEXT_LOAD(sum) __asm__ volatile("" : "+x"(sum)::"memory")
#elif defined(__aarch64__)
#define BEFORE_NEXT_LOAD(sum) __asm__ volatile("" : "+w"(sum)::"memory")
#else
#define BEFORE_NEXT_LOAD(sum) __asm__ volatile("" ::: "memory")
#endif

// What a term adds to sums.
typedef part (*LaneStep)(part sums, part a, part b);
INLINE part multiply_add_lanes(part sums, part a, part b) { return FMA(a, b, sums); }

// `run`: the pixels lie one vector after the other in x. `bare`: whoever calls applies the activation.
INLINE void gather_tile(const LaneStep add, const int bare, const int R, const int W, const int run, const CKGather *g,
                        const float *weights, const float *bias, const CKPixel *at, float *y) {
    const CKTerm *terms = g->terms;
    const long count = g->term_count, plane = g->plane;
    // The pixels after these: where they come from the third-level cache, one channel's plane after the other, nothing else
    // would fetch them in time. Tiles of more pixels than outputs have no loads to spare.
    const long ahead = at + 2 * W <= g->pixels + g->pixel_count ? at[W].x - at[0].x : 0;
    for (int lane = 0; lane < 16; lane += LANE_PART) {
        const float *x[14];  // not W: an array of such a length would not live in registers
        part sum[24];
#pragma clang loop unroll(full)
        for (int p = 0; p < W; p++) x[p] = g->x + at[p].x + lane;
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
            for (int p = 0; p < W; p++)
                sum[r * W + p] = g->continues ? load_lanes(y + r * plane + at[p].y + lane) : (part)(bias ? bias[r] : 0.0f);
        for (long t = 0; t < count; t++) {
            const long step = terms[t].x;
            const float *w = weights + (long)terms[t].weight * R;
            if (run || R < W) {
                part s[4];
#pragma clang loop unroll(full)
                for (int r = 0; r < R; r++) s[r] = (part)w[r];
#pragma clang loop unroll(full)
                for (int p = 0; p < W; p++) {
                    const part v = load_lanes((run ? x[0] + p * 16 : x[p]) + step);
                    if (R == 3 && LANE_PART >= 8) __builtin_prefetch(x[p] + step + ahead, 0, 3);
#pragma clang loop unroll(full)
                    for (int r = 0; r < R; r++) {
                        sum[r * W + p] = add(sum[r * W + p], s[r], v);
                        BEFORE_NEXT_LOAD(sum[r * W + p]);
                    }
                }
            } else {
                part v[4];
#pragma clang loop unroll(full)
                for (int p = 0; p < W; p++) {
                    v[p] = load_lanes(x[p] + step);
                    if (LANE_PART >= 8) __builtin_prefetch(x[p] + step + ahead, 0, 3);
                }
#pragma clang loop unroll(full)
                for (int r = 0; r < R; r++) {
                    const part s = (part)w[r];
#pragma clang loop unroll(full)
                    for (int p = 0; p < W; p++) {
                        sum[r * W + p] = add(sum[r * W + p], s, v[p]);
                        if (TILE_SUMS == 12) BEFORE_NEXT_LOAD(sum[r * W + p]);  // no register to spare
                    }
                }
            }
        }
        if (!bare && g->activation == CK_LEAKY_RELU) {
            const part slope = (part)g->slope;
#pragma clang loop unroll(full)
            for (int i = 0; i < R * W; i++) sum[i] = sum[i] < (part)0.0f ? sum[i] * slope : sum[i];
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
            for (int p = 0; p < W; p++) store_lanes(y + r * plane + at[p].y + lane, sum[r * W + p]);
    }
}

typedef void (*GatherTile)(const CKGather *g, const float *weights, const float *bias, const CKPixel *at, float *y);
#if TILE_SUMS == 24
#define GATHER_TILES(T, add)                                                                                        \
    T(add, 8, 3) T(add, 8, 2) T(add, 8, 1) T(add, 7, 3) T(add, 7, 2) T(add, 7, 1) T(add, 6, 4) T(add, 6, 3) T(add, 6, 2) T(add, 6, 1) T(add, 4, 6) T(add, 4, 4) T(add, 4, 3)    \
    T(add, 4, 2) T(add, 4, 1) T(add, 3, 8) T(add, 3, 6) T(add, 3, 4) T(add, 3, 3) T(add, 3, 2) T(add, 3, 1) T(add, 2, 12) T(add, 2, 8) T(add, 2, 6) T(add, 2, 4) T(add, 2, 2)   \
    T(add, 2, 1) T(add, 1, 14) T(add, 1, 8) T(add, 1, 4) T(add, 1, 2) T(add, 1, 1)
#else
#define GATHER_TILES(T, add)                                                                                        \
    T(add, 6, 2) T(add, 6, 1) T(add, 4, 3) T(add, 4, 2) T(add, 4, 1) T(add, 3, 4) T(add, 3, 3) T(add, 3, 2) T(add, 3, 1) T(add, 2, 6) T(add, 2, 4) T(add, 2, 2) T(add, 2, 1)    \
    T(add, 1, 12) T(add, 1, 8) T(add, 1, 4) T(add, 1, 2) T(add, 1, 1)
#endif
#define GATHER_TILE(add, R, W)                                                                                  \
    static void add##_gather_##R##x##W(const CKGather *g, const float *weights, const float *bias,             \
                                       const CKPixel *at, float *y) {                                          \
        gather_tile(add, add##_is_bare, R, W, 0, g, weights, bias, at, y);                                     \
    }
#define GATHER_ENTRY(add, R, W) [R][W] = add##_gather_##R##x##W,
#define GATHER_SHAPE(add, R, W) {R, W},
static const CKTileShape gather_shapes[] = {GATHER_TILES(GATHER_SHAPE, )};

// One to three outputs leave registers for many pixels, and not for an address each: where a row of pixels lies in one
// piece, tiles of any width go along it.
#if TILE_SUMS == 24
enum { RUN_LEAST = 4 };
static const long run_width[] = {0, 14, 12, 8};
#define RUN_TILES(T, add)                                                                                            \
    T(add, 1, 4) T(add, 1, 5) T(add, 1, 6) T(add, 1, 7) T(add, 1, 8) T(add, 1, 9) T(add, 1, 10) T(add, 1, 11) T(add, 1, 12) T(add, 1, 13) T(add, 1, 14) T(add, 2, 4) T(add, 2, 5) \
    T(add, 2, 6) T(add, 2, 7) T(add, 2, 8) T(add, 2, 9) T(add, 2, 10) T(add, 2, 11) T(add, 2, 12) T(add, 3, 4) T(add, 3, 5) T(add, 3, 6) T(add, 3, 7) T(add, 3, 8)
#else
enum { RUN_LEAST = 3 };
static const long run_width[] = {0, 12, 6, 4};
#define RUN_TILES(T, add)                                                                                            \
    T(add, 1, 3) T(add, 1, 4) T(add, 1, 5) T(add, 1, 6) T(add, 1, 7) T(add, 1, 8) T(add, 1, 9) T(add, 1, 10) T(add, 1, 11) T(add, 1, 12) T(add, 2, 3) T(add, 2, 4) T(add, 2, 5)  \
    T(add, 2, 6) T(add, 3, 2) T(add, 3, 3) T(add, 3, 4)
#endif
#define RUN_TILE(add, R, W)                                                                                    \
    static void add##_run_##R##x##W(const CKGather *g, const float *weights, const float *bias,                \
                                    const CKPixel *at, float *y) {                                             \
        gather_tile(add, add##_is_bare, R, W, 1, g, weights, bias, at, y);                                     \
    }
#define RUN_ENTRY(add, R, W) [R][W] = add##_run_##R##x##W,

typedef struct {
    GatherTile tiles[9][15], runs[4][15];
} GatherTiles;
#define ALL_GATHER_TILES(add) GATHER_TILES(GATHER_TILE, add) RUN_TILES(RUN_TILE, add)
#define GATHER_TABLE(add) {.tiles = {GATHER_TILES(GATHER_ENTRY, add)}, .runs = {RUN_TILES(RUN_ENTRY, add)}}
enum { multiply_add_lanes_is_bare = 0 };
ALL_GATHER_TILES(multiply_add_lanes)
static const GatherTiles number_tiles = GATHER_TABLE(multiply_add_lanes);

// Over the tile once more, while it is in the first-level cache: the elementary functions take all lanes at once.
static void gather_activation(const CKGather *g, long rows, const CKPixel *at, long width, float *y) {
    for (long r = 0; r < rows; r++)
        for (long p = 0; p < width; p++) {
            float *v = y + r * g->plane + at[p].y;
            const v16 x = load(v);
            store(v, g->activation == CK_TANH      ? vector_tanh(x)
                     : g->activation == CK_SIGMOID ? vector_sigmoid(x)
                                                   : (x < splat(0.0f) ? x * splat(g->slope) : x));
        }
}

// One tile of a gather.
typedef struct {
    const CKGather *gather;
    int run;
    long rows, width;
    const float *weights, *bias;
    const CKPixel *at;
    float *y;
} TileOfGather;
INLINE void make_tile(const GatherTiles *tiles, const TileOfGather *t) {
    (t->run ? tiles->runs[t->rows] : tiles->tiles[t->rows])[t->width](t->gather, t->weights, t->bias, t->at, t->y);
}
INLINE void make_number_tile(const TileOfGather *t) { make_tile(&number_tiles, t); }

INLINE void gather_by(void (*const make)(const TileOfGather *), const int bare, const CKGather *g) {
    const int apart = g->activation >= CK_TANH || (bare && g->activation == CK_LEAKY_RELU);
    for (long i = 0; i < g->tile_count; i++) {
        const long first = g->tiles[i].first, rows = g->tiles[i].rows;
        const int run = rows <= 3 && g->run >= RUN_LEAST;
        const long pieces = run ? (g->run + run_width[rows] - 1) / run_width[rows] : 1;
        TileOfGather t = {.gather = g, .run = run, .rows = rows, .weights = g->weights + first * g->weight_terms,
                          .bias = g->bias ? g->bias + first : 0, .y = g->y + first * g->plane};
        for (long p = 0, width = 14, piece = 0; p < g->pixel_count; p += width, piece++) {
            if (run) {
                width = g->run / pieces + (piece % pieces < g->run % pieces);
            } else {
                if (width > g->pixel_count - p) width = g->pixel_count - p;
                while (!number_tiles.tiles[rows][width]) width--;
                // Rather two tiles of middling width than one of one pixel, which is slow.
                if (g->pixel_count - p == width + 1 && width > 2 && number_tiles.tiles[rows][width - 1]) width--;
            }
            t.width = width, t.at = g->pixels + p;
            make(&t);
            if (apart) gather_activation(g, rows, t.at, width, t.y);
        }
    }
}
static void gather(const CKGather *g) { gather_by(make_number_tile, multiply_add_lanes_is_bare, g); }

// dz = f'(y) dy over the n elements of one plane, a multiple of 16; returns their sum, in the order of reductions.h.
static float plane_gradient(int activation, float slope, const float *y, const float *dy, float *dz, long n) {
    v16 s[4] = {splat(0.0f), splat(0.0f), splat(0.0f), splat(0.0f)};
    for (long i = 0; i < n; i += 16) {
        v16 a = load(y + i), b = load(dy + i);
        if (activation == CK_LEAKY_RELU) b = a > splat(0.0f) ? b : b * splat(slope);
        else if (activation == CK_TANH) b = b * FMA(-a, a, splat(1.0f));
        else if (activation == CK_SIGMOID) b = b * FMA(-a, a, a);
        store(dz + i, b);
        s[(i >> 4) & 3] += b;
    }
    return lane_sum((s[0] + s[1]) + (s[2] + s[3]));
}
