#ifndef JACQUARD_JPEG_READER_H
#define JACQUARD_JPEG_READER_H

#include <stddef.h>

#include "codec_status.h"

// Decodes one JPEG file in memory. The bytes must outlive the reader.
typedef struct jacquard_jpeg_reader jacquard_jpeg_reader;

// NULL where there is no memory.
jacquard_jpeg_reader *jacquard_jpeg_reader_new(const uint8_t *bytes, size_t count);
void jacquard_jpeg_reader_free(jacquard_jpeg_reader *reader);

// First call.
jacquard_codec_status jacquard_jpeg_read_header(jacquard_jpeg_reader *reader, jacquard_picture_header *header);

// Second call, where wanted: decodes at eighths/8 of the size (1 to 8), which costs about as much less, and tells the
// size that comes of it.
jacquard_codec_status jacquard_jpeg_set_scale(
    jacquard_jpeg_reader *reader, uint32_t eighths, uint32_t *width, uint32_t *height);

// Last call: height x width x channels values; CMYK and YCCK become RGB.
jacquard_codec_status jacquard_jpeg_read_pixels(jacquard_jpeg_reader *reader, uint8_t *pixels);

// What was wrong, after a status other than JACQUARD_CODEC_OK.
const char *jacquard_jpeg_message(const jacquard_jpeg_reader *reader);

#endif
