#ifndef JACQUARD_PNG_WRITER_H
#define JACQUARD_PNG_WRITER_H

#include <stddef.h>

#include "codec_status.h"

// Encodes height x width x channels (1 or 3) values of 8 bits as PNG: the same bytes for the same pixels and libraries.
// On success *bytes is for the caller to free(); it is NULL otherwise.
jacquard_codec_status jacquard_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t **bytes, size_t *count);

#endif
