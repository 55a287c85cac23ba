#define _GNU_SOURCE  // memmem
#include "orientation.h"

#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

static uint32_t checked(int64_t stated) { return stated >= 1 && stated <= 8 ? (uint32_t)stated : 0; }

// The standard wants a SHORT; cameras and programs have written every type of integer.
static uint32_t integer(const ExifEntry *entry, ExifByteOrder order) {
    if (entry->components < 1 || entry->size < exif_format_get_size(entry->format)) return 0;
    switch (entry->format) {
    case EXIF_FORMAT_BYTE:
    case EXIF_FORMAT_SBYTE: return checked(entry->data[0]);
    case EXIF_FORMAT_SHORT: return checked(exif_get_short(entry->data, order));
    case EXIF_FORMAT_SSHORT: return checked(exif_get_sshort(entry->data, order));
    case EXIF_FORMAT_LONG: return checked(exif_get_long(entry->data, order));
    case EXIF_FORMAT_SLONG: return checked(exif_get_slong(entry->data, order));
    default: return 0;
    }
}

uint32_t jacquard_exif_orientation(const uint8_t *bytes, size_t count) {
    static const uint8_t mark[6] = "Exif\0";
    const int is_marked = count >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0;
    // libexif reads no more than 64 KB. The first directory lies at the beginning; what is long comes behind it.
    const size_t most = 0xfffe;
    if (count > most) count = most;
    uint8_t *marked = NULL;
    if (!is_marked) {
        marked = malloc(count + sizeof mark);
        if (!marked) return 0;
        memcpy(marked, mark, sizeof mark);
        memcpy(marked + sizeof mark, bytes, count);
        bytes = marked;
        count += sizeof mark;
    }
    uint32_t orientation = 0;
    ExifData *data = exif_data_new();
    if (data) {
        // As it stands in the file: by default libexif adds what the specification demands and rewrites what it
        // forbids.
        exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
        exif_data_load_data(data, bytes, (unsigned int)count);
        const ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
        if (entry && entry->data) orientation = integer(entry, exif_data_get_byte_order(data));
        exif_data_unref(data);
    }
    free(marked);
    return orientation;
}

uint32_t jacquard_xmp_orientation(const uint8_t *bytes, size_t count) {
    static const char name[] = "tiff:Orientation";
    const uint8_t *end = bytes + count;
    const uint8_t *place = bytes;
    while (place && (place = memmem(place, (size_t)(end - place), name, sizeof name - 1))) {
        place += sizeof name - 1;
        // tiff:Orientation="6" or <tiff:Orientation>6</tiff:Orientation>, with spaces where XML allows them.
        while (place < end && strchr(" \t\r\n=\"'>", *place) && *place) place++;
        if (place < end && *place >= '1' && *place <= '8' && (place + 1 == end || place[1] < '0' || place[1] > '9'))
            return (uint32_t)(*place - '0');
    }
    return 0;
}
