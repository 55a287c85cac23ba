// Normalization of images in lanes, one (block, channel) plane of [pixels][16] at a time. Statistics are kept for each
// lane; who normalizes over the batch adds the lanes that hold images.

enum { NORMALIZATION_CHUNK = 256 };  // pixels, 16 KB: the second walk finds them in the first-level cache

// Mean and sum of squared deviations of each lane: two walks over each chunk, chunks merged by the pairwise formula of
// Chan, Golub and LeVeque, 1979. Four chains of sums, so that an addition does not wait for the one before.
static void lane_moments(const float *x, long pixels, float *mean_out, float *squares_out) {
    v16 mean = splat(0.0f), squares = splat(0.0f);
    for (long first = 0; first < pixels; first += NORMALIZATION_CHUNK) {
        const long count = pixels - first < NORMALIZATION_CHUNK ? pixels - first : NORMALIZATION_CHUNK;
        const float *p = x + 16 * first;
        v16 s0 = splat(0.0f), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
        long i = 0;
        for (; i + 4 <= count; i += 4) {
            s0 += load(p + 16 * i), s1 += load(p + 16 * i + 16);
            s2 += load(p + 16 * i + 32), s3 += load(p + 16 * i + 48);
        }
        for (; i < count; i++) s0 += load(p + 16 * i);
        v16 m = ((s0 + s1) + (s2 + s3)) / splat((float)count);
        for (i = 0; i + 4 <= count; i += 4) {
            v16 d0 = load(p + 16 * i) - m, d1 = load(p + 16 * i + 16) - m;
            v16 d2 = load(p + 16 * i + 32) - m, d3 = load(p + 16 * i + 48) - m;
            q0 = FMA(d0, d0, q0), q1 = FMA(d1, d1, q1), q2 = FMA(d2, d2, q2), q3 = FMA(d3, d3, q3);
        }
        for (; i < count; i++) {
            v16 d = load(p + 16 * i) - m;
            q0 = FMA(d, d, q0);
        }
        const float part = (float)count / (float)(first + count);
        v16 d = m - mean;
        mean = FMA(d, splat(part), mean);
        squares = FMA(d * d, splat((float)first * part), squares + ((q0 + q1) + (q2 + q3)));
    }
    store(mean_out, mean), store(squares_out, squares);
}

// y = f(v), v = xhat weight + bias, xhat = (x - mean) inverse, f(v) = slope v below zero and v above.
static void normalize(const CKNormalization *n, const float *x, long pixels, float *y) {
    const v16 mean = load(n->mean), inverse = load(n->inverse);
    const v16 weight = splat(n->weight), bias = splat(n->bias), slope = splat(n->slope);
    for (long i = 0; i < 16 * pixels; i += 16) {
        v16 v = FMA((load(x + i) - mean) * inverse, weight, bias);
        store(y + i, v < splat(0.0f) ? v * slope : v);
    }
}
// dv = f'(v) dy with v computed again, the same bits: at zero the slope, as in relu_gradient.
#define NORMALIZED_GRADIENT(at)                                           \
    v16 xhat = (load(x + (at)) - mean) * inverse, g = load(dy + (at));    \
    v16 dv = FMA(xhat, weight, bias) > splat(0.0f) ? g : g * slope;

// The sums over pixels of dv and of dv xhat, for each lane.
static void normalize_sums(const CKNormalization *n, const float *x, const float *dy, long pixels, float *sum_out,
                           float *product_out) {
    const v16 mean = load(n->mean), inverse = load(n->inverse);
    const v16 weight = splat(n->weight), bias = splat(n->bias), slope = splat(n->slope);
    v16 sum = splat(0.0f), product = splat(0.0f);
    for (long first = 0; first < pixels; first += NORMALIZATION_CHUNK) {
        const long end = pixels - first < NORMALIZATION_CHUNK ? pixels : first + NORMALIZATION_CHUNK;
        v16 s[2] = {splat(0.0f), splat(0.0f)}, q[2] = {splat(0.0f), splat(0.0f)};
        long i = first;
        for (; i + 2 <= end; i += 2)
            for (int j = 0; j < 2; j++) {
                NORMALIZED_GRADIENT(16 * (i + j))
                s[j] += dv, q[j] = FMA(dv, xhat, q[j]);
            }
        for (; i < end; i++) {
            NORMALIZED_GRADIENT(16 * i)
            s[0] += dv, q[0] = FMA(dv, xhat, q[0]);
        }
        sum += s[0] + s[1], product += q[0] + q[1];
    }
    store(sum_out, sum), store(product_out, product);
}

// dx = inverse (weight dv - a - xhat b), zero in the lanes from `lanes` on. a and b are what the statistics pass on:
// the means of weight dv and of weight dv xhat over what was averaged; null where the statistics are constants.
static void normalize_gradient(const CKNormalization *n, const float *x, const float *dy, long pixels, const float *a_in,
                               const float *b_in, long lanes, float *dx) {
    const v16 mean = load(n->mean), inverse = load(n->inverse);
    const v16 weight = splat(n->weight), bias = splat(n->bias), slope = splat(n->slope);
    const v16 a = a_in ? load(a_in) : splat(0.0f), b = b_in ? load(b_in) : splat(0.0f);
    const i16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, keep = lane < (i16)(int32_t)lanes;
    for (long i = 0; i < 16 * pixels; i += 16) {
        NORMALIZED_GRADIENT(i)
        v16 d = inverse * FMA(-xhat, b, FMA(weight, dv, -a));
        store(dx + i, keep ? d : splat(0.0f));
    }
}
