/* The node's data directory: made, checked, locked, and plain files below it. No path leads out of
 * it. */
#ifndef RH_HOST_DAEMON_DATA_DIR_H
#define RH_HOST_DAEMON_DATA_DIR_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

#define DATA_PATH_BYTES_MAX 512u
#define DATA_PATH_DEPTH_MAX 16u

struct data_dir {
    int fd;      /* the directory; -1 = closed */
    int lock_fd; /* flock held until close */
};

/* Makes the directory (0700, and its parents), checks that only we may look into it and that it is
 * writable, and locks it against a second host. RH_OK, or RH_EINVAL (not a directory, wrong mode),
 * RH_EBUSY (another host has it), RH_ENOSPACE, RH_EFORBIDDEN, RH_EIO; `why` then has a line for
 * exit 73. */
int32_t data_dir_open(struct data_dir *dir, const char *path, struct rh_buf *why);

/* Unlocks; a closed one is allowed. */
void data_dir_close(struct data_dir *dir);

/* All paths are relative, of at most DATA_PATH_DEPTH_MAX parts, none of them "", "." or "..";
 * symbolic links are not followed. RH_EINVAL otherwise. Blocking; RH_ENOTFOUND, RH_ENOSPACE, RH_EIO
 * besides what is said. */

/* Appends to a file, which is made when missing, with its folders. */
int32_t data_dir_append(struct data_dir *dir, const char *path, struct rh_str data);
/* Appends up to max bytes from offset to out; fewer at the end of the file. */
int32_t data_dir_read(struct data_dir *dir, const char *path, int64_t offset, uint32_t max,
                      struct rh_buf *out);
int32_t data_dir_length(struct data_dir *dir, const char *path, int64_t *out);
/* Durable on return: fsync of the file, rename, fsync of the folders. Replaces `to`. */
int32_t data_dir_rename(struct data_dir *dir, const char *from, const char *to);
int32_t data_dir_remove(struct data_dir *dir, const char *path);
/* Calls each(user, name, length) for the plain files of a folder, in no order; none when it is not
 * there. */
int32_t data_dir_list(struct data_dir *dir, const char *path,
                      void (*each)(void *user, const char *name, int64_t length), void *user);
/* Opens a file for appending, made when missing, close-on-exec; the descriptor or a negative code.
 */
int data_dir_open_append(struct data_dir *dir, const char *path);

#endif
