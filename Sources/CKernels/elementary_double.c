// Scalar double functions out of fma, multiply, add, divide and square root: schedules, bias corrections and
// the sampler use them, so that the bits do not depend on the C library's choice for a processor.
// Relative error below 4e-16 (exp, log), absolute error below 4e-16 (sin, cos); ElementaryFunctionTests.
#include "CKernels.h"
#pragma STDC FP_CONTRACT OFF

static double from_bits(uint64_t bits) { return __builtin_bit_cast(double, bits); }
static double power_of_two(long n) { return from_bits((uint64_t)(n + 1023) << 52); }

static const double log2_e = 0x1.71547652b82fep0, ln2_high = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45;

// x = n ln 2 + r; Taylor to degree 13 on |r| <= 0.347 (remainder 4e-18).
double ck_exp(double x) {
    if (x != x) return x;
    if (x > 709.78) return __builtin_inf();
    if (x < -745.2) return 0;
    double n = (double)(long)(x * log2_e + (x < 0 ? -0.5 : 0.5));
    double r = __builtin_fma(-n, ln2_low, __builtin_fma(-n, ln2_high, x)), p = 1.0 / 6227020800.0;
    static const double c[] = {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
                               1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1};
    for (int i = 0; i < 13; i++) p = __builtin_fma(p, r, c[i]);
    long half = (long)n / 2;  // two factors, so that a result below 2^-1022 is reached without overflow of the scale
    return p * power_of_two(half) * power_of_two((long)n - half);
}

// x = 2^e m, sqrt(1/2) <= m < sqrt 2; log m = 2 atanh(f), f = (m - 1) / (m + 1), |f| < 0.172, odd series to f^21.
double ck_log(double x) {
    if (x != x || x < 0) return __builtin_nan("");
    if (x == 0) return -__builtin_inf();
    if (x == __builtin_inf()) return x;
    long e = 0;
    if (x < 0x1p-1022) x *= 0x1p54, e = -54;
    uint64_t bits = __builtin_bit_cast(uint64_t, x);
    long shift = (long)(bits >> 52) - 1023;
    double m = from_bits((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.4142135623730951) m *= 0.5, shift++;
    e += shift;
    double d = m - 1, f = d / (m + 1), s = f * f, p = 2.0 / 23;
    for (int k = 21; k >= 3; k -= 2) p = __builtin_fma(p, s, 2.0 / k);
    // 2f = d - f d, exactly enough: the leading term is kept apart from the correction.
    double tail = __builtin_fma(f, s * p, -f * d);
    return __builtin_fma((double)e, ln2_high, d + __builtin_fma((double)e, ln2_low, tail));
}

// Quarter turns: x = n pi/2 + r in three parts of pi/2 (good for |x| up to about 1e6), Taylor on |r| <= pi/4.
static double sine_shifted(double x, long quarter) {
    if (!(x >= -0x1p52 && x <= 0x1p52)) return __builtin_nan("");  // not a number, infinite, or nothing left of the angle
    double n = (double)(long)(x * 0.63661977236758134 + (x < 0 ? -0.5 : 0.5));
    double r = __builtin_fma(-n, 0x1.921fb54442d18p0, x);
    r = __builtin_fma(-n, 0x1.1a62633145c07p-54, r);
    double s = r * r, p;
    long q = ((long)n + quarter) & 3;
    if (q & 1) {
        p = 1.0 / 20922789888000.0;
        static const double c[] = {-1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720,
                                   1.0 / 24, -0.5, 1};
        for (int i = 0; i < 8; i++) p = __builtin_fma(p, s, c[i]);
    } else {
        p = -1.0 / 1307674368000.0;
        static const double c[] = {1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6};
        for (int i = 0; i < 6; i++) p = __builtin_fma(p, s, c[i]);
        p = __builtin_fma(p * s, r, r);
    }
    return q & 2 ? -p : p;
}
double ck_sin(double x) { return sine_shifted(x, 0); }
double ck_cos(double x) { return sine_shifted(x, 1); }
double ck_tanh(double x) {
    double a = x < 0 ? -x : x;
    if (a < 1e-3) return x * (1 - x * x / 3);
    if (a > 20) return x < 0 ? -1 : 1;
    double e = ck_exp(2 * a), t = (e - 1) / (e + 1);
    return x < 0 ? -t : t;
}
// By squaring for whole exponents (beta^t), else exp(y log x).
double ck_pow(double x, double y) {
    if (y >= -1e9 && y <= 1e9 && y == (double)(long)y) {  // the range first: casting what no long holds is undefined
        double result = 1, factor = x;
        for (long n = y < 0 ? -(long)y : (long)y; n; n >>= 1, factor *= factor)
            if (n & 1) result *= factor;
        return y < 0 ? 1 / result : result;
    }
    return ck_exp(y * ck_log(x));
}
