#include "jpeg_reader.h"

#include <stdlib.h>
#include <string.h>

#include "jpeg_errors.h"
#include "orientation.h"

// No encoder writes nearly as many; a small file of thousands of empty scans would keep the decoder busy for hours.
enum { most_scans = 500 };

struct jacquard_jpeg_reader {
    struct jpeg_decompress_struct cinfo;
    jacquard_jpeg_errors errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    const uint8_t *bytes;
    size_t count;
    int is_created;
    // The frame header was complete when the data ended: what libjpeg knows of the size is not made up.
    int size_is_known;
};

static jacquard_jpeg_reader *reader_of(j_decompress_ptr cinfo) { return cinfo->client_data; }

static void on_start(j_decompress_ptr cinfo) { (void)cinfo; }

// Past the last byte there are end marks for ever. That alone is no error yet: the decoder reads ahead, and a file that
// lacks nothing but its end mark has all its pixels.
static boolean on_fill(j_decompress_ptr cinfo) {
    static const JOCTET end_mark[2] = {0xff, 0xd9};
    jacquard_jpeg_reader *reader = reader_of(cinfo);
    if (!reader->errors.data_ended) reader->size_is_known = cinfo->comp_info != NULL;
    reader->errors.data_ended = 1;
    cinfo->src->next_input_byte = end_mark;
    cinfo->src->bytes_in_buffer = sizeof end_mark;
    return TRUE;
}

static void on_skip(j_decompress_ptr cinfo, long count) {
    if (count <= 0) return;
    if ((unsigned long)count > cinfo->src->bytes_in_buffer) {
        on_fill(cinfo);
    } else {
        cinfo->src->next_input_byte += count;
        cinfo->src->bytes_in_buffer -= count;
    }
}

static void on_progress(j_common_ptr common) {
    jacquard_jpeg_reader *reader = common->client_data;
    if (reader->cinfo.input_scan_number > most_scans)
        jacquard_jpeg_fail(&reader->errors, JACQUARD_CODEC_UNSUPPORTED, "it has more than 500 scans");
}

jacquard_jpeg_reader *jacquard_jpeg_reader_new(const uint8_t *bytes, size_t count) {
    jacquard_jpeg_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->bytes = bytes;
    reader->count = count;
    return reader;
}

void jacquard_jpeg_reader_free(jacquard_jpeg_reader *reader) {
    if (!reader) return;
    if (reader->is_created) jpeg_destroy_decompress(&reader->cinfo);
    free(reader);
}

const char *jacquard_jpeg_message(const jacquard_jpeg_reader *reader) { return reader->errors.message; }

// By the first label of a kind that says anything.
static uint32_t labeled(
    j_decompress_ptr cinfo, const char *mark, size_t length, uint32_t (*orientation)(const uint8_t *, size_t)) {
    for (jpeg_saved_marker_ptr marker = cinfo->marker_list; marker; marker = marker->next) {
        if (marker->marker != JPEG_APP0 + 1 || marker->data_length <= length) continue;
        if (memcmp(marker->data, mark, length) != 0) continue;
        uint32_t stated = orientation(marker->data, marker->data_length);
        if (stated) return stated;
    }
    return 0;
}

static uint32_t orientation(j_decompress_ptr cinfo) {
    static const char exif[] = "Exif\0", xmp[] = "http://ns.adobe.com/xap/1.0/";
    uint32_t stated = labeled(cinfo, exif, sizeof exif, jacquard_exif_orientation);
    return stated ? stated : labeled(cinfo, xmp, sizeof xmp, jacquard_xmp_orientation);
}

// The Huffman code of a block has at least one bit.
static uint64_t least_bytes(j_decompress_ptr cinfo) {
    if (cinfo->arith_code) return 0;
    uint64_t blocks = UINT64_MAX;
    for (int i = 0; i < cinfo->num_components; i++) {
        const jpeg_component_info *component = &cinfo->comp_info[i];
        uint64_t own = (uint64_t)component->width_in_blocks * component->height_in_blocks;
        if (own < blocks) blocks = own;
    }
    return blocks / 8;
}

static void describe(j_decompress_ptr cinfo, jacquard_picture_header *header) {
    header->width = cinfo->image_width;
    header->height = cinfo->image_height;
    header->depth = cinfo->data_precision;
    header->channels = cinfo->num_components == 1 ? 1 : 3;
}

jacquard_codec_status jacquard_jpeg_read_header(jacquard_jpeg_reader *reader, jacquard_picture_header *header) {
    j_decompress_ptr cinfo = &reader->cinfo;
    memset(header, 0, sizeof *header);
    cinfo->err = jacquard_jpeg_errors_init(&reader->errors);
    cinfo->client_data = reader;
    if (setjmp(reader->errors.jump)) {
        if (reader->is_created && (reader->size_is_known || !reader->errors.data_ended)) describe(cinfo, header);
        return reader->errors.status;
    }
    jpeg_create_decompress(cinfo);
    reader->is_created = 1;
    reader->source = (struct jpeg_source_mgr){
        .next_input_byte = reader->bytes,
        .bytes_in_buffer = reader->count,
        .init_source = on_start,
        .fill_input_buffer = on_fill,
        .skip_input_data = on_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = on_start,
    };
    cinfo->src = &reader->source;
    reader->progress.progress_monitor = on_progress;
    cinfo->progress = &reader->progress;
    jpeg_save_markers(cinfo, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(cinfo, TRUE);
    describe(cinfo, header);
    if (cinfo->data_precision != 8)
        jacquard_jpeg_fail(&reader->errors, JACQUARD_CODEC_UNSUPPORTED, "its samples are not of 8 bits");
    if (cinfo->num_components != 1 && cinfo->num_components != 3 && cinfo->num_components != 4)
        jacquard_jpeg_fail(&reader->errors, JACQUARD_CODEC_UNSUPPORTED, "it has neither 1 nor 3 nor 4 channels");
    cinfo->out_color_space = cinfo->num_components == 1   ? JCS_GRAYSCALE
                             : cinfo->num_components == 3 ? JCS_RGB
                                                          : JCS_CMYK;
    header->orientation = orientation(cinfo);
    header->least_bytes = least_bytes(cinfo);
    return JACQUARD_CODEC_OK;
}

jacquard_codec_status jacquard_jpeg_set_scale(
    jacquard_jpeg_reader *reader, uint32_t eighths, uint32_t *width, uint32_t *height) {
    if (setjmp(reader->errors.jump)) return reader->errors.status;
    reader->cinfo.scale_num = eighths;
    reader->cinfo.scale_denom = 8;
    jpeg_calc_output_dimensions(&reader->cinfo);
    *width = reader->cinfo.output_width;
    *height = reader->cinfo.output_height;
    return JACQUARD_CODEC_OK;
}

// Ink to light without a profile: what cyan leaves of red, black leaves a share of. Adobe's files, which is nearly all
// of them, store the light that is left (255: no ink) instead of the ink.
static void cmyk_to_rgb(const uint8_t *source, uint8_t *target, size_t count, int is_inverted) {
    const unsigned flip = is_inverted ? 0 : 255;
    for (size_t i = 0; i < count; i++, source += 4, target += 3) {
        const unsigned key = source[3] ^ flip;
        for (int c = 0; c < 3; c++) target[c] = (uint8_t)(((source[c] ^ flip) * key + 127) / 255);
    }
}

jacquard_codec_status jacquard_jpeg_read_pixels(jacquard_jpeg_reader *reader, uint8_t *pixels) {
    j_decompress_ptr cinfo = &reader->cinfo;
    if (setjmp(reader->errors.jump)) return reader->errors.status;
    jpeg_start_decompress(cinfo);
    // Of several scans all have been read by now, to the end mark: where that is missing, a scan may be.
    if (reader->errors.data_ended && jpeg_has_multiple_scans(cinfo))
        jacquard_jpeg_fail(&reader->errors, JACQUARD_CODEC_TRUNCATED, "the data end before the end mark");
    const int is_cmyk = cinfo->out_color_space == JCS_CMYK;
    const size_t stride = (size_t)cinfo->output_width * (cinfo->num_components == 1 ? 1 : 3);
    JSAMPARRAY row = is_cmyk ? cinfo->mem->alloc_sarray(
                                   (j_common_ptr)cinfo, JPOOL_IMAGE, cinfo->output_width * 4, 1)
                             : NULL;
    while (cinfo->output_scanline < cinfo->output_height) {
        uint8_t *target = pixels + cinfo->output_scanline * stride;
        if (is_cmyk) {
            jpeg_read_scanlines(cinfo, row, 1);
            cmyk_to_rgb(row[0], target, cinfo->output_width, cinfo->saw_Adobe_marker);
        } else {
            // As many rows as the decoder makes at a time.
            JSAMPROW rows[4];
            const JDIMENSION left = cinfo->output_height - cinfo->output_scanline;
            const JDIMENSION count = left < 4 ? left : 4;
            for (JDIMENSION i = 0; i < count; i++) rows[i] = target + i * stride;
            jpeg_read_scanlines(cinfo, rows, count);
        }
    }
    return JACQUARD_CODEC_OK;
}
