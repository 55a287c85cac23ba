// One time step of a cell for one panel: 16 hidden units (64 for the tanh cell) of `rows` batch rows.
// scratch [rows][64] holds the pre-activations, bias included. Columns of a panel, 16 each:
//   LSTM  i f g o          GRU  n_x r z n_h          tanh  64 units
// h, c and what is carried back are [16 units][rows][16]; units that do not exist are zeros and stay zero.

static void start_accumulators(float *scratch, long rows, const float *bias, const float *table, long table_row,
                               long table_width, const int32_t *ids) {
    v16 b[4];
    for (int j = 0; j < 4; j++) b[j] = load(bias + 16 * j);
    for (long r = 0; r < rows; r++, scratch += CK_PANEL) {
        const float *row = table ? table + ids[r] * table_row : 0;
        for (int j = 0; j < 4; j++)
            store(scratch + 16 * j, row && 16 * j < table_width ? b[j] + load(row + 16 * j) : b[j]);
    }
}

// i, f, o = sigmoid, g = tanh;  c = f c' + i g;  h = o tanh(c).  Hochreiter & Schmidhuber 1997, Gers 2000.
// gates may be null: nothing is kept for a backward pass.
static void lstm_forward(const float *scratch, long rows, const float *c_before, float *gates, float *c, float *h) {
    for (long r = 0; r < rows; r++) {
        const float *s = scratch + r * CK_PANEL;
        v16 i = vector_sigmoid(load(s)), f = vector_sigmoid(load(s + 16));
        v16 g = vector_tanh(load(s + 32)), o = vector_sigmoid(load(s + 48));
        v16 cell = FMA(f, load(c_before + r * 16), i * g);
        store(c + r * 16, cell);
        store(h + r * 16, o * vector_tanh(cell));
        if (gates) {
            float *z = gates + r * CK_PANEL;
            store(z, i), store(z + 16, f), store(z + 32, g), store(z + 48, o);
        }
    }
}
// dh [rows][64] holds this panel's 16 columns first. Gates are overwritten by their gradients, dc carries on. tanh(c) is
// made again: keeping it costs as much time in traffic, and a fifth of the memory.
static void lstm_backward(const float *dh_rows, long rows, float *gates, const float *c_before, const float *c,
                          float *dc_rows) {
    const v16 one = splat(1.0f);
    for (long r = 0; r < rows; r++) {
        float *z = gates + r * CK_PANEL;
        v16 i = load(z), f = load(z + 16), g = load(z + 32), o = load(z + 48);
        v16 dh = load(dh_rows + r * CK_PANEL), t = vector_tanh(load(c + r * 16));
        v16 dc = FMA(dh * o, FMA(-t, t, one), load(dc_rows + r * 16));
        store(z, dc * g * FMA(-i, i, i));
        store(z + 16, dc * load(c_before + r * 16) * FMA(-f, f, f));
        store(z + 32, dc * i * FMA(-g, g, one));
        store(z + 48, dh * t * FMA(-o, o, o));
        store(dc_rows + r * 16, dc * f);
    }
}

// r, z = sigmoid;  n = tanh(n_x + r n_h);  h = (1 - z) n + z h'.  Cho 2014, reset after the product as in cuDNN.
static void gru_forward(const float *scratch, long rows, const float *h_before, float *gates, float *h) {
    for (long row = 0; row < rows; row++) {
        const float *s = scratch + row * CK_PANEL;
        v16 r = vector_sigmoid(load(s + 16)), z = vector_sigmoid(load(s + 32)), nh = load(s + 48);
        v16 n = vector_tanh(FMA(r, nh, load(s)));
        store(h + row * 16, FMA(z, load(h_before + row * 16) - n, n));
        if (gates) {
            float *g = gates + row * CK_PANEL;
            store(g, n), store(g + 16, r), store(g + 32, z), store(g + 48, nh);
        }
    }
}
// carried holds z dh of the step after, the part of the gradient that skips the product, and receives this step's.
static void gru_backward(const float *dh_rows, long rows, float *gates, const float *h_before, float *carried) {
    const v16 one = splat(1.0f);
    for (long row = 0; row < rows; row++) {
        float *g = gates + row * CK_PANEL;
        v16 n = load(g), r = load(g + 16), z = load(g + 32), nh = load(g + 48);
        v16 dh = load(dh_rows + row * CK_PANEL) + load(carried + row * 16);
        v16 dn = dh * (one - z) * FMA(-n, n, one);
        store(g, dn);
        store(g + 16, dn * nh * FMA(-r, r, r));
        store(g + 32, dh * (load(h_before + row * 16) - n) * FMA(-z, z, z));
        store(g + 48, dn * r);
        store(carried + row * 16, dh * z);
    }
}

// h = tanh(scratch).  Elman 1990. A panel is up to four groups of 16 units, h_group floats apart.
static void tanh_forward(const float *scratch, long rows, float *h, long h_group, long groups) {
    for (long r = 0; r < rows; r++)
        for (long u = 0; u < groups; u++)
            store(h + u * h_group + r * 16, vector_tanh(load(scratch + r * CK_PANEL + u * 16)));
}
static void tanh_backward(const float *dh, long rows, const float *h, long h_group, long groups, float *gates) {
    for (long r = 0; r < rows; r++)
        for (long u = 0; u < CK_PANEL / 16; u++) {
            v16 d = splat(0.0f);
            if (u < groups) {
                v16 y = load(h + u * h_group + r * 16);
                d = load(dh + r * CK_PANEL + u * 16) * FMA(-y, y, splat(1.0f));
            }
            store(gates + r * CK_PANEL + u * 16, d);
        }
}

static void sum_and_scatter(const float *gates, long rows, float *bias, float *table, long table_row, long table_width,
                            const int32_t *ids) {
    v16 b[4];
    for (int j = 0; j < 4; j++) b[j] = load(bias + 16 * j);
    for (long r = 0; r < rows; r++, gates += CK_PANEL) {
        float *row = table ? table + ids[r] * table_row : 0;
        for (int j = 0; j < 4; j++) {
            v16 x = load(gates + 16 * j);
            b[j] += x;
            if (row && 16 * j < table_width) store(row + 16 * j, load(row + 16 * j) + x);
        }
    }
    for (int j = 0; j < 4; j++) store(bias + 16 * j, b[j]);
}
