// What the multiply-add units can do when nothing else is in the way.
static double multiply_add_peak(long repetitions, float *sink) {
    enum { CHAINS = TILE_VECTORS == 4 ? 24 : 6 };
    v16 a[CHAINS], x = splat(0.999f), y = splat(1e-3f);
    for (int i = 0; i < CHAINS; i++) a[i] = splat((float)(i + 2));  // not 1, a fixed point that would be folded
    for (long r = 0; r < repetitions; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < CHAINS; i++) a[i] = FMA(a[i], x, y);
        __asm__ volatile("" ::: "memory");
    }
    v16 s = a[0];
    for (int i = 1; i < CHAINS; i++) s += a[i];
    *sink = lane_sum(s);
    return (double)repetitions * CHAINS * 32;
}
