// Included once per instruction set, between the attributes that choose it.
#pragma STDC FP_CONTRACT OFF
#include "vector.h"
#include "elementary.h"
#include "products.h"
#include "strassen.h"
#include "recurrent_cells.h"
#include "elementwise.h"
#include "reductions.h"
#include "softmax.h"
#include "losses.h"
#include "normalization.h"
#include "pooling.h"
#include "resampling.h"
#include "random.h"
#include "optimizers.h"
#include "convolution.h"
#include "convolution_weights.h"
#include "half_precision.h"
#include "pairs.h"
#include "bytes.h"
#include "peak.h"
#include "memory.h"

#define KERNEL_TABLE(set_name, STEPPED, BYTES)                                                                       \
    {                                                                                                       \
        .name = set_name, .panel_product = panel_product, .transpose = transpose,                           \
        .pair_product = STEPPED(pair_product), .pair_peak = STEPPED(pair_peak),                                 \
        .pair_neighbors = STEPPED(pair_neighbors), .pair_rows = STEPPED(pair_rows),                         \
        .gather_pairs = STEPPED(gather_pairs), .outer_pairs = STEPPED(outer_pairs),                         \
        .outer_turned_pairs = STEPPED(outer_turned_pairs), .turn_pairs = STEPPED(turn_pairs),               \
        .byte_product = BYTES(byte_product), .byte_rows = byte_rows,         \
        .byte_states = byte_states, .add_scaled_sums = add_scaled_sums,                                     \
        .strassen_left = strassen_left, .strassen_right = strassen_right, .strassen_join = strassen_join,   \
        .start_accumulators = start_accumulators, .lstm_forward = lstm_forward,                             \
        .lstm_backward = lstm_backward, .gru_forward = gru_forward, .gru_backward = gru_backward,           \
        .tanh_forward = tanh_forward, .tanh_backward = tanh_backward, .sum_and_scatter = sum_and_scatter,   \
        .exp = map_exp, .log = map_log, .tanh = map_tanh, .sigmoid = map_sigmoid, .relu = relu,             \
        .gelu = map_gelu, .tanh_gradient = map_tanh_gradient, .sigmoid_gradient = map_sigmoid_gradient,     \
        .relu_gradient = relu_gradient, .gelu_gradient = map_gelu_gradient, .add = map_add,                 \
        .subtract = map_subtract, .multiply = map_multiply, .divide = map_divide,                           \
        .square_root = map_square_root, .affine = affine, .accumulate = accumulate, .clamp = clamp,         \
        .add_row = add_row, .sum = reduce_sum, .sum_of_squares = reduce_sum_of_squares,                     \
        .maximum = reduce_maximum, .column_sums = column_sums, .softmax = softmax,                          \
        .squared_error = squared_error, .absolute_error = absolute_error,                                   \
        .binary_cross_entropy = binary_cross_entropy, .lane_moments = lane_moments, .normalize = normalize, \
        .normalize_sums = normalize_sums, .normalize_gradient = normalize_gradient, .max_pool = max_pool,   \
        .max_pool_gradient = max_pool_gradient, .average_pool = average_pool,                               \
        .average_pool_gradient = average_pool_gradient, .resample_nearest = resample_nearest,               \
        .resample_nearest_gradient = resample_nearest_gradient, .resample_linear = resample_linear,         \
        .resample_linear_gradient = resample_linear_gradient,                                               \
        .softmax_cross_entropy = softmax_cross_entropy, .random_bits = random_bits, .uniform = uniform,     \
        .normal = normal, .dropout = dropout, .momentum_step = momentum_step, .adagrad_step = adagrad_step, \
        .rmsprop_step = rmsprop_step, .adam_step = adam_step, .multiply_add_peak = multiply_add_peak,       \
        .gather = gather, .outer = outer, .outer_turned = outer_turned, .turn = turn, .plane_gradient = plane_gradient,   \
        .read_memory = read_memory, .fill_memory = fill_memory, .copy_memory = copy_memory,                 \
        .update_memory = update_memory, .triad_memory = triad_memory, .gather_shapes = gather_shapes,       \
        .gather_shape_count = sizeof gather_shapes / sizeof *gather_shapes,                                 \
    }
