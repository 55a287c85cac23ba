// What caches and memory can do when nothing else is in the way: n floats, a multiple of 128.

// Sums in so many chains that loads are the limit, and an addition's latency is not.
static float read_memory(const float *x, long n) {
    enum { CHAINS = TILE_VECTORS == 4 ? 8 : 4 };
    v16 s[CHAINS];
    for (int c = 0; c < CHAINS; c++) s[c] = splat(0.0f);
    for (long i = 0; i < n; i += 16 * CHAINS) {
#pragma clang loop unroll(full)
        for (int c = 0; c < CHAINS; c++) s[c] += load(x + i + 16 * c);
    }
    for (int c = 1; c < CHAINS; c++) s[0] += s[c];
    return lane_sum(s[0]);
}
// y = 1: only writes.
static void fill_memory(float *y, long n) {
    for (long i = 0; i < n; i += 64) {
#pragma clang loop unroll(full)
        for (int c = 0; c < 4; c++) store(y + i + 16 * c, splat(1.0f));
        __asm__ volatile("" ::: "memory");
    }
}
// y = x: as many reads as writes.
static void copy_memory(const float *x, float *y, long n) {
    for (long i = 0; i < n; i += 64) {
#pragma clang loop unroll(full)
        for (int c = 0; c < 4; c++) store(y + i + 16 * c, load(x + i + 16 * c));
        __asm__ volatile("" ::: "memory");  // not to become a call of memcpy
    }
}
// y = 1 - y: what is written was read.
static void update_memory(float *y, long n) {
    for (long i = 0; i < n; i += 64) {
#pragma clang loop unroll(full)
        for (int c = 0; c < 4; c++) store(y + i + 16 * c, splat(1.0f) - load(y + i + 16 * c));
    }
}
// y = a + 3 b (McCalpin's triad): twice as many reads as writes.
static void triad_memory(const float *a, const float *b, float *y, long n) {
    for (long i = 0; i < n; i += 64) {
#pragma clang loop unroll(full)
        for (int c = 0; c < 4; c++) store(y + i + 16 * c, FMA(splat(3.0f), load(b + i + 16 * c), load(a + i + 16 * c)));
    }
}
