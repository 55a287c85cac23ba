#ifndef JACQUARD_JPEG_ERRORS_H
#define JACQUARD_JPEG_ERRORS_H

#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>

#include "codec_status.h"

// libjpeg's error handler, replaced: its own ends the process, and prints.
typedef struct {
    // First, so that libjpeg's pointer to it is a pointer to the whole.
    struct jpeg_error_mgr base;
    jmp_buf jump;
    // The source has given out its last byte: what goes wrong from here on is a file cut short.
    int data_ended;
    jacquard_codec_status status;
    char message[JMSG_LENGTH_MAX];
} jacquard_jpeg_errors;

// Use as `cinfo.err = jacquard_jpeg_errors_init(&errors)`.
struct jpeg_error_mgr *jacquard_jpeg_errors_init(jacquard_jpeg_errors *errors);

// Ends the call in progress by longjmp.
_Noreturn void jacquard_jpeg_fail(jacquard_jpeg_errors *errors, jacquard_codec_status status, const char *message);

#endif
