// Sixteen lanes times four, then a fixed tree: the same order whatever the register width.

#define REDUCE(name, step)                                                                            \
    static float reduce_##name(const float *p, long n) {                                              \
        v16 s[4] = {splat(0.0f), splat(0.0f), splat(0.0f), splat(0.0f)};                              \
        for (long i = 0; i < n; i += 16) {                                                            \
            v16 x = n - i < 16 ? load_part(p + i, n - i, 0.0f) : load(p + i), t = s[(i >> 4) & 3];    \
            s[(i >> 4) & 3] = step;                                                                   \
        }                                                                                             \
        return lane_sum((s[0] + s[1]) + (s[2] + s[3]));                                               \
    }
REDUCE(sum, t + x)
REDUCE(sum_of_squares, FMA(x, x, t))

static float reduce_maximum(const float *p, long n) {
    v16 m = splat(-__builtin_inff());
    for (long i = 0; i < n; i += 16)
        m = larger(m, n - i < 16 ? load_part(p + i, n - i, -__builtin_inff()) : load(p + i));
    return lane_maximum(m);
}
static void column_sums(const float *x, long rows, long columns, long row_stride, float *sums) {
    for (long c = 0; c < columns; c += 16) {
        const long width = columns - c < 16 ? columns - c : 16;
        v16 s = load_width(sums + c, width);
        for (long r = 0; r < rows; r++) s += load_width(x + r * row_stride + c, width);
        store_width(sums + c, s, width);
    }
}
