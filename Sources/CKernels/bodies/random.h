// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011).
// Counter = (block low, block high, stream low, step low), key = seed; the high words of stream and step go into the key.
// A call of the generator on 16 counters gives 64 words; draw i is word (i / 16) % 4 of counter
// (i / 64) * 16 + i % 16. So a draw depends on its index only, not on who asks first.

INLINE void multiply_high_low(u16 a, uint32_t m, u16 *high, u16 *low) {
    w16 p = __builtin_convertvector(a, w16) * (w16)(uint64_t)m;
    *high = __builtin_convertvector(p >> 32, u16);
    *low = __builtin_convertvector(p, u16);
}
INLINE void philox_rounds(u16 c[4], uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round++) {
        u16 h0, l0, h1, l1;
        multiply_high_low(c[0], 0xD2511F53u, &h0, &l0);
        multiply_high_low(c[2], 0xCD9E8D57u, &h1, &l1);
        u16 n0 = h1 ^ c[1] ^ (u16)k0, n2 = h0 ^ c[3] ^ (u16)k1;
        c[0] = n0, c[1] = l1, c[2] = n2, c[3] = l0;
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
}
// The 64 words of group `group`: counters 16 group ... 16 group + 15.
INLINE void philox_group(CKRandomKey key, uint64_t group, u16 c[4]) {
    u16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    uint64_t first = group * 16;  // never carries out of the low word inside a group
    c[0] = (u16)(uint32_t)first + lane;
    c[1] = (u16)(uint32_t)(first >> 32);
    c[2] = (u16)(uint32_t)key.stream;
    c[3] = (u16)(uint32_t)key.step;
    // What does not fit in the counter goes into the key: streams and steps past 2^32 are other keys.
    philox_rounds(c, (uint32_t)key.seed ^ (uint32_t)(key.stream >> 32) * 0x85EBCA6Bu,
                  (uint32_t)(key.seed >> 32) ^ (uint32_t)(key.step >> 32) * 0xC2B2AE35u);
}
INLINE v16 unit_interval(u16 bits) {  // [0, 1): 24 bits, exact
    return __builtin_convertvector(bits >> 8, v16) * splat(0x1p-24f);
}

// Calls body(vector of bits, pointer offset, lanes wanted) for draws first ... first + n - 1.
#define EACH_DRAW(...)                                                                              \
    for (uint64_t i = first & ~(uint64_t)15, end = first + (uint64_t)n, group = ~(uint64_t)0; i < end; \
         i += 16) {                                                                                 \
        if (i / 64 != group) philox_group(key, group = i / 64, words);                              \
        u16 bits = words[(i / 16) % 4];                                                             \
        long skip = i < first ? (long)(first - i) : 0, at = (long)(i + (uint64_t)skip - first);     \
        long count = (long)(end - i < 16 ? end - i : 16) - skip;                                    \
        __VA_ARGS__                                                                                 \
    }

static void random_bits(CKRandomKey key, uint64_t first, uint32_t *out, long n) {
    u16 words[4];
    EACH_DRAW({
        uint32_t lanes[16];
        memcpy(lanes, &bits, sizeof lanes);
        memcpy(out + at, lanes + skip, (size_t)count * 4);
    })
}
static void uniform(CKRandomKey key, uint64_t first, float *out, long n) {
    u16 words[4];
    EACH_DRAW({
        float lanes[16];
        store(lanes, unit_interval(bits));
        memcpy(out + at, lanes + skip, (size_t)count * 4);
    })
}
// Box and Muller 1958. Draw i uses the two words of uniform draws 2j and 2j + 1 of its group: word pairs
// (0, 1) and (2, 3) of a counter give a cosine and a sine each.
static void normal(CKRandomKey key, uint64_t first, float *out, long n) {
    u16 words[4];
    EACH_DRAW({
        const int word = (int)((i / 16) % 4);
        v16 u = splat(1.0f) - unit_interval(words[word & 2]);  // (0, 1]: the logarithm is finite
        v16 radius = __builtin_elementwise_sqrt(splat(-2.0f) * vector_log(u));
        v16 sine, cosine;
        vector_sincos_turns(unit_interval(words[word | 1]), &sine, &cosine);
        float lanes[16];
        (void)bits;
        store(lanes, radius * (word & 1 ? sine : cosine));
        memcpy(out + at, lanes + skip, (size_t)count * 4);
    })
}
INLINE v16 kept_or_zero(u16 bits, float rate, float kept) {
    return unit_interval(bits) >= splat(rate) ? splat(kept) : splat(0.0f);
}
// Draws that are not a whole group of 64.
static void dropout_part(CKRandomKey key, uint64_t first, float rate, float kept, const float *x, float *y, long n) {
    u16 words[4];
    EACH_DRAW({
        v16 keep = kept_or_zero(bits, rate, kept);
        if (count == 16) {
            store(y + at, load(x + at) * keep);
        } else {
            float lanes[16];
            store(lanes, keep);
            for (long j = 0; j < count; j++) y[at + j] = x[at + j] * lanes[skip + j];
        }
    })
}
static void dropout(CKRandomKey key, uint64_t first, float rate, float kept, const float *x, float *y, long n) {
    for (long at = 0; at < n;) {
        const uint64_t i = first + (uint64_t)at;
        const long rest = n - at, whole = 64 - (long)(i % 64);
        if (whole < 64 || rest < 64) {
            const long part = rest < whole ? rest : whole;
            dropout_part(key, i, rate, kept, x + at, y + at, part);
            at += part;
            continue;
        }
        u16 words[4];
        philox_group(key, i / 64, words);
#pragma clang loop unroll(full)
        for (int w = 0; w < 4; w++)
            store(y + at + 16 * w, load(x + at + 16 * w) * kept_or_zero(words[w], rate, kept));
        at += 64;
    }
}
