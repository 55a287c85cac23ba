// One time step of a cell for one panel: 16 hidden units (64 for the tanh cell) of `rows` batch rows.
// scratch [rows][64] holds the pre-activations, bias included. Columns of a panel, 16 each:
//   LSTM  i f g o          GRU  n_x r z n_h          tanh  64 units
// `width` is how many of the units exist: rows of h are as long as the layer, not as the panel. h_grouped, if not null,
// receives h once more as [16 units][rows][16], the order in which the weight gradient reads it.

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
// gates and tanh_c may be null: nothing is kept for a backward pass.
static void lstm_forward(const float *scratch, long rows, const float *c_before, float *gates, float *c, float *tanh_c,
                         float *h, long h_row, long width, float *h_grouped) {
    for (long r = 0; r < rows; r++) {
        const float *s = scratch + r * CK_PANEL;
        v16 i = vector_sigmoid(load(s)), f = vector_sigmoid(load(s + 16));
        v16 g = vector_tanh(load(s + 32)), o = vector_sigmoid(load(s + 48));
        v16 cell = FMA(f, load(c_before + r * 16), i * g), t = vector_tanh(cell);
        store(c + r * 16, cell);
        v16 y = o * t;
        store_width(h + r * h_row, y, width);
        if (h_grouped) store(h_grouped + r * 16, y);
        if (gates) {
            float *z = gates + r * CK_PANEL;
            store(z, i), store(z + 16, f), store(z + 32, g), store(z + 48, o), store(tanh_c + r * 16, t);
        }
    }
}
// dh [rows][64] holds this panel's 16 columns first. Gates are overwritten by their gradients, dc carries on.
static void lstm_backward(const float *dh_rows, long rows, float *gates, const float *c_before, const float *tanh_c,
                          float *dc_rows) {
    const v16 one = splat(1.0f);
    for (long r = 0; r < rows; r++) {
        float *z = gates + r * CK_PANEL;
        v16 i = load(z), f = load(z + 16), g = load(z + 32), o = load(z + 48);
        v16 dh = load(dh_rows + r * CK_PANEL), t = load(tanh_c + r * 16);
        v16 dc = FMA(dh * o, FMA(-t, t, one), load(dc_rows + r * 16));
        store(z, dc * g * FMA(-i, i, i));
        store(z + 16, dc * load(c_before + r * 16) * FMA(-f, f, f));
        store(z + 32, dc * i * FMA(-g, g, one));
        store(z + 48, dh * t * FMA(-o, o, o));
        store(dc_rows + r * 16, dc * f);
    }
}

// r, z = sigmoid;  n = tanh(n_x + r n_h);  h = (1 - z) n + z h'.  Cho 2014, reset after the product as in cuDNN.
static void gru_forward(const float *scratch, long rows, const float *h_before, long h_before_row, float *gates,
                        float *h, long h_row, long width, float *h_grouped) {
    for (long row = 0; row < rows; row++) {
        const float *s = scratch + row * CK_PANEL;
        v16 r = vector_sigmoid(load(s + 16)), z = vector_sigmoid(load(s + 32)), nh = load(s + 48);
        v16 n = vector_tanh(FMA(r, nh, load(s)));
        v16 y = FMA(z, load_width(h_before + row * h_before_row, width) - n, n);
        store_width(h + row * h_row, y, width);
        if (h_grouped) store(h_grouped + row * 16, y);
        if (gates) {
            float *g = gates + row * CK_PANEL;
            store(g, n), store(g + 16, r), store(g + 32, z), store(g + 48, nh);
        }
    }
}
// carried [rows][16] holds z dh of the step after, the part of the gradient that skips the product, and receives this
// step's.
static void gru_backward(const float *dh_rows, long rows, float *gates, const float *h_before, long h_before_row,
                         float *carried, long width) {
    const v16 one = splat(1.0f);
    for (long row = 0; row < rows; row++) {
        float *g = gates + row * CK_PANEL;
        v16 n = load(g), r = load(g + 16), z = load(g + 32), nh = load(g + 48);
        v16 dh = load(dh_rows + row * CK_PANEL) + load(carried + row * 16);
        v16 before = load_width(h_before + row * h_before_row, width);
        v16 dn = dh * (one - z) * FMA(-n, n, one);
        store(g, dn);
        store(g + 16, dn * nh * FMA(-r, r, r));
        store(g + 32, dh * (before - n) * FMA(-z, z, z));
        store(g + 48, dn * r);
        store(carried + row * 16, dh * z);
    }
}

// h = tanh(scratch).  Elman 1990.
static void tanh_forward(const float *scratch, long rows, float *h, long h_row, long width, float *h_grouped,
                         long h_group) {
    for (long r = 0; r < rows; r++)
        for (long j = 0; j < width; j += 16) {
            v16 y = vector_tanh(load(scratch + r * CK_PANEL + j));
            store_width(h + r * h_row + j, y, width - j < 16 ? width - j : 16);
            if (h_grouped) store(h_grouped + j / 16 * h_group + r * 16, y);
        }
}
static void tanh_backward(const float *dh, long rows, const float *h, long h_row, float *gates, long width) {
    for (long r = 0; r < rows; r++)
        for (long j = 0; j < CK_PANEL; j += 16) {
            long part = width - j < 16 ? width - j : 16;
            v16 y = part > 0 ? load_width(h + r * h_row + j, part) : splat(0.0f);
            store(gates + r * CK_PANEL + j, load(dh + r * CK_PANEL + j) * FMA(-y, y, splat(1.0f)));
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
