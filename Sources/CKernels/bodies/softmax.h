// Softmax and its cross-entropy by log-sum-exp: the maximum is subtracted first, so nothing overflows.

INLINE v16 row_vector(const float *row, long c, long columns) {
    return columns - c < 16 ? load_part(row + c, columns - c, -__builtin_inff()) : load(row + c);
}
INLINE float row_maximum(const float *row, long columns) {
    v16 m = splat(-__builtin_inff());
    for (long c = 0; c < columns; c += 16) m = larger(m, row_vector(row, c, columns));
    return lane_maximum(m);
}
// exp(row - maximum) into e, their sum returned. Lanes past the end contribute exactly nothing.
INLINE float row_exponentials(const float *row, long columns, float maximum, float *e) {
    v16 sum = splat(0.0f);
    for (long c = 0; c < columns; c += 16) {
        v16 x = vector_exp(row_vector(row, c, columns) - splat(maximum));
        if (columns - c < 16) {
            store_part(e + c, x, columns - c);
            x = load_part(e + c, columns - c, 0.0f);
        } else store(e + c, x);
        sum += x;
    }
    return lane_sum(sum);
}
static void softmax(const float *logits, long rows, long columns, float *probabilities) {
    for (long r = 0; r < rows; r++, logits += columns, probabilities += columns) {
        float sum = row_exponentials(logits, columns, row_maximum(logits, columns), probabilities);
        for (long c = 0; c < columns; c++) probabilities[c] = probabilities[c] / sum;
    }
}
static void softmax_cross_entropy(const float *logits, const int32_t *targets, long rows, long columns, float scale,
                                  float *losses, float *gradient) {
    float small[512];
    for (long r = 0; r < rows; r++, logits += columns) {
        const float top = row_maximum(logits, columns), target = logits[targets[r]];
        float sum;
        if (gradient) {
            sum = row_exponentials(logits, columns, top, gradient);
            v16 factor = splat(scale / sum);
            for (long c = 0; c < columns; c += 16) {
                long width = columns - c < 16 ? columns - c : 16;
                store_width(gradient + c, load_width(gradient + c, width) * factor, width);
            }
            gradient[targets[r]] -= scale;
            gradient += columns;
        } else {
            v16 total = splat(0.0f);  // as row_exponentials, 512 columns at a time: same lanes, same order
            for (long c0 = 0; c0 < columns; c0 += 512) {
                long part = columns - c0 < 512 ? columns - c0 : 512;
                for (long c = 0; c < part; c += 16) {
                    v16 x = vector_exp(row_vector(logits + c0, c, part) - splat(top));
                    if (part - c < 16) {
                        store_part(small, x, part - c);
                        x = load_part(small, part - c, 0.0f);
                    }
                    total += x;
                }
            }
            sum = lane_sum(total);
        }
        losses[r] = vector_log(splat(sum))[0] + (top - target);
    }
}
