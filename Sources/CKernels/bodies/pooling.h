// Pooling of images in lanes, one (block, channel) plane of [height][width][16] at a time. Padding is never read: a
// window is cut to the image, of which it holds at least one pixel.

// The part of output pixel o's window that lies inside: first ..< end.
#define POOL_WINDOW(o, axis)                                                                              \
    const long axis##_start = (o) * p->stride_##axis - p->pad_##axis;                                     \
    const long axis##_first = axis##_start > 0 ? axis##_start : 0;                                        \
    const long axis##_end = axis##_start + p->kernel_##axis < p->axis ? axis##_start + p->kernel_##axis : p->axis;

// Calls body with `at`, the offset of the output pixel, and the window's rows and columns.
#define EACH_WINDOW(...)                                                           \
    for (long oy = 0, at = 0; oy < p->out_height; oy++) {                          \
        POOL_WINDOW(oy, height)                                                    \
        for (long ox = 0; ox < p->out_width; ox++, at += 16) {                     \
            POOL_WINDOW(ox, width)                                                 \
            __VA_ARGS__                                                            \
        }                                                                          \
    }
// Calls body with `tap`, the offset of each input pixel of the window, row after row.
#define EACH_TAP(...)                                                              \
    for (long iy = height_first; iy < height_end; iy++)                            \
        for (long ix = width_first; ix < width_end; ix++) {                        \
            const long tap = 16 * (iy * p->width + ix);                            \
            __VA_ARGS__                                                            \
        }

static void max_pool(const CKPool *p, const float *x, float *y) {
    EACH_WINDOW({
        v16 m = splat(-__builtin_inff());
        EACH_TAP({
            v16 v = load(x + tap);
            m = ((v > m) | (v != v)) ? v : m;
        })
        store(y + at, m);
    })
}
// The gradient goes to the first pixel of the window, row after row, that holds the maximum; dx starts as zeros.
static void max_pool_gradient(const CKPool *p, const float *x, const float *y, const float *dy, float *dx) {
    EACH_WINDOW({
        v16 m = load(y + at), g = load(dy + at);
        EACH_TAP({
            v16 v = load(x + tap);
            i16 hit = (v == m) | (v != v);
            store(dx + tap, load(dx + tap) + (hit ? g : splat(0.0f)));
            g = hit ? splat(0.0f) : g;
        })
    })
}
// The padding counts as zeros (PyTorch's count_include_pad).
static void average_pool(const CKPool *p, const float *x, float *y) {
    const v16 scale = splat(1.0f / (float)(p->kernel_height * p->kernel_width));
    EACH_WINDOW({
        v16 sum = splat(0.0f);
        EACH_TAP({ sum += load(x + tap); })
        store(y + at, sum * scale);
    })
}
// dx starts as zeros.
static void average_pool_gradient(const CKPool *p, const float *dy, float *dx) {
    const v16 scale = splat(1.0f / (float)(p->kernel_height * p->kernel_width));
    EACH_WINDOW({
        v16 g = load(dy + at) * scale;
        EACH_TAP({ store(dx + tap, load(dx + tap) + g); })
    })
}
