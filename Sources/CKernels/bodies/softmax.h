// Softmax and its cross-entropy by log-sum-exp: the maximum is subtracted first, so nothing overflows.
// Rows are read up to the next multiple of 16 columns; what lies past the end is replaced before it counts.

// x where the column exists, `fill` past the end of a row with `n` columns left.
INLINE v16 columns_or(v16 x, long n, float fill) {
    static const float index[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return n < 16 ? (load(index) < splat((float)n) ? x : splat(fill)) : x;
}
INLINE float row_maximum(const float *row, long columns) {
    v16 m = splat(-__builtin_inff());
    for (long c = 0; c < columns; c += 16) m = larger(m, columns_or(load(row + c), columns - c, -__builtin_inff()));
    return lane_maximum(m);
}
// exp(row - maximum) into e, their sum returned. Lanes past the end contribute exactly nothing.
INLINE float row_exponentials(const float *row, long columns, float maximum, float *e) {
    v16 sum = splat(0.0f);
    for (long c = 0; c < columns; c += 16) {
        v16 x = columns_or(vector_exp(load(row + c) - splat(maximum)), columns - c, 0.0f);
        if (e) store_width(e + c, x, columns - c < 16 ? columns - c : 16);
        sum += x;
    }
    return lane_sum(sum);
}
static void softmax(const float *logits, long rows, long columns, float *probabilities) {
    for (long r = 0; r < rows; r++, logits += columns, probabilities += columns) {
        const v16 sum = splat(row_exponentials(logits, columns, row_maximum(logits, columns), probabilities));
        for (long c = 0; c < columns; c += 16) {
            long width = columns - c < 16 ? columns - c : 16;
            store_width(probabilities + c, load(probabilities + c) / sum, width);
        }
    }
}
static void softmax_cross_entropy(const float *logits, const int32_t *targets, long rows, long columns, float scale,
                                  float *losses, float *gradient) {
    for (long r = 0; r < rows; r++, logits += columns) {
        const float top = row_maximum(logits, columns), target = logits[targets[r]];
        const float sum = row_exponentials(logits, columns, top, gradient);
        if (gradient) {
            v16 factor = splat(scale / sum);
            for (long c = 0; c < columns; c += 16)
                store_width(gradient + c, load(gradient + c) * factor, columns - c < 16 ? columns - c : 16);
            gradient[targets[r]] -= scale;
            gradient += columns;
        }
        losses[r] = vector_log(splat(sum))[0] + (top - target);
    }
}
