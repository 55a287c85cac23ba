#include "over_ground.h"

// round(value * 255 / 65535), exactly.
static inline uint8_t to_8_bits(uint32_t value) { return (uint8_t)((value + 128) / 257); }

// A part `alpha` of the value and the rest ground, on the values as they stand in the file (as browsers do it). Rounded
// once, at the end: rounding 16 bits to 8 before mixing would be off by one in places.
static inline uint8_t mixed_8(uint32_t value, uint32_t alpha, uint32_t ground) {
    return (uint8_t)((value * alpha + ground * (255 - alpha) + 127) / 255);
}

static inline uint8_t mixed_16(uint64_t value, uint64_t alpha, uint64_t ground) {
    const uint64_t one = 65535, unit = one * one;
    return (uint8_t)(((value * alpha + 257 * ground * (one - alpha)) * 255 + unit / 2) / unit);
}

void jacquard_over_ground(
    const void *row, size_t count, unsigned channels, unsigned depth, const uint8_t *ground, uint8_t *result,
    size_t step) {
    const unsigned colors = channels >= 3 ? 3 : 1;
    const int has_alpha = channels == 2 || channels == 4;
    const size_t stride = step * colors;
    if (depth == 16) {
        const uint16_t *source = row;
        for (size_t i = 0; i < count; i++, source += channels, result += stride) {
            for (unsigned c = 0; c < colors; c++)
                result[c] = has_alpha ? mixed_16(source[c], source[colors], ground[c]) : to_8_bits(source[c]);
        }
    } else {
        const uint8_t *source = row;
        for (size_t i = 0; i < count; i++, source += channels, result += stride) {
            for (unsigned c = 0; c < colors; c++)
                result[c] = has_alpha ? mixed_8(source[c], source[colors], ground[c]) : source[c];
        }
    }
}
