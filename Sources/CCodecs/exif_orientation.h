#ifndef JACQUARD_EXIF_ORIENTATION_H
#define JACQUARD_EXIF_ORIENTATION_H

#include <stddef.h>
#include <stdint.h>

// The orientation, 1 to 8, that a block beginning with "Exif\0\0" states in its first directory; 1 where it states
// none or is damaged: a picture is worth more than its labels.
uint32_t jacquard_exif_orientation(const uint8_t *bytes, size_t count);

#endif
