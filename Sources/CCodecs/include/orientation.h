#ifndef JACQUARD_ORIENTATION_H
#define JACQUARD_ORIENTATION_H

#include <stddef.h>
#include <stdint.h>

// Which way up a picture is, from 1 (as stored) to 8, by what labels of it say; 0 where they say nothing or are
// damaged: a picture is worth more than its labels.

// Of a block of EXIF data, its first directory: with "Exif\0\0" in front, as in a JPEG file, or without, as in PNG.
uint32_t jacquard_exif_orientation(const uint8_t *bytes, size_t count);

// Of an XMP packet, its property tiff:Orientation.
uint32_t jacquard_xmp_orientation(const uint8_t *bytes, size_t count);

#endif
