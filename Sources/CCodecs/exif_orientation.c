#include "exif_orientation.h"

#include <libexif/exif-data.h>

uint32_t jacquard_exif_orientation(const uint8_t *bytes, size_t count) {
    if (count > 0xffff) return 1;
    ExifData *data = exif_data_new();
    if (!data) return 1;
    // As it stands in the file: by default libexif adds what the specification demands and rewrites what it forbids.
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_load_data(data, bytes, (unsigned int)count);
    uint32_t orientation = 1;
    ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry && entry->format == EXIF_FORMAT_SHORT && entry->components == 1 && entry->size >= 2) {
        ExifShort stated = exif_get_short(entry->data, exif_data_get_byte_order(data));
        if (stated >= 1 && stated <= 8) orientation = stated;
    }
    exif_data_unref(data);
    return orientation;
}
