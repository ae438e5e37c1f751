/* rh.file/1: named, capped files in the plugin's own directory. */
#ifndef RH_SERVICE_FILE_H
#define RH_SERVICE_FILE_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_FILE_ID          "rh.file/1"

#define RH_FILE_BYTES_MAX   (64u * 1024u * 1024u) /* one file */
#define RH_SECRET_BYTES_MAX 4096u                 /* a file that secret() reads */

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
     * an absolute path), RH_ENOTFOUND, RH_EFORBIDDEN (others may read it, or this user may not),
     * RH_ETOOLARGE, RH_EIO; but for RH_OK with core->fail text. */
    int32_t (*secret)(struct rh_ctx *ctx, const char *path, struct rh_str *out);
};

#endif
