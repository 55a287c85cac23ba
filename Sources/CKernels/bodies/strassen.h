// The sums of Strassen's algorithm in Winograd's form, on 2 x 2 blocks of n floats each; n is a multiple of 16, and how a
// block is laid out does not matter. Sums lie `plane` floats apart.

// s1 = a21 + a22, s2 = s1 - a11, s3 = a11 - a21, s4 = a12 - s2
static void strassen_left(const float *a11, const float *a12, const float *a21, const float *a22, long n, float *s,
                          long plane) {
    for (long i = 0; i < n; i += 16) {
        v16 first = load(a11 + i), s1 = load(a21 + i) + load(a22 + i), s2 = s1 - first;
        store(s + i, s1), store(s + plane + i, s2);
        store(s + 2 * plane + i, first - load(a21 + i)), store(s + 3 * plane + i, load(a12 + i) - s2);
    }
}

// t1 = b12 - b11, t2 = b22 - t1, t3 = b22 - b12, t4 = b21 - t2
static void strassen_right(const float *b11, const float *b12, const float *b21, const float *b22, long n, float *t,
                           long plane) {
    for (long i = 0; i < n; i += 16) {
        v16 second = load(b12 + i), last = load(b22 + i), t1 = second - load(b11 + i), t2 = last - t1;
        store(t + i, t1), store(t + plane + i, t2);
        store(t + 2 * plane + i, last - second), store(t + 3 * plane + i, load(b21 + i) - t2);
    }
}

// c11 += p1 + p2;  u = p1 + p6;  c12 += u + p5 + p3;  c21 += u + p7 + p4;  c22 += u + p7 + p5
static void strassen_join(const float *p, long plane, long n, float *c11, float *c12, float *c21, float *c22) {
    for (long i = 0; i < n; i += 16) {
        v16 p1 = load(p + i), p5 = load(p + 4 * plane + i), u = p1 + load(p + 5 * plane + i);
        v16 v = u + load(p + 6 * plane + i);
        store(c11 + i, load(c11 + i) + (p1 + load(p + plane + i)));
        store(c12 + i, load(c12 + i) + (u + p5 + load(p + 2 * plane + i)));
        store(c21 + i, load(c21 + i) + (v + load(p + 3 * plane + i)));
        store(c22 + i, load(c22 + i) + (v + p5));
    }
}
