/* Which files of the configuration directories count, and in what order. It reads none: the body
 * brings names and texts. */
#ifndef RH_HOST_CORE_CONFIG_FILES_H
#define RH_HOST_CORE_CONFIG_FILES_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>
#include <stdint.h>

/* Files of all directories together. */
#define CONFIG_FILES_MAX 256u

/* One file of a directory. Everything is borrowed. */
struct config_file {
    uint32_t rank;      /* of its directory; the higher one wins */
    const char *path;   /* as shown in messages */
    const char *name;   /* last part of path */
    struct rh_str text; /* content; may be empty for a file that does not count */
};

/* Whether a file of that name is configuration: NN-name.yaml, NN two digits, name of
 * [A-Za-z0-9._-]. [any] */
bool config_files_counts(const char *name);

/* Why a file that does not count is ignored, in a few words; static. [any] */
const char *config_files_why_ignored(const char *name);

/* Copies the files that count into out (room for count), by directory rank and then name in byte
 * order, without those that a file of the same name in a higher directory replaces. Returns how
 * many. An empty file masks the one it replaces and says nothing itself. [any] */
uint32_t config_files_order(const struct config_file *files, uint32_t count,
                            struct config_file *out);

#endif
