// Sixteen virtual lanes. The compiler splits a v16 into the registers an instruction set has, so the
// arithmetic, and with it every bit, is the same for 1 x 16, 2 x 8 and 4 x 4 lanes.
#include <string.h>

// Every function that takes or returns a vector is inlined: no vector crosses a call.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float v16 __attribute__((ext_vector_type(16)));
typedef float v8 __attribute__((ext_vector_type(8)));
typedef float v4 __attribute__((ext_vector_type(4)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef uint32_t u16 __attribute__((ext_vector_type(16)));
typedef uint64_t w16 __attribute__((ext_vector_type(16)));
typedef float v16_unaligned __attribute__((ext_vector_type(16), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define FMA __builtin_elementwise_fma

INLINE v16 load(const float *p) { return *(const v16_unaligned *)p; }
INLINE void store(float *p, v16 v) { *(v16_unaligned *)p = v; }
INLINE v16 splat(float x) { return (v16)x; }

// The first n lanes from memory, `fill` in the others.
INLINE v16 load_part(const float *p, long n, float fill) {
    float lanes[16];
    for (int i = 0; i < 16; i++) lanes[i] = fill;
    memcpy(lanes, p, (size_t)n * sizeof(float));
    return load(lanes);
}
INLINE void store_part(float *p, v16 v, long n) {
    float lanes[16];
    store(lanes, v);
    memcpy(p, lanes, (size_t)n * sizeof(float));
}
INLINE v16 load_width(const float *p, long n) { return n == 16 ? load(p) : load_part(p, n, 0.0f); }
INLINE void store_width(float *p, v16 v, long n) {
    if (n == 16) store(p, v);
    else store_part(p, v, n);
}

// Comparisons written so that a NaN passes through: hiding one would hide a diverged run.
INLINE v16 at_least(v16 x, float low) { return x < splat(low) ? splat(low) : x; }
INLINE v16 at_most(v16 x, float high) { return x > splat(high) ? splat(high) : x; }
INLINE v16 larger(v16 a, v16 b) { return b > a ? b : a; }

// 16 -> 8 -> 4 -> 2 -> 1, always in this order.
INLINE float lane_sum(v16 v) {
    v8 a = v.lo + v.hi;
    v4 b = a.lo + a.hi;
    return (b.x + b.z) + (b.y + b.w);
}
INLINE float lane_maximum(v16 v) {
    v8 a = v.hi > v.lo ? v.hi : v.lo;
    v4 b = a.hi > a.lo ? a.hi : a.lo;
    float c = b.z > b.x ? b.z : b.x, d = b.w > b.y ? b.w : b.y;
    return d > c ? d : c;
}
