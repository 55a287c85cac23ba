// Losses that are sums over elements. A row is summed in chunks of 1024 elements, four times 16 lanes and a fixed tree,
// the chunks one after the other in double precision. `gradient` receives `scale` times the derivative by x.

INLINE v16 squared_error_element(v16 x, v16 t, v16 *derivative) {
    v16 d = x - t;
    *derivative = d + d;
    return d * d;
}
INLINE v16 absolute_error_element(v16 x, v16 t, v16 *derivative) {  // derivative 0 at 0; a NaN stays one
    v16 d = x - t, one = splat(1.0f), zero = splat(0.0f);
    *derivative = d > zero ? one : d < zero ? -one : d;
    return __builtin_elementwise_abs(d);
}
// -t log sigmoid(x) - (1 - t) log(1 - sigmoid(x)) = max(x, 0) - x t + log(1 + e), e = exp(-|x|): nothing overflows.
// log(1 + e) with what 1 + e rounds away put back, so that a loss far below 1e-7 is still right.
INLINE v16 binary_cross_entropy_element(v16 x, v16 t, v16 *derivative) {
    const v16 one = splat(1.0f);
    v16 e = vector_exp(-__builtin_elementwise_abs(x)), u = one + e;
    v16 tail = vector_log(u) + (e - (u - one)) / u;
    *derivative = (x < splat(0.0f) ? e : one) / u - t;
    return FMA(-x, t, at_least(x, 0.0f)) + tail;
}
INLINE v16 first_lanes(v16 v, long n) {
    float lanes[16];
    store(lanes, v);
    return load_part(lanes, n, 0.0f);
}

#define ELEMENT_LOSS(name)                                                                                           \
    static void name(const float *x, const float *t, long rows, long columns, float scale, float *losses,            \
                     float *gradient) {                                                                              \
        for (long r = 0; r < rows; r++, x += columns, t += columns) {                                                \
            double total = 0;                                                                                        \
            for (long first = 0; first < columns; first += 1024) {                                                   \
                const long end = columns - first < 1024 ? columns : first + 1024;                                    \
                v16 s[4] = {splat(0.0f), splat(0.0f), splat(0.0f), splat(0.0f)};                                     \
                for (long c = first; c < end; c += 16) {                                                             \
                    const long width = end - c < 16 ? end - c : 16;                                                  \
                    v16 derivative;                                                                                  \
                    v16 loss = name##_element(load_width(x + c, width), load_width(t + c, width), &derivative);      \
                    s[(c >> 4) & 3] += width == 16 ? loss : first_lanes(loss, width);                                \
                    if (gradient) store_width(gradient + c, derivative * splat(scale), width);                       \
                }                                                                                                    \
                total += (double)lane_sum((s[0] + s[1]) + (s[2] + s[3]));                                            \
            }                                                                                                        \
            losses[r] = (float)total;                                                                                \
            if (gradient) gradient += columns;                                                                       \
        }                                                                                                            \
    }
ELEMENT_LOSS(squared_error)
ELEMENT_LOSS(absolute_error)
ELEMENT_LOSS(binary_cross_entropy)
