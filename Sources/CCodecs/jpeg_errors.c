#include "jpeg_errors.h"

#include <jerror.h>

static jacquard_codec_status status_of(const jacquard_jpeg_errors *errors) {
    switch (errors->base.msg_code) {
    case JERR_OUT_OF_MEMORY:
        return JACQUARD_CODEC_OUT_OF_MEMORY;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_IMAGE_TOO_BIG:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
        return JACQUARD_CODEC_UNSUPPORTED;
    default:
        return errors->data_ended ? JACQUARD_CODEC_TRUNCATED : JACQUARD_CODEC_DAMAGED;
    }
}

static _Noreturn void fail(j_common_ptr cinfo) {
    jacquard_jpeg_errors *errors = (jacquard_jpeg_errors *)cinfo->err;
    errors->status = status_of(errors);
    errors->base.format_message(cinfo, errors->message);
    longjmp(errors->jump, 1);
}

// To libjpeg it is a warning when it puts made-up pixels where the data are missing or wrong. Here that is an error: a
// picture half gray must not be learned. What costs no pixel stays a warning.
static void on_message(j_common_ptr cinfo, int level) {
    if (level >= 0) return;
    switch (cinfo->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_JPEG_EOF:
        fail(cinfo);
    default:
        cinfo->err->num_warnings++;
    }
}

static void on_output(j_common_ptr cinfo) { (void)cinfo; }

struct jpeg_error_mgr *jacquard_jpeg_errors_init(jacquard_jpeg_errors *errors) {
    jpeg_std_error(&errors->base);
    errors->base.error_exit = fail;
    errors->base.emit_message = on_message;
    errors->base.output_message = on_output;
    return &errors->base;
}

_Noreturn void jacquard_jpeg_fail(jacquard_jpeg_errors *errors, jacquard_codec_status status, const char *message) {
    errors->status = status;
    snprintf(errors->message, sizeof errors->message, "%s", message);
    longjmp(errors->jump, 1);
}
