#ifndef JACQUARD_CODEC_STATUS_H
#define JACQUARD_CODEC_STATUS_H

#include <stdint.h>

// How a call into libpng or libjpeg ended. Both libraries report errors by longjmp, which must not cross Swift frames:
// every function of this target that returns a status catches it and leaves a message.
typedef enum {
    JACQUARD_CODEC_OK = 0,
    // The data end before the picture does.
    JACQUARD_CODEC_TRUNCATED,
    JACQUARD_CODEC_DAMAGED,
    // Well-formed, but of a kind that the library does not read.
    JACQUARD_CODEC_UNSUPPORTED,
    JACQUARD_CODEC_OUT_OF_MEMORY,
} jacquard_codec_status;

// What a file says of its picture before any pixel is decoded. After a failure, what was known until then: the size
// is 0 where not even that was.
typedef struct {
    // As stored, before the orientation is applied.
    uint32_t width, height;
    // Channels of the decoded rows: 1 (gray) or 3 (red, green, blue).
    uint32_t channels;
    // Bits a channel in the file.
    uint32_t depth;
    // By EXIF or XMP labels, 1 (as stored) to 8; 0 where none says anything.
    uint32_t orientation;
    // Some pixels may be transparent.
    uint32_t has_transparency;
    // A file of this size and kind cannot be shorter, however well it is compressed: what a header alone promises is
    // not allocated.
    uint64_t least_bytes;
} jacquard_picture_header;

#endif
