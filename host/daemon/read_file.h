/* Reads one small file whole. Blocks: before the loop runs, and for small secrets. */
#ifndef RH_HOST_DAEMON_READ_FILE_H
#define RH_HOST_DAEMON_READ_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>

/* Append the file's bytes, at most bytes_max. Only plain files: a FIFO or device is never waited
 * for. RH_OK, RH_ENOTFOUND, RH_EFORBIDDEN, RH_EINVAL (not a plain file), RH_ETOOLARGE, RH_EIO,
 * RH_ENOMEM. What of it was read before it failed may have been appended. */
int32_t read_file(const char *path, size_t bytes_max, struct rh_buf *out);
/* Words for what read_file returned. */
const char *read_file_why(int32_t rc);
/* The same for a file that is this user's and that nobody else may read or write: RH_EFORBIDDEN for
 * others, of which nothing is read. *why: static words when it fails. */
int32_t read_private_file(const char *path, size_t bytes_max, struct rh_buf *out, const char **why);

#endif
