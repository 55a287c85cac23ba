// Loops over whole vectors: n is rounded up to a multiple of 16, which every tensor's storage allows.
// Each derivative stands beside its function; it takes what the function kept.

#define MAP(name, expression)                                         \
    static void map_##name(const float *px, float *py, long n) {      \
        for (long i = 0; i < n; i += 16) {                            \
            v16 x = load(px + i);                                     \
            store(py + i, expression);                                \
        }                                                             \
    }
#define MAP2(name, expression)                                                      \
    static void map_##name(const float *pa, const float *pb, float *py, long n) {   \
        for (long i = 0; i < n; i += 16) {                                          \
            v16 a = load(pa + i), b = load(pb + i);                                 \
            store(py + i, expression);                                              \
        }                                                                           \
    }
#define ROOT_HALF splat(0.70710678f)

MAP(exp, vector_exp(x))
MAP(log, vector_log(x))
MAP(square_root, __builtin_elementwise_sqrt(x))
MAP2(add, a + b)
MAP2(subtract, a - b)
MAP2(multiply, a *b)
MAP2(divide, a / b)

MAP(tanh, vector_tanh(x))
MAP2(tanh_gradient, b *FMA(-a, a, splat(1.0f)))  // a = y, b = dy

MAP(sigmoid, vector_sigmoid(x))
MAP2(sigmoid_gradient, b *FMA(-a, a, a))  // a = y, b = dy

// x Phi(x), the exact form of Hendrycks & Gimpel 2016 (PyTorch's default)
MAP(gelu, x *FMA(splat(0.5f), vector_erf(x *ROOT_HALF), splat(0.5f)))
MAP2(gelu_gradient, b *FMA(a *splat(0.39894228f), vector_exp(a *a *splat(-0.5f)),
                           FMA(splat(0.5f), vector_erf(a *ROOT_HALF), splat(0.5f))))  // a = x, b = dy

static void relu(const float *px, float slope, float *py, long n) {
    for (long i = 0; i < n; i += 16) {
        v16 x = load(px + i);
        store(py + i, x < splat(0.0f) ? x * splat(slope) : x);
    }
}
static void relu_gradient(const float *px, float slope, const float *pdy, float *pdx, long n) {
    for (long i = 0; i < n; i += 16) {  // 0 at 0 for ReLU, `slope` for the leaky form: PyTorch's choice
        v16 x = load(px + i), dy = load(pdy + i);
        store(pdx + i, x > splat(0.0f) ? dy : dy * splat(slope));
    }
}
static void affine(const float *px, float scale, float shift, float *py, long n) {
    for (long i = 0; i < n; i += 16) store(py + i, FMA(load(px + i), splat(scale), splat(shift)));
}
static void accumulate(const float *px, float scale, float *py, long n) {
    for (long i = 0; i < n; i += 16) store(py + i, FMA(load(px + i), splat(scale), load(py + i)));
}
static void clamp(const float *px, float low, float high, float *py, long n) {
    for (long i = 0; i < n; i += 16) store(py + i, at_most(at_least(load(px + i), low), high));
}
static void add_row(float *y, const float *row, long rows, long columns) {
    for (long r = 0; r < rows; r++, y += columns) {
        long c = 0;
        for (; c + 16 <= columns; c += 16) store(y + c, load(y + c) + load(row + c));
        if (c < columns) store_part(y + c, load_part(y + c, columns - c, 0.0f) + load_part(row + c, columns - c, 0.0f), columns - c);
    }
}
