// Parameter updates. `scale` multiplies the gradient first (clipping by norm), `decay` adds decay * parameter
// to it (L2, coupled); `decoupled_decay` shrinks the parameter by rate * decay (AdamW).

static void momentum_step(float *parameter, const float *gradient, float *velocity, long n, float scale, float rate,
                          float momentum, float decay, int nesterov) {
    for (long i = 0; i < n; i += 16) {
        v16 p = load(parameter + i), g = FMA(splat(decay), p, load(gradient + i) * splat(scale));
        if (velocity) {
            v16 v = FMA(splat(momentum), load(velocity + i), g);
            store(velocity + i, v);
            g = nesterov ? FMA(splat(momentum), v, g) : v;
        }
        store(parameter + i, FMA(splat(-rate), g, p));
    }
}
static void adagrad_step(float *parameter, const float *gradient, float *sum, long n, float scale, float rate,
                         float epsilon, float decay) {
    for (long i = 0; i < n; i += 16) {
        v16 p = load(parameter + i), g = FMA(splat(decay), p, load(gradient + i) * splat(scale));
        v16 s = FMA(g, g, load(sum + i));
        store(sum + i, s);
        store(parameter + i, FMA(splat(-rate), g / (__builtin_elementwise_sqrt(s) + splat(epsilon)), p));
    }
}
static void rmsprop_step(float *parameter, const float *gradient, float *mean_square, long n, float scale, float rate,
                         float smoothing, float epsilon, float decay) {
    for (long i = 0; i < n; i += 16) {
        v16 p = load(parameter + i), g = FMA(splat(decay), p, load(gradient + i) * splat(scale));
        v16 s = FMA(splat(smoothing), load(mean_square + i), splat(1.0f - smoothing) * g * g);
        store(mean_square + i, s);
        store(parameter + i, FMA(splat(-rate), g / (__builtin_elementwise_sqrt(s) + splat(epsilon)), p));
    }
}
// correction1 = 1 - beta1^t, correction2 = 1 - beta2^t.
static void adam_step(float *parameter, const float *gradient, float *mean, float *mean_square, long n, float scale,
                      float rate, float beta1, float beta2, float epsilon, float correction1, float correction2,
                      float decay, float decoupled_decay) {
    const v16 step = splat(-rate / correction1), root = splat(1.0f) / __builtin_elementwise_sqrt(splat(correction2));
    const v16 shrink = splat(1.0f - rate * decoupled_decay);
    for (long i = 0; i < n; i += 16) {
        v16 p = load(parameter + i), g = FMA(splat(decay), p, load(gradient + i) * splat(scale));
        v16 m = FMA(splat(beta1), load(mean + i), splat(1.0f - beta1) * g);
        v16 v = FMA(splat(beta2), load(mean_square + i), splat(1.0f - beta2) * g * g);
        store(mean + i, m);
        store(mean_square + i, v);
        store(parameter + i, FMA(step, m / FMA(__builtin_elementwise_sqrt(v), root, splat(epsilon)), p * shrink));
    }
}
