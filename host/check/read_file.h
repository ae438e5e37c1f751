/* Reads a whole regular file into memory; nothing more. */
#ifndef RH_HOST_CHECK_READ_FILE_H
#define RH_HOST_CHECK_READ_FILE_H

#include <stddef.h>
#include <stdint.h>

/* *bytes is for free(); an empty file gives a block of size 0. RH_OK; RH_EIO (cannot be opened or
 * read, changed meanwhile), RH_EINVAL (not a regular file), RH_ETOOLARGE (above bytes_max) or
 * RH_ENOMEM, with why (why_size bytes) naming the path. *bytes and *size are written only on
 * success. [any] */
int32_t read_file(const char *path, size_t bytes_max, void **bytes, size_t *size, char *why,
                  size_t why_size);

#endif
