#include "png_reader.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "over_ground.h"

struct jacquard_png_reader {
    const uint8_t *bytes;
    size_t count, position;
    png_structp png;
    png_infop info;
    // One decoded row, where rows are reduced on their way into the picture.
    void *row;
    uint32_t channels;
    jmp_buf jump;
    // What an error will be, where it is known before libpng phrases it.
    jacquard_codec_status status;
    char message[200];
};

static _Noreturn void on_error(png_structp png, png_const_charp text) {
    jacquard_png_reader *reader = png_get_error_ptr(png);
    if (reader->status == JACQUARD_CODEC_OK) reader->status = JACQUARD_CODEC_DAMAGED;
    snprintf(reader->message, sizeof reader->message, "%s", text);
    longjmp(reader->jump, 1);
}

// Warnings concern what is not used here (color profiles, texts); libpng would print them.
static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static png_voidp on_allocate(png_structp png, png_alloc_size_t size) {
    void *memory = malloc(size);
    if (!memory) {
        jacquard_png_reader *reader = png_get_mem_ptr(png);
        reader->status = JACQUARD_CODEC_OUT_OF_MEMORY;
    }
    return memory;
}

static void on_free(png_structp png, png_voidp memory) {
    (void)png;
    free(memory);
}

static void on_read(png_structp png, png_bytep target, size_t wanted) {
    jacquard_png_reader *reader = png_get_io_ptr(png);
    if (wanted > reader->count - reader->position) {
        reader->status = JACQUARD_CODEC_TRUNCATED;
        png_error(png, "the data end in the middle");
    }
    memcpy(target, reader->bytes + reader->position, wanted);
    reader->position += wanted;
}

jacquard_png_reader *jacquard_png_reader_new(const uint8_t *bytes, size_t count) {
    jacquard_png_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->bytes = bytes;
    reader->count = count;
    return reader;
}

void jacquard_png_reader_free(jacquard_png_reader *reader) {
    if (!reader) return;
    if (reader->png) png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader->row);
    free(reader);
}

const char *jacquard_png_message(const jacquard_png_reader *reader) { return reader->message; }

// Texts, profiles and the like are passed over unread: libpng would decompress and keep them. What of them counts, the
// orientation, may also stand behind the pixels, and is looked for by the caller.
static void skip_unused_chunks(png_structp png) {
#ifdef PNG_HANDLE_AS_UNKNOWN_SUPPORTED
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
#endif
}

jacquard_codec_status jacquard_png_read_header(jacquard_png_reader *reader, jacquard_picture_header *header) {
    memset(header, 0, sizeof *header);
    if (setjmp(reader->jump)) {
        if (reader->png && reader->info) {
            header->width = png_get_image_width(reader->png, reader->info);
            header->height = png_get_image_height(reader->png, reader->info);
        }
        return reader->status;
    }
    reader->png = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader, on_allocate, on_free);
    if (reader->png) reader->info = png_create_info_struct(reader->png);
    if (!reader->info) {
        snprintf(reader->message, sizeof reader->message, "libpng cannot be started");
        return reader->status = JACQUARD_CODEC_OUT_OF_MEMORY;
    }
    png_set_read_fn(reader->png, reader, on_read);
    // Which sizes are too large is for the caller to say, by name.
    png_set_user_limits(reader->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    skip_unused_chunks(reader->png);
    png_read_info(reader->png, reader->info);

    header->width = png_get_image_width(reader->png, reader->info);
    header->height = png_get_image_height(reader->png, reader->info);
    header->depth = png_get_bit_depth(reader->png, reader->info);
    header->channels = png_get_color_type(reader->png, reader->info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
    header->has_transparency = (png_get_color_type(reader->png, reader->info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                               png_get_valid(reader->png, reader->info, PNG_INFO_tRNS) != 0;
    reader->channels = header->channels;
    // Deflate makes at most 1032 bytes out of one.
    uint64_t row_bits = (uint64_t)header->width * header->depth * png_get_channels(reader->png, reader->info);
    header->least_bytes = row_bits / 8 * header->height / 1032;
    return JACQUARD_CODEC_OK;
}

// Rows of the file as they stand there, or the seven reduced pictures of Adam7 (PNG specification, section 8.2), one
// after another: libpng would need a second copy of the whole picture to put those together.
static void read_rows(jacquard_png_reader *reader, const uint8_t *ground, uint8_t *pixels) {
    const png_uint_32 width = png_get_image_width(reader->png, reader->info);
    const png_uint_32 height = png_get_image_height(reader->png, reader->info);
    const unsigned depth = png_get_bit_depth(reader->png, reader->info);
    const unsigned channels = png_get_channels(reader->png, reader->info);
    const size_t stride = (size_t)width * reader->channels;
    if (png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_NONE) {
        const int as_it_is = depth == 8 && channels == reader->channels;
        for (png_uint_32 y = 0; y < height; y++) {
            uint8_t *target = pixels + y * stride;
            png_read_row(reader->png, as_it_is ? target : reader->row, NULL);
            if (!as_it_is) jacquard_over_ground(reader->row, width, channels, depth, ground, target, 1);
        }
        return;
    }
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
        const png_uint_32 columns = PNG_PASS_COLS(width, pass), rows = PNG_PASS_ROWS(height, pass);
        if (columns == 0) continue;
        for (png_uint_32 row = 0; row < rows; row++) {
            const size_t first = PNG_COL_FROM_PASS_COL(0, pass) * (size_t)reader->channels;
            png_read_row(reader->png, reader->row, NULL);
            jacquard_over_ground(
                reader->row, columns, channels, depth, ground,
                pixels + PNG_ROW_FROM_PASS_ROW(row, pass) * stride + first, PNG_PASS_COL_OFFSET(pass));
        }
    }
}

jacquard_codec_status jacquard_png_read_pixels(
    jacquard_png_reader *reader, const uint8_t *ground, uint8_t *pixels) {
    if (setjmp(reader->jump)) return reader->status;
    // Palettes become RGB, 1, 2 and 4 bits 8, a transparent color or palette entry an alpha channel.
    png_set_expand(reader->png);
    const uint16_t probe = 1;
    if (*(const uint8_t *)&probe == 1) png_set_swap(reader->png);
    png_read_update_info(reader->png, reader->info);
    reader->row = malloc(png_get_rowbytes(reader->png, reader->info));
    if (!reader->row) {
        snprintf(reader->message, sizeof reader->message, "no memory for a row");
        return reader->status = JACQUARD_CODEC_OUT_OF_MEMORY;
    }
    read_rows(reader, ground, pixels);
    // With the last row libpng has checked the sums of all pixel data. What may follow, texts and the end mark, is
    // not needed.
    return JACQUARD_CODEC_OK;
}
