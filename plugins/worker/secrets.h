/* Passwords and keys that one job gets as files; held only while it is started, then wiped. Not
 * where they are read. */
#ifndef RH_PLUGINS_WORKER_SECRETS_H
#define RH_PLUGINS_WORKER_SECRETS_H

#include <stdbool.h>

#include <stdint.h>

#include <ringhost/types.h>

#define SECRETS_MAX      8u    /* of one command */
#define SECRET_NAME_MAX  64u   /* bytes of a name */
#define SECRET_BYTES_MAX 4096u /* of one secret */
#define SECRETS_WHY_SIZE 512u
/* Their folder in the job's: outputs name no folder, so an item cannot ask for one of them. */
#define SECRETS_FOLDER "secrets"

struct secret {
    char file[SECRET_NAME_MAX + 16];    /* secrets/NAME, in the job's folder */
    char variable[SECRET_NAME_MAX + 8]; /* NAME_FILE */
    size_t at;                          /* of its bytes */
    size_t bytes;
};
struct secrets {
    struct secret items[SECRETS_MAX];
    uint32_t count;
    char text[SECRETS_MAX * SECRET_BYTES_MAX];
    size_t used;
};

/* [A-Za-z_][A-Za-z0-9_]*, at most SECRET_NAME_MAX bytes. */
bool secret_name_is_good(struct rh_str name);

/* Whether a file of this name, NAME or FOLDER/NAME, would stand in the way of their folder, or in
 * it. */
bool secrets_is_in_way(const char *name);

/* None yet. */
void secrets_init(struct secrets *secrets);

/* One more; copies. name is good. RH_OK, RH_ETOOLARGE, or RH_EFULL at SECRETS_MAX. */
int32_t secrets_add(struct secrets *secrets, struct rh_str name, struct rh_str text);

/* The bytes of one; p is never NULL. Borrowed. */
struct rh_str secret_text(const struct secrets *secrets, uint32_t index);

/* Nothing of them is left in this memory. */
void secrets_wipe(struct secrets *secrets);

#endif
