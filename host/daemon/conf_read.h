/* Reads configuration directories into memory; which files count and what they mean is the core's
 * business. */
#ifndef RH_HOST_DAEMON_CONF_READ_H
#define RH_HOST_DAEMON_CONF_READ_H

#include <ringhost/errors.h>
#include <stdint.h>

#include "host/core/config_files.h"

/* Entries of one directory, and bytes of one file, that are read. */
#define CONF_READ_ENTRIES_MAX 256u
#define CONF_READ_BYTES_MAX   (4u * 1024u * 1024u)

#define CONF_READ_WHY_MAX     512u

/* Where the files are when no --conf is given, the lower rank first. */
#define CONF_READ_VENDOR_DIR "/usr/lib/ringhost/conf.d"
#define CONF_READ_SYSTEM_DIR "/etc/ringhost/conf.d"

/* What was read. Zero-filled is empty; paths, names and texts are owned. */
struct conf_read {
    struct config_file *files;
    uint32_t count;
    uint32_t room;
};

/* Appends all entries of a directory, by name in byte order; only those that count have their text.
 * Paths are "dir/name". A file that is a link to /dev/null is empty, so it masks. RH_ENOTFOUND: no
 * such directory; RH_EIO; RH_ETOOLARGE: a limit above; RH_ENOMEM; why (CONF_READ_WHY_MAX bytes)
 * then says what, and what was read before is kept. Blocks. */
int32_t conf_read_directory(struct conf_read *read, const char *directory, uint32_t rank,
                            char *why);

/* The directory given by --conf, or with NULL the two above, of which one may be missing. Returns
 * as above. */
int32_t conf_read_all(struct conf_read *read, const char *directory, char *why);

void conf_read_release(struct conf_read *read);

#endif
