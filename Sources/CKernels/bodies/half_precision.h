// Half precision by its definition: what every instruction set comes to, bit for bit.
//
// A number of half precision, bf16, is the upper half of a single-precision one: the same range, 8 bits of significand.
// Two of them are a pair of 32 bits, the first in the upper half.
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
static inline float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// To the nearest, ties to even, in the upper half; beyond the largest infinity; a denormal number becomes a zero of its
// sign; NaN stays NaN, made quiet.
static inline uint32_t half_bits(float x) {
    const uint32_t u = bits_of(x);
    if ((u & 0x7f800000u) == 0) return u & 0x80000000u;
    if ((u & 0x7fffffffu) > 0x7f800000u) return (u | 0x00400000u) & 0xffff0000u;
    return (u + 0x7fffu + ((u >> 16) & 1)) & 0xffff0000u;
}
static inline uint32_t half_pair(float first, float second) { return half_bits(first) | half_bits(second) >> 16; }

static inline float without_denormal(float x) {
    return (bits_of(x) & 0x7f800000u) == 0 ? float_of(bits_of(x) & 0x80000000u) : x;
}
// a b + c with one rounding, denormal numbers counting as zeros. A result is denormal or not after it has been rounded as
// if there were no least exponent: with a half of the last bit more below the least normal number than fmaf has there.
// a and b are of half precision, so that a b is exact in double precision, and near that edge a b + c is as well.
static inline float half_multiply_add(float a, float b, float c) {
    c = without_denormal(c), a = without_denormal(a), b = without_denormal(b);
    const float sum = fmaf(a, b, c);
    if (fabsf(sum) == 0x1p-126f && fabs((double)a * b + c) < 0x1p-126 - 0x1p-151) return copysignf(0.0f, sum);
    return without_denormal(sum);
}
// c + the products of two pairs: those in their upper halves first.
static inline float half_step(float c, uint32_t a, uint32_t b) {
    c = half_multiply_add(float_of(a & 0xffff0000u), float_of(b & 0xffff0000u), c);
    return half_multiply_add(float_of(a << 16), float_of(b << 16), c);
}
