#ifndef JACQUARD_OVER_GROUND_H
#define JACQUARD_OVER_GROUND_H

#include <stddef.h>
#include <stdint.h>

// Reduces `count` pixels of a decoded PNG row to opaque pixels of 8 bits: 1 channel for 1 (gray) and 2 (gray, alpha),
// 3 channels for 3 (RGB) and 4 (RGBA). Transparent parts show `ground`, a value for each resulting channel. Values of
// 16 bits (depth 16) are in the order of the machine. The results lie `step` pixels apart (more than 1 in the passes of
// an interlaced picture).
void jacquard_over_ground(
    const void *row, size_t count, unsigned channels, unsigned depth, const uint8_t *ground, uint8_t *result,
    size_t step);

#endif
