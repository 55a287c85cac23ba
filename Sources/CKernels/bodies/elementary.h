// exp, tanh, sigmoid, log, erf, sin, cos for 16 lanes, out of fused multiply-adds, divisions and square
// roots only. Relative error below 2e-7 on the ranges the engine uses (ElementaryFunctionTests).

// x = n ln 2 + r, |r| <= ln 2 / 2; returns expm1(r) and 2^n. Minimax q of degree 4 in r + r^2 q(r).
INLINE v16 expm1_reduced(v16 x, v16 *power) {
    const v16 magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
    v16 shifted = FMA(x, splat(1.44269504088896f), magic), n = shifted - magic;
    v16 r = FMA(n, splat(-0.693145751953125f), x);
    r = FMA(n, splat(-1.42860682030941723e-6f), r);
    v16 q = FMA(splat(0x1.6bebfap-10f), r, splat(0x1.1227b0p-7f));
    q = FMA(q, r, splat(0x1.555674p-5f));
    q = FMA(q, r, splat(0x1.5554b0p-3f));
    q = FMA(q, r, splat(0x1.fffffep-2f));
    *power = __builtin_bit_cast(v16, (__builtin_bit_cast(i16, shifted) << 23) + (127 << 23));
    return FMA(r * r, q, r);
}
// Clamped to [-87, 87]: the result is never 0, a denormal or infinite.
INLINE v16 vector_exp(v16 x) {
    v16 power, e = expm1_reduced(at_most(at_least(x, -87.0f), 87.0f), &power);
    return FMA(e, power, power);
}
INLINE v16 vector_sigmoid(v16 x) { return splat(1.0f) / (splat(1.0f) + vector_exp(-x)); }
INLINE v16 vector_tanh(v16 x) {  // expm1(2|x|) / (expm1(2|x|) + 2), exact in sign and near 0
    v16 power, a = at_most(__builtin_elementwise_abs(x), 10.0f);
    v16 e = expm1_reduced(a + a, &power);
    e = FMA(e, power, power - splat(1.0f));
    return __builtin_elementwise_copysign(e / (e + splat(2.0f)), x);
}
// x = 2^e m, sqrt(1/2) <= m < sqrt 2; polynomial of Cephes logf. -inf at 0, NaN below it.
INLINE v16 vector_log(v16 x) {
    i16 bits = __builtin_bit_cast(i16, x);
    i16 e = ((bits - 0x3f3504f3) >> 23);
    v16 m = __builtin_bit_cast(v16, bits - (e << 23)) - splat(1.0f);
    v16 n = __builtin_convertvector(e, v16), z = m * m;
    v16 p = FMA(splat(7.0376836292e-2f), m, splat(-1.1514610310e-1f));
    p = FMA(p, m, splat(1.1676998740e-1f));
    p = FMA(p, m, splat(-1.2420140846e-1f));
    p = FMA(p, m, splat(1.4249322787e-1f));
    p = FMA(p, m, splat(-1.6668057665e-1f));
    p = FMA(p, m, splat(2.0000714765e-1f));
    p = FMA(p, m, splat(-2.4999993993e-1f));
    p = FMA(p, m, splat(3.3333331174e-1f));
    v16 y = FMA(n, splat(-2.12194440e-4f), p * m * z);
    y = FMA(z, splat(-0.5f), y);
    y = FMA(n, splat(0.693359375f), m + y);
    y = x == splat(0.0f) ? splat(-__builtin_inff()) : y;
    y = x == splat(__builtin_inff()) ? x : y;
    return x < splat(0.0f) || x != x ? splat(__builtin_nanf("")) : y;
}
// x P(x^2) / Q(x^2), the rational form used by Eigen and XLA; exactly 1 in size from 3.9 on (erf is within 3.5e-8
// of it there), so that x Phi(x) vanishes in the left tail instead of growing with x.
INLINE v16 vector_erf(v16 argument) {
    v16 x = at_most(at_least(argument, -4.0f), 4.0f);
    v16 s = x * x;
    v16 p = FMA(s, splat(-2.72614225801306e-10f), splat(2.77068142495902e-08f));
    p = FMA(p, s, splat(-2.10102402082508e-06f));
    p = FMA(p, s, splat(-5.69250639462346e-05f));
    p = FMA(p, s, splat(-7.34990630326855e-04f));
    p = FMA(p, s, splat(-2.95459980854025e-03f));
    p = FMA(p, s, splat(-1.60960333262415e-02f));
    v16 q = FMA(s, splat(-1.45660718464996e-05f), splat(-2.13374055278905e-04f));
    q = FMA(q, s, splat(-1.68282697438203e-03f));
    q = FMA(q, s, splat(-7.37332916720468e-03f));
    q = FMA(q, s, splat(-1.42647390514189e-02f));
    v16 y = x * p / q;
    y = argument >= splat(3.9f) ? splat(1.0f) : y;
    return argument <= splat(-3.9f) ? splat(-1.0f) : y;
}
// sin and cos of 2 pi u for 0 <= u < 1, by quarter turns: exact reduction, Taylor to degree 9 on [-pi/4, pi/4].
INLINE void vector_sincos_turns(v16 u, v16 *sine, v16 *cosine) {
    const v16 magic = splat(12582912.0f);
    v16 quarters = FMA(u, splat(4.0f), magic), n = quarters - magic;
    v16 t = FMA(u, splat(4.0f), -n) * splat(1.57079632679490f), s = t * t;
    v16 a = FMA(s, splat(2.7557319e-6f), splat(-1.9841270e-4f));
    a = FMA(a, s, splat(8.3333333e-3f));
    a = FMA(a, s, splat(-1.6666667e-1f));
    a = FMA(a * s, t, t);
    v16 b = FMA(s, splat(2.4801587e-5f), splat(-1.3888889e-3f));
    b = FMA(b, s, splat(4.1666667e-2f));
    b = FMA(b, s, splat(-0.5f));
    b = FMA(b, s, splat(1.0f));
    i16 k = __builtin_bit_cast(i16, quarters) & 3;
    v16 si = (k & 1) != 0 ? b : a, co = (k & 1) != 0 ? a : b;
    *sine = (k & 2) != 0 ? -si : si;
    *cosine = ((k + 1) & 2) != 0 ? -co : co;
}
