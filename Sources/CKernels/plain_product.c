// The product that everything rests on, as one would write it to explain it: three loops (four, since the depth comes in
// groups), no tile, no vector, no prefetch. It is what bodies/products.h is compared with, and the place to begin reading.
//
// Each element is one sum, from its start on, in increasing order of (group, k), with one rounding for each multiply-add.
// The tuned kernel keeps many such sums in registers at once but makes each of them in this order, so the two agree in
// every bit, on every instruction set.
#include "CKernels.h"
#include "bodies/half_precision.h"
#pragma STDC FP_CONTRACT OFF

typedef float (*Step)(float sum, float a, float b);

static inline void plain(const CKPanelProduct *p, Step step) {
    for (long row = 0; row < p->rows; row++)
        for (long column = 0; column < p->columns; column++) {
            const long vector = column / 16, lane = column % 16;
            float sum = p->start ? p->start[row * p->start_row + vector * p->start_vector + lane] : 0.0f;
            for (long group = 0; group < p->groups; group++)
                for (long k = 0; k < p->inner; k++) {
                    const float a = p->a[group * p->a_group + k * p->a_k + row * p->a_row];
                    const float b = p->b[group * p->b_group + k * p->b_k + vector * p->b_vector + lane];
                    sum = step(sum, a, b);
                }
            p->c[row * p->c_row + vector * p->c_vector + lane] = sum;
        }
}

static inline float multiply_add(float sum, float a, float b) { return __builtin_fmaf(a, b, sum); }
void ck_plain_product(const CKPanelProduct *p) { plain(p, multiply_add); }

// The same of pairs, two k in each.
static inline float pair_step(float sum, float a, float b) { return half_step(sum, bits_of(a), bits_of(b)); }
void ck_plain_pair_product(const CKPanelProduct *p) { plain(p, pair_step); }

uint32_t ck_pair(float first, float second) { return half_pair(first, second); }
