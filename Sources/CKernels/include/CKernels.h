// The inner loops of the engine: one source, compiled once per instruction set, chosen at run time.
//
// Every function works on plain pointers and counts, allocates nothing and knows no thread.
// The bits it produces do not depend on the instruction set: products accumulate each element by
// fused multiply-adds in increasing k, reductions use 16 virtual lanes and one fixed tree.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

typedef enum { CK_PORTABLE = 0, CK_NEON = 1, CK_AVX2 = 2, CK_AVX512 = 3, CK_AVX512VNNI = 4, CK_AVX512BF16 = 5 } CKInstructionSet;

// Width in floats of a packed panel of weights, and of one hidden-unit group.
enum { CK_PANEL = 64, CK_GROUP = 16 };

// C[r][c] = S[r][c] + sum over g < groups, k < inner of A(g, k, r) * B(g, k, c),  c < columns <= 64.
// A(g, k, r) = a[g * a_group + k * a_k + r * a_row]; B(g, k, c) = b[g * b_group + k * b_k + c / 16 * b_vector + c % 16].
// S(r, c) = start[r * start_row + c], or zero where start is null. It may be C itself, to go on with a sum, or a bias, with
// a step of zero, or a gradient that arrives from elsewhere. A row of C or S is vectors of 16 columns, c_vector or start_vector floats
// apart: 16 where it lies in one piece, as it must if columns is not a multiple of 16.
// Vectors of 16 columns of B are b_vector floats apart, 16 where a row lies in one piece; each must be readable to its end.
// `prefetch`: what the first, second … tile of rows draws into the second-level cache, for what comes next: for each group
// `inner` cache lines from a place on, or null for nothing.
enum { CK_PREFETCHES = 4 };
typedef struct {
    const float *lines;
    long group;
} CKPrefetch;
typedef struct {
    const float *a;
    long a_row, a_k, a_group;
    const float *b;
    long b_k, b_group, b_vector;
    const float *start;
    long start_row, start_vector;
    float *c;
    long c_row, c_vector;
    long groups, inner;
    long rows, columns;
    CKPrefetch prefetch[CK_PREFETCHES];
} CKPanelProduct;

// The same by plain loops, bit for bit: plain_product.c, the oracle of `panel_product` and the place to begin reading.
void ck_plain_product(const CKPanelProduct *p);

// Half precision. A number of half precision, bf16, is the upper half of a single-precision one; two that follow each other
// in k are a pair of 32 bits, the first in the upper half. In a product of pairs `inner`, the steps of A and B, and what
// `prefetch` counts are pairs; start and C are single precision, and so is each sum: in the natural order of k, with one
// rounding for each multiply-add, but that denormal numbers count as zeros and results that are denormal become such.
// Where there is no k at all C is the start as it is. Of a NaN it is not said which bits it has.
void ck_plain_pair_product(const CKPanelProduct *p);
// A pair of two numbers rounded to the nearest, ties to even, denormal ones to zeros of their sign.
uint32_t ck_pair(float first, float second);

// Bytes. C[r][c] += sum over k < 4 steps of (a[r * a_row + k] - 128) * b[k / 4 * b_step + c * 4 + k % 4], c < columns, a
// multiple of 16 up to 64; rows of C are c_row numbers apart. Exact while C stays below 2^31, as it does with 131,072 k. b_sums:
// of each column of B, over all k.
typedef struct {
    const uint8_t *a;
    long a_row;
    const int8_t *b;
    long b_step;
    const int32_t *b_sums;
    int32_t *c;
    long c_row;
    long steps, rows, columns;
} CKByteProduct;

// What follows a convolution's sum. Leaky ReLU with slope 0 is ReLU.
typedef enum { CK_LINEAR = 0, CK_LEAKY_RELU = 1, CK_TANH = 2, CK_SIGMOID = 3 } CKActivation;

// Steps and places of convolutions, in floats; a weight is counted in terms.
typedef struct {
    int32_t x, weight;
} CKTerm;
typedef struct {
    int32_t x, y;
} CKPixel;
typedef struct {
    int32_t small, big;
} CKOuterPixel;
typedef struct {
    int32_t big, gradient;
} CKColumn;
typedef struct {
    int32_t first, rows;
} CKOutputs;
// Outputs at a time and pixels at a time that a kernel keeps in registers.
typedef struct {
    int32_t rows, columns;
} CKTileShape;

// y[o * plane + pixel.y] = f(bias[o] + sum over terms of w(o, term.weight) * x[pixel.x + term.x]), for 16 lanes.
// Outputs come in tiles of as many rows as gather_shapes offers; the weights of one start at
// weights[first * weight_terms] as [term][row]. bias may be null. `run`, if not 0, says that the pixels come in rows of so
// many, each of which lies in one piece in x. `continues`: the sums start from what is in y, not from the bias.
typedef struct {
    const float *x;
    float *y;
    const float *weights;
    long weight_terms;
    const float *bias;
    const CKOutputs *tiles;
    long tile_count;
    const CKTerm *terms;
    long term_count;
    const CKPixel *pixels;
    long pixel_count;
    long run;
    long plane;
    int activation;
    float slope;
    int continues;
} CKGather;

// gradient[column.gradient + a] += sum over blocks, pixels and lanes of
// small[a * small_plane + pixel.small] * big[column.big + pixel.big], a < rows.
// outer_turned: small is [block][pixel][16 images][rows], rows 16 or 32, pixel.small counts 16 for a pixel, and `ahead`,
// if not 0, is how far from a column another one lies that will be wanted soon.
typedef struct {
    const float *small, *big;
    long small_plane, small_block, big_block;
    long blocks, rows, columns;
    const CKColumn *columns_at;
    const CKOuterPixel *pixels;
    long pixel_count;
    long ahead;
    float *gradient;
} CKOuter;

// What a random draw is a function of (Philox4x32-10, Salmon et al. 2011).
typedef struct {
    uint64_t seed, stream, step;
} CKRandomKey;

// What the elements of a plane of images in lanes go through: xhat = (x - mean) inverse with a mean and an inverse
// deviation for each of 16 lanes, v = weight xhat + bias, then slope v where v is below zero (1: nothing).
typedef struct {
    const float *mean, *inverse;
    float weight, bias, slope;
} CKNormalization;

// Windows over a plane: output pixel o starts at o * stride - pad.
typedef struct {
    long height, width, out_height, out_width;
    long kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width;
} CKPool;

// Where an output row or column comes from: (1 - weight) first + weight second.
typedef struct {
    int32_t first, second;
    float weight;
} CKTap;
typedef struct {
    long width, out_height, out_width;
    const CKTap *rows, *columns;
} CKResampling;

typedef struct {
    const char *name;

    // -- products.h
    void (*panel_product)(const CKPanelProduct *p);
    // destination[c * destination_row + r] = source[r * source_row + c]
    void (*transpose)(const float *source, long source_row, long rows, long columns, float *destination,
                      long destination_row);

    // -- pairs.h; half precision, see ck_plain_pair_product
    // The product with A and B in pairs, each of which is two k.
    void (*pair_product)(const CKPanelProduct *p);
    // pairs[i] = x[2 i] and x[2 i + 1]; n is a multiple of 16
    void (*pair_neighbors)(const float *x, long n, float *pairs);
    // pairs[i * pairs_row + c] = x[2 i * x_row + c] and x[(2 i + 1) * x_row + c]; an odd last row is paired with zeros;
    // columns are a multiple of 16
    void (*pair_rows)(const float *x, long x_row, long rows, long columns, float *pairs, long pairs_row);
    // As multiply_add_peak, of half precision.
    double (*pair_peak)(long repetitions, float *sink);
    // gather with x and weights in pairs of two inputs: a term is two multiply-adds
    void (*gather_pairs)(const CKGather *g);
    // outer with both sides in pairs of two blocks
    void (*outer_pairs)(const CKOuter *o);
    // outer_turned with both sides in pairs of neighboring images, 8 places for a pixel; each sum goes on from the gradient
    void (*outer_turned_pairs)(const CKOuter *o);
    // turned[p][i][row] = images 2 i and 2 i + 1 of source[row * plane + p * 16 + image], i < 8
    void (*turn_pairs)(const float *source, long plane, long rows, long pixels, float *turned);

    // -- bytes.h
    void (*byte_product)(const CKByteProduct *p);
    // B of CKByteProduct, [rows / 4][columns][4], from weights [rows][columns], `x_row` apart, rows being k: each column times
    // its factor, which leaves numbers of at most 127, to the nearest, ties to even. Rows are filled up with zeros, columns are
    // a multiple of 16. sums[c] = sum of the bytes of a column
    void (*byte_rows)(const float *x, long x_row, long rows, long columns, const float *factors, int8_t *bytes,
                      int32_t *sums);
    // bytes[r * bytes_row + i] = 128 + 127 h[r][i], to the nearest, ties to even, for 16 i; h outside of -1 ... 1 as if at its end
    void (*byte_states)(const float *h, long rows, uint8_t *bytes, long bytes_row);
    // scratch[r][c] += scale[c] * sums[r][c], [rows][64]
    void (*add_scaled_sums)(const int32_t *sums, long rows, const float *scale, float *scratch);

    // -- strassen.h; blocks of n floats, a multiple of 16; sums s1 to s4, t1 to t4 and products p1 to p7 `plane` apart;
    // what products make is added to c
    void (*strassen_left)(const float *a11, const float *a12, const float *a21, const float *a22, long n, float *s,
                          long plane);
    void (*strassen_right)(const float *b11, const float *b12, const float *b21, const float *b22, long n, float *t,
                           long plane);
    void (*strassen_join)(const float *p, long plane, long n, float *c11, float *c12, float *c21, float *c22);

    // -- recurrent_cells.h; scratch and gates are [rows][64], h, c, dc and carried [rows][16] for each 16 units
    void (*start_accumulators)(float *scratch, long rows, const float *bias, const float *table, long table_row,
                               long table_width, const int32_t *ids);
    void (*lstm_forward)(const float *scratch, long rows, const float *c_before, float *gates, float *c, float *h);
    void (*lstm_backward)(const float *dh, long rows, float *gates, const float *c_before, const float *c, float *dc);
    void (*gru_forward)(const float *scratch, long rows, const float *h_before, float *gates, float *h);
    void (*gru_backward)(const float *dh, long rows, float *gates, const float *h_before, float *carried);
    void (*tanh_forward)(const float *scratch, long rows, float *h, long h_group, long groups);
    void (*tanh_backward)(const float *dh, long rows, const float *h, long h_group, long groups, float *gates);
    // bias[64] += column sums of gates; table[ids[r]] += row r of gates, if table is not null
    void (*sum_and_scatter)(const float *gates, long rows, float *bias, float *table, long table_row, long table_width,
                            const int32_t *ids);

    // -- elementwise.h; loops run to the next multiple of 16 unless said otherwise
    void (*exp)(const float *x, float *y, long n);
    void (*log)(const float *x, float *y, long n);
    void (*tanh)(const float *x, float *y, long n);
    void (*sigmoid)(const float *x, float *y, long n);
    void (*relu)(const float *x, float slope, float *y, long n);
    void (*gelu)(const float *x, float *y, long n);
    void (*tanh_gradient)(const float *y, const float *dy, float *dx, long n);
    void (*sigmoid_gradient)(const float *y, const float *dy, float *dx, long n);
    void (*relu_gradient)(const float *x, float slope, const float *dy, float *dx, long n);
    void (*gelu_gradient)(const float *x, const float *dy, float *dx, long n);
    void (*add)(const float *a, const float *b, float *y, long n);
    void (*subtract)(const float *a, const float *b, float *y, long n);
    void (*multiply)(const float *a, const float *b, float *y, long n);
    void (*divide)(const float *a, const float *b, float *y, long n);
    void (*square_root)(const float *x, float *y, long n);
    // y = scale * x + shift
    void (*affine)(const float *x, float scale, float shift, float *y, long n);
    // y += scale * x
    void (*accumulate)(const float *x, float scale, float *y, long n);
    void (*clamp)(const float *x, float low, float high, float *y, long n);
    // y[r][c] += b[c], rows contiguous
    void (*add_row)(float *y, const float *row, long rows, long columns);

    // -- reductions.h; exact counts
    float (*sum)(const float *x, long n);
    float (*sum_of_squares)(const float *x, long n);
    float (*maximum)(const float *x, long n);
    // sums[c] (+)= sum over rows of x[r][c]
    void (*column_sums)(const float *x, long rows, long columns, long row_stride, float *sums);

    // -- softmax.h; the last row of logits and of probabilities is read up to the next multiple of 16 columns
    void (*softmax)(const float *logits, long rows, long columns, float *probabilities);
    // loss[r] = -log softmax(logits[r])[target]; gradient[r] = scale * (softmax - one hot), if not null
    void (*softmax_cross_entropy)(const float *logits, const int32_t *targets, long rows, long columns, float scale,
                                  float *losses, float *gradient);

    // -- losses.h; losses[r] = sum over the row, gradient = scale * derivative by x, if not null
    void (*squared_error)(const float *x, const float *targets, long rows, long columns, float scale, float *losses,
                          float *gradient);
    void (*absolute_error)(const float *x, const float *targets, long rows, long columns, float scale, float *losses,
                           float *gradient);
    // x are logits, targets in [0, 1]
    void (*binary_cross_entropy)(const float *x, const float *targets, long rows, long columns, float scale,
                                 float *losses, float *gradient);

    // -- normalization.h; planes are [pixels][16], statistics [16]
    void (*lane_moments)(const float *x, long pixels, float *mean, float *squared_deviations);
    void (*normalize)(const CKNormalization *n, const float *x, long pixels, float *y);
    void (*normalize_sums)(const CKNormalization *n, const float *x, const float *dy, long pixels, float *sum,
                           float *product);
    void (*normalize_gradient)(const CKNormalization *n, const float *x, const float *dy, long pixels, const float *a,
                               const float *b, long lanes, float *dx);

    // -- pooling.h; planes are [height][width][16]; dx starts as zeros
    void (*max_pool)(const CKPool *p, const float *x, float *y);
    void (*max_pool_gradient)(const CKPool *p, const float *x, const float *y, const float *dy, float *dx);
    void (*average_pool)(const CKPool *p, const float *x, float *y);
    void (*average_pool_gradient)(const CKPool *p, const float *dy, float *dx);

    // -- resampling.h; planes are [height][width][16]; dx starts as zeros
    void (*resample_nearest)(const CKResampling *r, const float *x, float *y);
    void (*resample_nearest_gradient)(const CKResampling *r, const float *dy, float *dx);
    void (*resample_linear)(const CKResampling *r, const float *x, float *y);
    void (*resample_linear_gradient)(const CKResampling *r, const float *dy, float *dx);

    // -- random.h; draw i is a pure function of (key, i)
    void (*random_bits)(CKRandomKey key, uint64_t first, uint32_t *out, long n);
    void (*uniform)(CKRandomKey key, uint64_t first, float *out, long n);
    void (*normal)(CKRandomKey key, uint64_t first, float *out, long n);
    // y = keep(i) ? kept * x : 0, dropped with probability `rate`
    void (*dropout)(CKRandomKey key, uint64_t first, float rate, float kept, const float *x, float *y, long n);

    // -- optimizers.h
    void (*momentum_step)(float *parameter, const float *gradient, float *velocity, long n, float scale, float rate,
                          float momentum, float decay, int nesterov);
    void (*adagrad_step)(float *parameter, const float *gradient, float *sum, long n, float scale, float rate,
                         float epsilon, float decay);
    void (*rmsprop_step)(float *parameter, const float *gradient, float *mean_square, long n, float scale, float rate,
                         float smoothing, float epsilon, float decay);
    void (*adam_step)(float *parameter, const float *gradient, float *mean, float *mean_square, long n, float scale,
                      float rate, float beta1, float beta2, float epsilon, float correction1, float correction2,
                      float decay, float decoupled_decay);

    // -- convolution.h, convolution_weights.h
    void (*gather)(const CKGather *g);
    void (*outer)(const CKOuter *o);
    void (*outer_turned)(const CKOuter *o);
    // turned[p][image][row] = source[row * plane + p * 16 + image], 16 images, rows a multiple of 16
    void (*turn)(const float *source, long plane, long rows, long pixels, float *turned);
    // dz = f'(y) dy on n elements, a multiple of 16; returns the sum of dz
    float (*plane_gradient)(int activation, float slope, const float *y, const float *dy, float *dz, long n);
    const CKTileShape *gather_shapes;
    long gather_shape_count;

    // -- peak.h: register-only fused multiply-adds, the machine's limit; returns floating-point operations done
    double (*multiply_add_peak)(long repetitions, float *sink);

    // -- memory.h: plain passes over n floats, a multiple of 128, the limit of caches and memory; y = 1 in fill_memory,
    // 1 - y in update_memory, a + 3 b in triad_memory
    float (*read_memory)(const float *x, long n);
    void (*fill_memory)(float *y, long n);
    void (*copy_memory)(const float *x, float *y, long n);
    void (*update_memory)(float *y, long n);
    void (*triad_memory)(const float *a, const float *b, float *y, long n);
} CKKernels;

// Null when this processor cannot run that instruction set, or it was not compiled for it.
const CKKernels *ck_kernels(CKInstructionSet set);

// -- elementary_double.c: scalar functions whose bits are the same everywhere
double ck_exp(double x);
double ck_log(double x);
double ck_sin(double x);
double ck_cos(double x);
double ck_tanh(double x);
double ck_pow(double x, double y);

// A hint that this is a spin loop.
static inline void ck_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
