// Images in lanes at another size, one (block, channel) plane of [height][width][16] at a time. Each axis has a table
// with an entry for every output row or column.

// y[oy][ox] = x[rows[oy]][columns[ox]]
static void resample_nearest(const CKResampling *r, const float *x, float *y) {
    for (long oy = 0; oy < r->out_height; oy++) {
        const float *row = x + 16 * r->width * r->rows[oy].first;
        for (long ox = 0; ox < r->out_width; ox++, y += 16) store(y, load(row + 16 * (long)r->columns[ox].first));
    }
}
// dx starts as zeros.
static void resample_nearest_gradient(const CKResampling *r, const float *dy, float *dx) {
    for (long oy = 0; oy < r->out_height; oy++) {
        float *row = dx + 16 * r->width * r->rows[oy].first;
        for (long ox = 0; ox < r->out_width; ox++, dy += 16) {
            float *pixel = row + 16 * (long)r->columns[ox].first;
            store(pixel, load(pixel) + load(dy));
        }
    }
}

INLINE v16 between(v16 first, v16 second, float weight) { return FMA(second - first, splat(weight), first); }

// Along columns first, then along rows: x[first] + weight (x[second] - x[first]).
static void resample_linear(const CKResampling *r, const float *x, float *y) {
    for (long oy = 0; oy < r->out_height; oy++) {
        const CKTap v = r->rows[oy];
        const float *upper = x + 16 * r->width * v.first, *lower = x + 16 * r->width * v.second;
        for (long ox = 0; ox < r->out_width; ox++, y += 16) {
            const CKTap h = r->columns[ox];
            const long left = 16 * (long)h.first, right = 16 * (long)h.second;
            v16 top = between(load(upper + left), load(upper + right), h.weight);
            v16 bottom = between(load(lower + left), load(lower + right), h.weight);
            store(y, between(top, bottom, v.weight));
        }
    }
}
INLINE void add_between(float *first, float *second, v16 g, float weight) {
    v16 part = g * splat(weight);
    store(first, load(first) + (g - part));
    store(second, load(second) + part);
}
// dx starts as zeros.
static void resample_linear_gradient(const CKResampling *r, const float *dy, float *dx) {
    for (long oy = 0; oy < r->out_height; oy++) {
        const CKTap v = r->rows[oy];
        float *upper = dx + 16 * r->width * v.first, *lower = dx + 16 * r->width * v.second;
        for (long ox = 0; ox < r->out_width; ox++, dy += 16) {
            const CKTap h = r->columns[ox];
            const long left = 16 * (long)h.first, right = 16 * (long)h.second;
            v16 g = load(dy), bottom = g * splat(v.weight);
            add_between(upper + left, upper + right, g - bottom, h.weight);
            add_between(lower + left, lower + right, bottom, h.weight);
        }
    }
}
