/* The reference system's list of machines, distributed_hosts.yaml, read as it is. It dials none of
 * them. */
#ifndef RH_HOST_CORE_INVENTORY_H
#define RH_HOST_CORE_INVENTORY_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>

#include "host/core/config_error.h"
#include "host/core/field_arena.h"

#define INVENTORY_HOSTS_MAX 1024u
#define INVENTORY_BYTES_MAX (32u * 1024u * 1024u) /* memory of one inventory */

struct inventory_host {
    struct rh_str id;
    struct rh_str ssh_host;
    struct rh_str ssh_user;
    struct rh_str ssh_key; /* path */
    struct rh_str role;
    struct rh_str status;
    struct rh_str gpu; /* free name */
    int64_t ssh_port;
    int64_t cpus;
    double memory_gb;
    double gpu_vram_gb;
    int32_t nat_blocked;
    int32_t relay_capable;
    int32_t is_ephemeral;
    int32_t selfplay_enabled;
    int32_t training_enabled;
};

struct inventory {
    struct rh_str_list p2p_voters;
    struct rh_list hosts;     /* struct inventory_host */
    struct field_arena arena; /* private */
};

/* Reads one file. Keys that ringhost does not know are ignored, each noted once in errors. RH_OK;
 * RH_EINVAL with all problems in errors and *out not written; RH_ENOMEM. The caller frees it. [any]
 */
int32_t inventory_load(const char *path, struct rh_str text, struct inventory **out,
                       struct config_errors *errors);

/* NULL is allowed. */
void inventory_free(struct inventory *inventory);

/* The host of that id, or NULL. [any] */
const struct inventory_host *inventory_find(const struct inventory *inventory, struct rh_str id);

/* Writes {"p2p_voters":[id],"hosts":{id:{…}}}, every known key of each host, for plugins. Returns
 * out's error. [any] */
int32_t inventory_json(const struct inventory *inventory, struct rh_buf *out);

#endif
