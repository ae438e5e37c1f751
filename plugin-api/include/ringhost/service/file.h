/* rh.file/1: named, capped files in the plugin's own directory. */
#ifndef RH_SERVICE_FILE_H
#define RH_SERVICE_FILE_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/sdk/sha256.h>

#define RH_FILE_ID          "rh.file/1"

#define RH_SECRET_BYTES_MAX 4096u                 /* a file that secret() reads */
#define RH_FILE_BYTES_MAX   (64u * 1024u * 1024u) /* one file, by append */
#define RH_FILE_LARGE_MAX   (INT64_C(1) << 40)    /* one file, by submit */
#define RH_FILE_PIECE_MAX   (8u * 1024u * 1024u)  /* bytes of one operation */
#define RH_FILE_SUBMITS_MAX 256u                  /* under way, of one plugin */
#define RH_FILE_NAMES_MAX   65536u                /* that list tells */

/* Kinds of struct rh_file_op. */
#define RH_FILE_APPEND 1u /* data behind `offset` bytes, as many as the file has (0 = absent) */
#define RH_FILE_READ   2u /* up to max bytes from offset; fewer at the end */
#define RH_FILE_RENAME 3u /* name replaces `to`, durable on return */
#define RH_FILE_REMOVE 4u

/* One operation that the host does on a thread of its own. Everything is copied. */
struct rh_file_op {
    uint32_t size;
    uint32_t op; /* RH_FILE_... */
    const char *name;
    const char *to; /* RH_FILE_RENAME */
    int64_t offset;
    struct rh_str data;
    const struct rh_sha256 *hash; /* to go on over the bytes appended or read; NULL = none */
    uint32_t max;
    uint32_t reserved0;
};

/* What came of it. Borrowed until the callback returns. */
struct rh_file_done {
    uint32_t size;
    int32_t rc;         /* RH_OK, RH_ENOTFOUND, RH_ECONFLICT (the file is not `offset` bytes long),
                           RH_ETOOLARGE, RH_ENOSPACE, RH_EIO, RH_ENOMEM, RH_ECANCELLED */
    struct rh_str data; /* what was read */
    const struct rh_sha256 *hash; /* as it stands behind those bytes; NULL when none was asked for
                                     or the operation failed */
};

struct rh_file_info {
    struct rh_str name;
    int64_t length;
};
struct rh_file_list {
    uint32_t size;
    uint32_t count;
    const struct rh_file_info *items; /* in no order */
    uint32_t stride;
    uint32_t reserved0;
};

/* Names match [A-Za-z0-9._-]{1,128} and do not begin with a dot. */
struct rh_file_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Append bytes (creating the file); on return they are in the file, not yet on the disk. [loop]
     * RH_OK, RH_EINVAL, RH_ETOOLARGE, RH_ENOSPACE, RH_EIO. */
    int32_t (*append)(struct rh_ctx *ctx, const char *name, struct rh_str data);
    /* Read at most max bytes from offset; borrowed until the callback returns. RH_ENOTFOUND. [loop]
     */
    int32_t (*read)(struct rh_ctx *ctx, const char *name, int64_t offset, uint32_t max,
                    struct rh_str *out);
    /* Size in bytes; RH_ENOTFOUND. [loop] */
    int32_t (*length)(struct rh_ctx *ctx, const char *name, int64_t *out);
    /* Replace `to` by `from` atomically, after from is on the disk. [loop] */
    int32_t (*rename)(struct rh_ctx *ctx, const char *from, const char *to);
    int32_t (*remove)(struct rh_ctx *ctx, const char *name);
    /* Read a password or key from a file that a configuration names by its absolute path; white
     * space at its end is left out. Only its owner may be allowed to read it (mode 0600). Borrowed
     * until the callback returns. Absent where `size` ends before it. [loop] RH_OK, RH_EINVAL (not
     * an absolute path, or not a plain file), RH_ENOTFOUND, RH_EFORBIDDEN (others may read it, or
     * this user may not), RH_ETOOLARGE, RH_EIO; but for RH_OK with core->fail text. */
    int32_t (*secret)(struct rh_ctx *ctx, const char *path, struct rh_str *out);
    /* Do an operation off the loop; for files of up to RH_FILE_LARGE_MAX. cb runs exactly once,
     * with RH_ECANCELLED when the activation has ended meanwhile (the operation is done all the
     * same). Those of one plugin on one name happen in the order of their submission, reads side by
     * side; a rename is on both its names. Else there is no order, also none between these and what
     * is done at once. Absent where `size` ends before it. [loop] RH_OK; RH_EINVAL; RH_EAGAIN over
     * RH_FILE_SUBMITS_MAX; RH_ENOMEM. */
    int32_t (*submit)(struct rh_ctx *ctx, const struct rh_file_op *op,
                      void (*cb)(void *self, void *user, const struct rh_file_done *done),
                      void *user);
    /* All files of the plugin; borrowed until the callback returns. Absent as above. [loop] RH_OK,
     * RH_EIO, RH_EFULL over RH_FILE_NAMES_MAX. */
    int32_t (*list)(struct rh_ctx *ctx, struct rh_file_list *out);
};

#endif
