#ifndef JACQUARD_PNG_READER_H
#define JACQUARD_PNG_READER_H

#include <stddef.h>

#include "codec_status.h"

// Decodes one PNG file in memory. The bytes must outlive the reader.
typedef struct jacquard_png_reader jacquard_png_reader;

// NULL where there is no memory.
jacquard_png_reader *jacquard_png_reader_new(const uint8_t *bytes, size_t count);
void jacquard_png_reader_free(jacquard_png_reader *reader);

// First call. The orientation is not looked for: it may stand behind the pixels.
jacquard_codec_status jacquard_png_read_header(jacquard_png_reader *reader, jacquard_picture_header *header);

// Second call: height x width x channels of the header, 8 bits each, 16 bits rounded, transparent parts over a ground
// of as many values as there are channels.
jacquard_codec_status jacquard_png_read_pixels(
    jacquard_png_reader *reader, const uint8_t *ground, uint8_t *pixels);

// What was wrong, after a status other than JACQUARD_CODEC_OK.
const char *jacquard_png_message(const jacquard_png_reader *reader);

#endif
