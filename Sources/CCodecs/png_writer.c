#include "png_writer.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *bytes;
    size_t count, capacity;
    png_structp png;
    png_infop info;
    jmp_buf jump;
    jacquard_codec_status status;
} writer;

static _Noreturn void on_error(png_structp png, png_const_charp text) {
    (void)text;
    writer *self = png_get_error_ptr(png);
    if (self->status == JACQUARD_CODEC_OK) self->status = JACQUARD_CODEC_UNSUPPORTED;
    longjmp(self->jump, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void on_write(png_structp png, png_bytep bytes, size_t count) {
    writer *self = png_get_io_ptr(png);
    if (count > self->capacity - self->count) {
        size_t wanted = 2 * self->capacity + count + 4096;
        uint8_t *larger = realloc(self->bytes, wanted);
        if (!larger) {
            self->status = JACQUARD_CODEC_OUT_OF_MEMORY;
            png_error(png, "no memory for the encoded picture");
        }
        self->bytes = larger;
        self->capacity = wanted;
    }
    memcpy(self->bytes + self->count, bytes, count);
    self->count += count;
}

static void on_flush(png_structp png) { (void)png; }

static void encode(writer *self, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels) {
    if (setjmp(self->jump)) return;
    self->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, self, on_error, on_warning);
    if (self->png) self->info = png_create_info_struct(self->png);
    if (!self->info) {
        self->status = JACQUARD_CODEC_OUT_OF_MEMORY;
        return;
    }
    png_set_write_fn(self->png, self, on_write, on_flush);
    png_set_user_limits(self->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(
        self->png, self->info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // Stated, so that the bytes do not follow a build's defaults.
    png_set_compression_level(self->png, 6);
    png_set_filter(self->png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
    png_write_info(self->png, self->info);
    for (uint32_t y = 0; y < height; y++) png_write_row(self->png, pixels + (size_t)y * width * channels);
    png_write_end(self->png, NULL);
}

jacquard_codec_status jacquard_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t **bytes, size_t *count) {
    writer self = {0};
    encode(&self, pixels, width, height, channels);
    if (self.png) png_destroy_write_struct(&self.png, &self.info);
    *bytes = NULL;
    *count = 0;
    if (self.status != JACQUARD_CODEC_OK) {
        free(self.bytes);
    } else {
        *bytes = self.bytes;
        *count = self.count;
    }
    return self.status;
}
