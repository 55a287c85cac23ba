#ifndef JACQUARD_CZLIB_SHIM_H
#define JACQUARD_CZLIB_SHIM_H

#include <zlib.h>

// inflateInit2 and deflateInit2 are macros, which Swift does not import.
// 16 + 15: expect (or write) a gzip header, with the largest window.

static inline int jacquard_gzip_inflate_init(z_stream *stream) {
    return inflateInit2(stream, 16 + MAX_WBITS);
}

static inline int jacquard_gzip_deflate_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}

#endif
