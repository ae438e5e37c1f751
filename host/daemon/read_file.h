/* Reads one small file whole. Blocks: before the loop runs, and for small secrets. */
#ifndef RH_HOST_DAEMON_READ_FILE_H
#define RH_HOST_DAEMON_READ_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>

/* Append the file's bytes, at most bytes_max. RH_OK, RH_ENOTFOUND, RH_EFORBIDDEN, RH_ETOOLARGE,
 * RH_EIO, RH_ENOMEM. */
int32_t read_file(const char *path, size_t bytes_max, struct rh_buf *out);
/* Words for what read_file returned. */
const char *read_file_why(int32_t rc);
/* The same for a file that nobody but its owner may read or write: RH_EFORBIDDEN for others. */
int32_t read_private_file(const char *path, size_t bytes_max, struct rh_buf *out);
/* Whether it is this user's, and nobody else may read or write it. */
bool is_private_file(const char *path);

#endif
