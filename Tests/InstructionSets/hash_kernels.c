// Prints a hash of what every kernel makes of fixed inputs, one line a kernel, for the instruction set named as
// argument. scripts/check-neon compares the lines of a native build with those of an arm64 build under qemu-user:
// all instruction sets must give the same bits.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

enum { N = 1237, ROWS = 23, COLUMNS = 71, WIDTH = 64 };
static float x[8192], y[8192], z[8192], out[8192], more[8192];
static int32_t ids[ROWS];

static uint64_t hash(const void *data, size_t bytes) {  // FNV-1a
    uint64_t h = 1469598103934665603ull;
    for (size_t i = 0; i < bytes; i++) h = (h ^ ((const unsigned char *)data)[i]) * 1099511628211ull;
    return h;
}
static void show(const char *name, const void *data, size_t bytes) {
    printf("%-24s %016llx\n", name, (unsigned long long)hash(data, bytes));
}
// What is not a number is so everywhere; its sign and the rest of its bits are the machine's.
static void same_nan(float *p) {
    for (int i = 0; i < 8192; i++)
        if (isnan(p[i])) p[i] = NAN;
}
#define SHOW(name) same_nan(out), show(name, out, sizeof out), memset(out, 0, sizeof out)

// What an eighth of the numbers is instead: zeros of either sign, denormal numbers, ties; or what is not finite.
static enum { NOTHING, SMALL_AND_EQUAL, NOT_FINITE } strewn;
static const float small_and_equal[] = {0, -0.0f, 0, -0.0f, 1e-40f, -1e-40f, 0x1p-149f, 0x1p-126f, -0x1p-126f, 0.5f, 0.5f, 1, 1};
static const float not_finite[] = {NAN, INFINITY, -INFINITY};

// Numbers of either sign, mostly around 1, from a linear congruence: the same on any machine.
static void fill(float *p, uint64_t seed, float scale) {
    for (int i = 0; i < 8192; i++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        p[i] = scale * ((float)(int32_t)(seed >> 32) * 0x1p-31f);
        if (strewn && (seed >> 40 & 7) == 0) p[i] = strewn == NOT_FINITE ? not_finite[(seed >> 43) % 3] : small_and_equal[(seed >> 43) % 13];
    }
}
static void reset(void) {
    fill(x, 1, 4), fill(y, 2, 1), fill(z, 3, 0.5f), fill(more, 4, 2), memset(out, 0, sizeof out);
}

static float pair_of(float first, float second) {
    const uint32_t pair = ck_pair(first, second);
    float x;
    memcpy(&x, &pair, sizeof x);
    return x;
}

static void products(const CKKernels *k) {
    for (int columns = 16; columns <= WIDTH; columns += 7)
        for (int rows = 1; rows <= 13; rows += 3) {
            CKPanelProduct p = {.a = x, .a_row = 37, .a_k = 1, .a_group = 500, .b = y, .b_k = 64, .b_group = 2000,
                                .b_vector = 16 + rows, .c = out, .c_row = 80, .c_vector = 16, .start_vector = 16, .groups = 2, .inner = 29, .rows = rows, .columns = columns,
                                .start = rows & 1 ? out : rows == 4 ? z : 0, .start_row = rows & 1 ? 80 : 0,
                                .prefetch = {{x, 16}, {0}, {y, 32}}};
            k->panel_product(&p);
        }
    SHOW("panel_product");
    // Pairs of half precision: around 1, and so small that results are denormal now and then.
    static float a[8192], b[8192];
    for (int small = 0; small < 2; small++) {
        static float u[8192], v[8192];
        for (int i = 0; i < 8192; i++) u[i] = small ? x[i] * 0x1p-66f : x[i], v[i] = small ? y[i] * 0x1p-62f : y[i];
        k->pair_neighbors(u, 8176, a), SHOW("pair_neighbors");
        k->pair_rows(v, 64, 127, 64, b, 64), memcpy(out, b, sizeof out), SHOW("pair_rows");
        for (int columns = 16; columns <= WIDTH; columns += 7)
            for (int rows = 1; rows <= 13; rows += 3) {
                CKPanelProduct p = {.a = a, .a_row = 37, .a_k = 1, .a_group = 500, .b = b, .b_k = 64, .b_group = 2000,
                                    .b_vector = 16 + rows, .c = out, .c_row = 80, .c_vector = 16, .start_vector = 16, .groups = 2, .inner = 29, .rows = rows, .columns = columns,
                                    .start = rows & 1 ? out : rows == 4 ? z : 0, .start_row = rows & 1 ? 80 : 0,
                                    .prefetch = {{a, 16}, {0}, {b, 32}}};
                k->pair_product(&p);
            }
        SHOW("pair_product");
    }
    // Results just below the least normal number, where it matters when a processor finds a number denormal.
    for (int i = 0; i < 8192; i++) {
        a[i] = pair_of(0x1p-75f * (x[i] < 0 ? -1 : 1) * (1 + (i & 7) / 128.0f), 0);
        b[i] = pair_of(ldexpf(1, -75 - i % 3), 0);
        out[i] = y[i] < 0 ? -0x1p-126f : 0x1p-126f;
    }
    for (int rows = 1; rows <= 13; rows += 3) {
        float *c = out + rows * 500;
        CKPanelProduct p = {.a = a + rows, .a_row = 1, .a_k = 1, .b = b + rows, .b_k = 64, .b_vector = 16, .c = c, .c_row = 64,
                            .c_vector = 16, .start = c, .start_row = 64, .start_vector = 16, .groups = 1, .inner = 1,
                            .rows = rows, .columns = 64};
        k->pair_product(&p);
    }
    SHOW("pair_product at the edge");
    if (strewn == NOT_FINITE) return;
    // Bytes, the k of all panels of a weight of 127 rows of 64 columns.
    static int8_t bytes[128 * 64];
    static uint8_t states[64 * 160];
    static int32_t sums[64], totals[13 * 64];
    for (int i = 0; i < 64; i++) more[i] = 127 / 4.0f;
    k->byte_rows(x, 64, 127, 64, more, bytes, sums);
    memcpy(out, bytes, sizeof bytes), memcpy(out + 4096, sums, sizeof sums), SHOW("byte_rows");
    k->byte_states(more + 64, 500, states + 3, 20), memcpy(out, states, sizeof states), SHOW("byte_states");
    for (int columns = 16; columns <= WIDTH; columns += 16)
        for (int rows = 1; rows <= 13; rows++) {
            CKByteProduct p = {.a = states + rows, .a_row = 137, .b = bytes, .b_step = 256, .b_sums = sums,
                               .c = totals, .c_row = 64, .steps = 32, .rows = rows, .columns = columns};
            k->byte_product(&p);
        }
    memcpy(out, totals, sizeof totals), SHOW("byte_product");
    k->add_scaled_sums(totals, 13, y, out), SHOW("add_scaled_sums");
    reset();
    k->transpose(x, 71, 40, 70, out, 41);
    SHOW("transpose");
    k->strassen_left(x, y, z, more, 128, out, 144);
    SHOW("strassen_left");
    k->strassen_right(x, y, z, more, 128, out, 144);
    SHOW("strassen_right");
    k->strassen_join(x, 144, 128, out, out + 128, out + 256, out + 384);
    SHOW("strassen_join");
}
static void cells(const CKKernels *k) {
    for (int groups = 2; groups <= 4; groups += 2) {
        k->start_accumulators(out, ROWS, y, x, 48, 48, ids);
        SHOW("start_accumulators");
        memcpy(more, z, sizeof more);
        k->lstm_forward(x, ROWS, y, out, out + 2000, out + 3000);
        SHOW("lstm_forward");
        memcpy(out, x, sizeof x / 2);
        k->lstm_backward(y, ROWS, out, z, x, out + 5000);
        SHOW("lstm_backward");
        k->gru_forward(x, ROWS, z, out, out + 4000);
        SHOW("gru_forward");
        memcpy(out, x, sizeof x / 2);
        k->gru_backward(y, ROWS, out, z, out + 5000);
        SHOW("gru_backward");
        k->tanh_forward(x, ROWS, out, 16 * ROWS, groups);
        SHOW("tanh_forward");
        k->tanh_backward(x, ROWS, y, 16 * ROWS, groups, out);
        SHOW("tanh_backward");
        k->sum_and_scatter(x, ROWS, out, out + 64, 48, 48, ids);
        SHOW("sum_and_scatter");
    }
}
static void elementwise(const CKKernels *k) {
#define ONE(name) k->name(x, out, N), SHOW(#name)
#define TWO(name) k->name(x, y, out, N), SHOW(#name)
    ONE(exp), ONE(log), ONE(tanh), ONE(sigmoid), ONE(gelu);
    k->multiply(y, y, out, N), k->square_root(out, out, N), SHOW("square_root");
    TWO(tanh_gradient), TWO(sigmoid_gradient), TWO(gelu_gradient), TWO(add), TWO(subtract), TWO(multiply), TWO(divide);
    k->relu(x, 0.2f, out, N), SHOW("relu");
    k->relu_gradient(x, 0.2f, y, out, N), SHOW("relu_gradient");
    k->affine(x, 1.7f, -0.3f, out, N), SHOW("affine");
    k->accumulate(x, 1.7f, out, N), SHOW("accumulate");
    k->clamp(x, -1, 0.5f, out, N), SHOW("clamp");
    k->add_row(out, x, ROWS, COLUMNS), SHOW("add_row");
    for (int n = 1; n < 99; n += 7) {
        out[3 * n] = k->sum(x, n), out[3 * n + 1] = k->sum_of_squares(x, n), out[3 * n + 2] = k->maximum(x, n);
    }
    SHOW("reductions");
    k->column_sums(x, ROWS, COLUMNS, 80, out), SHOW("column_sums");
    k->softmax(x, ROWS, COLUMNS, out), SHOW("softmax");
    k->softmax_cross_entropy(x, ids, ROWS, COLUMNS, 0.01f, out, out + 64), SHOW("softmax_cross_entropy");
    k->softmax_cross_entropy(x, ids, ROWS, COLUMNS, 0.01f, out, 0), SHOW("cross_entropy");
}
static void random_numbers(const CKKernels *k) {
    CKRandomKey key = {0x123456789abcdef0ull, 0x1f00000002ull, 77};
    k->random_bits(key, 5, (uint32_t *)out, 999), SHOW("random_bits");
    k->uniform(key, 6, out, 999), SHOW("uniform");
    k->normal(key, 7, out, 999), SHOW("normal");
    k->dropout(key, 8, 0.3f, 1.4f, x, out, 999), SHOW("dropout");
}
static void losses(const CKKernels *k) {
    static float targets[8192];
    for (int i = 0; i < 8192; i++) targets[i] = y[i] * 0.5f + 0.5f;
    k->squared_error(x, targets, 3, 1111, 0.3f, out, out + 100), SHOW("squared_error");
    k->absolute_error(x, targets, 3, 1111, 0.3f, out, out + 100), SHOW("absolute_error");
    k->binary_cross_entropy(x, targets, 3, 1111, 0.3f, out, out + 100), SHOW("binary_cross_entropy");
}
static void planes(const CKKernels *k) {
    CKNormalization n = {.mean = y, .inverse = z, .weight = 0.7f, .bias = -0.2f, .slope = 0.1f};
    k->lane_moments(x, 307, out, out + 16), SHOW("lane_moments");
    k->normalize(&n, x, 307, out), SHOW("normalize");
    k->normalize_sums(&n, x, y, 307, out, out + 16), SHOW("normalize_sums");
    k->normalize_gradient(&n, x, y, 307, z + 64, z + 80, 11, out), SHOW("normalize_gradient");
    CKPool p = {.height = 9, .width = 11, .out_height = 5, .out_width = 11, .kernel_height = 3, .kernel_width = 3,
                .stride_height = 2, .stride_width = 1, .pad_height = 1, .pad_width = 1};
    k->max_pool(&p, x, out), memcpy(more, out, sizeof more), SHOW("max_pool");
    k->max_pool_gradient(&p, x, more, y, out), SHOW("max_pool_gradient");
    k->average_pool(&p, x, out), SHOW("average_pool");
    k->average_pool_gradient(&p, y, out), SHOW("average_pool_gradient");
    CKTap rows[5] = {{0, 0, 0}, {0, 1, 0.3f}, {2, 3, 0.7f}, {1, 2, 0.5f}, {3, 3, 0}};
    CKTap columns[3] = {{1, 2, 0.25f}, {0, 1, 0.9f}, {2, 2, 0}};
    CKResampling r = {.width = 3, .out_height = 5, .out_width = 3, .rows = rows, .columns = columns};
    k->resample_nearest(&r, x, out), SHOW("resample_nearest");
    k->resample_nearest_gradient(&r, x, out), SHOW("resample_nearest_gradient");
    k->resample_linear(&r, x, out), SHOW("resample_linear");
    k->resample_linear_gradient(&r, x, out), SHOW("resample_linear_gradient");
}
static void optimizers(const CKKernels *k) {
#define STEP(name, call) memcpy(out, z, sizeof z / 2), call, SHOW(name)
    float *slot = out + 4096, *second = more;
    for (int i = 0; i < 8192; i++) more[i] = more[i] < 0 ? -more[i] : more[i];
    STEP("momentum_step", k->momentum_step(out, x, slot, N, 0.9f, 0.1f, 0.9f, 0.01f, 0));
    STEP("nesterov_step", k->momentum_step(out, x, slot, N, 0.9f, 0.1f, 0.9f, 0.01f, 1));
    STEP("adagrad_step", k->adagrad_step(out, x, second, N, 0.9f, 0.1f, 1e-10f, 0.01f));
    STEP("rmsprop_step", k->rmsprop_step(out, x, second, N, 0.9f, 0.1f, 0.99f, 1e-8f, 0.01f));
    STEP("adam_step", k->adam_step(out, x, slot, second, N, 0.9f, 0.1f, 0.9f, 0.999f, 1e-8f, 0.19f, 0.002f, 0.01f, 0.1f));
    same_nan(more), show("second moments", more, sizeof more);
}
// Seven outputs in tiles of the heights that the instruction set has, 23 pixels, nine terms.
static void convolutions(const CKKernels *k) {
    enum { OUTPUTS = 7, PIXELS = 23, TERMS = 9 };
    CKOutputs tiles[OUTPUTS];
    CKTerm terms[TERMS];
    CKPixel pixels[PIXELS];
    static float packed[OUTPUTS * TERMS], halved[OUTPUTS * TERMS], little[OUTPUTS * TERMS], halves[8192], few[8192];
    for (int i = 0; i < 8192; i++) halves[i] = pair_of(x[i], y[i]), few[i] = pair_of(x[i] * 0x1p-64f, y[i] * 0x1p-63f);
    for (int t = 0; t < TERMS; t++) terms[t] = (CKTerm){.x = (t * 5 % 11 - 2) * 16, .weight = t * 2 % TERMS};
    for (int p = 0; p < PIXELS; p++) pixels[p] = (CKPixel){.x = (2 + p * 3 % 19) * 16, .y = p * 16};
    for (int tallest = 1; tallest <= OUTPUTS; tallest += 3)
        for (int activation = CK_LINEAR; activation <= CK_SIGMOID; activation++) {
            int count = 0;
            for (int first = 0; first < OUTPUTS;) {
                int rows = 1;
                for (long i = 0; i < k->gather_shape_count; i++) {
                    const int r = k->gather_shapes[i].rows;
                    if (r > rows && r <= tallest && r <= OUTPUTS - first) rows = r;
                }
                for (int t = 0; t < TERMS; t++)
                    for (int r = 0; r < rows; r++) packed[(first * TERMS) + t * rows + r] = y[(first + r) * TERMS + t];
                tiles[count++] = (CKOutputs){.first = first, .rows = rows};
                first += rows;
            }
            for (int i = 0; i < OUTPUTS * TERMS; i++) {
                halved[i] = pair_of(packed[i], -packed[i] / 3), little[i] = pair_of(packed[i] * 0x1p-62f, packed[i] * 0x1p-64f);
            }
            CKGather g = {.x = x, .y = out, .weights = packed, .weight_terms = TERMS, .bias = z, .tiles = tiles,
                          .tile_count = count, .terms = terms, .term_count = TERMS, .pixels = pixels,
                          .pixel_count = PIXELS, .plane = PIXELS * 16, .activation = activation, .slope = 0.2f,
                          .continues = activation == CK_LEAKY_RELU};
            k->gather(&g), SHOW("gather");
            // The same numbers as pairs: those of ordinary size, and so small that results are denormal now and then.
            for (int small = 0; small < 2; small++) {
                g.x = small ? few : halves, g.weights = small ? little : halved;
                g.continues = activation != CK_LINEAR, g.bias = 0;
                for (int i = 0; i < 8192; i++) out[i] = small ? z[i] * 0x1p-125f : z[i];
                k->gather_pairs(&g), SHOW("gather_pairs");
            }
        }
    for (int p = 0; p < PIXELS; p++) pixels[p].x = (2 + p) * 16;
    for (int rows = 1; rows <= 3; rows++)
        for (int run = PIXELS; run > 3; run -= 3) {
            for (int i = 0; i < rows * TERMS; i++) packed[i] = y[i];
            *tiles = (CKOutputs){.first = 0, .rows = rows};
            CKGather g = {.x = x, .y = out, .weights = packed, .weight_terms = TERMS, .bias = z, .tiles = tiles,
                          .tile_count = 1, .terms = terms, .term_count = TERMS, .pixels = pixels, .pixel_count = run,
                          .run = run, .plane = PIXELS * 16};
            k->gather(&g), SHOW("gather along a row");
            for (int i = 0; i < rows * TERMS; i++) halved[i] = pair_of(y[i], x[i]);
            g.x = halves, g.weights = halved, g.activation = CK_LEAKY_RELU, g.slope = 0.1f;
            k->gather_pairs(&g), SHOW("gather_pairs along a row");
        }
    CKOuterPixel pairs[PIXELS];
    CKColumn columns[29];
    for (int p = 0; p < PIXELS; p++) pairs[p] = (CKOuterPixel){.small = p * 16, .big = p * 5 % 17 * 16};
    for (int rows = 1; rows <= 32; rows = rows < 15 ? rows + 7 : rows == 15 ? 16 : 2 * rows)
        for (int width = 1; width <= 29; width += 4)
            for (int turned = 0; turned <= (rows % 16 == 0); turned++) {
                for (int j = 0; j < width; j++) columns[j] = (CKColumn){.big = j * 112, .gradient = (j * 11 + 3) % width * rows};
                CKOuter o = {.small = x, .big = y, .small_plane = 7 * 16, .small_block = 7 * 16 * rows,
                             .big_block = 11 * 16, .blocks = 2, .rows = rows, .columns = width, .columns_at = columns,
                             .pixels = pairs, .pixel_count = 7, .gradient = out};
                turned ? k->outer_turned(&o) : k->outer(&o);
                SHOW(turned ? "outer_turned" : "outer");
                for (int small = 0; small < 2; small++) {
                    o.small = o.big = small ? few : halves;
                    for (int i = 0; i < 8192; i++) out[i] = small ? z[i] * 0x1p-125f : z[i];
                    turned ? k->outer_turned_pairs(&o) : k->outer_pairs(&o);
                    SHOW(turned ? "outer_turned_pairs" : "outer_pairs");
                }
            }
    k->turn(x, 240, 32, 13, out), SHOW("turn");
    k->turn_pairs(x, 240, 32, 13, out), SHOW("turn_pairs");
    for (int activation = CK_LINEAR; activation <= CK_SIGMOID; activation++) {
        out[8000] = k->plane_gradient(activation, 0.2f, z, x, out, 1232), SHOW("plane_gradient");
    }
}
static void doubles(void) {
    static double results[6 * 400];
    for (int i = 0; i < 400; i++) {
        double v = (i - 200) * 0.137, a = v < 0 ? -v + 1e-3 : v + 1e-3, *r = results + 6 * i;
        r[0] = ck_exp(v), r[1] = ck_log(a), r[2] = ck_sin(v), r[3] = ck_cos(v), r[4] = ck_tanh(v), r[5] = ck_pow(a, v / 3);
    }
    show("doubles", results, sizeof results);
}

int main(int count, char **arguments) {
    const char *name = count > 1 ? arguments[1] : "portable";
    CKInstructionSet set = !strcmp(name, "avx512bf16") ? CK_AVX512BF16
                           : !strcmp(name, "avx512vnni") ? CK_AVX512VNNI
                           : !strcmp(name, "avx512") ? CK_AVX512
                           : !strcmp(name, "avx2") ? CK_AVX2
                           : !strcmp(name, "neon") ? CK_NEON
                                                   : CK_PORTABLE;
    const CKKernels *k = ck_kernels(set);
    if (!k) return fprintf(stderr, "this processor cannot run %s\n", name), 2;
    for (int i = 0; i < ROWS; i++) ids[i] = (i * 7 + 3) % 60;
    reset(), products(k);
    reset(), cells(k);
    reset(), elementwise(k);
    reset(), random_numbers(k);
    reset(), losses(k);
    reset(), planes(k);
    reset(), optimizers(k);
    reset(), convolutions(k);
    doubles();
    for (strewn = SMALL_AND_EQUAL; strewn <= NOT_FINITE; strewn++) {
        reset(), products(k);
        reset(), cells(k);
        reset(), elementwise(k);
        reset(), losses(k);
        reset(), planes(k);
        reset(), optimizers(k);
        reset(), convolutions(k);
    }
    return 0;
}
