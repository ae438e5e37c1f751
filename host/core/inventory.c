/* The reference system's list of machines, distributed_hosts.yaml, read as it is. It dials none of
 * them. */
#include "host/core/inventory.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/config_kinds.h"
#include "host/core/node_tree.h"
#include "host/core/yaml_load.h"

static const struct rh_field host_rows[] = {
    RH_STR(struct inventory_host, ssh_host, 0, "name or address for SSH"),
    RH_INT(struct inventory_host, ssh_port, 22, 1, 65535, "port for SSH"),
    RH_STR(struct inventory_host, ssh_user, 0, "user for SSH"),
    RH_TEXT(struct inventory_host, ssh_key, 0, 4096, "path of the private key"),
    RH_STR(struct inventory_host, role, 0, "what the machine is for"),
    RH_STR(struct inventory_host, status, 0, "ready, offline, ..."),
    RH_INT(struct inventory_host, cpus, 0, 0, 65536, "processors"),
    RH_NUMBER(struct inventory_host, memory_gb, 0, 0, 1e6, "memory"),
    RH_STR(struct inventory_host, gpu, 0, "name of the GPU"),
    RH_NUMBER(struct inventory_host, gpu_vram_gb, 0, 0, 1e6, "memory of the GPU"),
    RH_BOOL(struct inventory_host, nat_blocked, false, "cannot be dialled"),
    RH_BOOL(struct inventory_host, relay_capable, false, "may relay for others"),
    RH_BOOL(struct inventory_host, is_ephemeral, false, "may vanish at any time"),
    RH_BOOL(struct inventory_host, selfplay_enabled, true, "takes self-play"),
    RH_BOOL(struct inventory_host, training_enabled, true, "takes training"),
};
static const struct rh_fields host_fields = RH_FIELDS(struct inventory_host, host_rows);

static const struct rh_field inventory_rows[] = {
    RH_STR_LIST(struct inventory, p2p_voters, 0, "ids of the voters"),
    RH_OBJECT_MAP(struct inventory, hosts, 0, INVENTORY_HOSTS_MAX, struct inventory_host, host_rows,
                  "machines by id"),
};
/* Only up to the hosts: the arena behind them is not the decoder's. */
static const struct rh_fields inventory_fields = {
    inventory_rows, sizeof(inventory_rows) / sizeof(inventory_rows[0]), sizeof(inventory_rows[0]),
    offsetof(struct inventory, arena), 0};

static const struct rh_field *find_row(const struct rh_fields *table, struct rh_str name)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (rh_str_eq_c(name, table->fields[i].name)) {
            return &table->fields[i];
        }
    }
    return NULL;
}

/* Takes keys out that the table does not have, and lets 4090 be the name of a GPU. */
static void strip(struct node *map, const struct rh_fields *table, struct node *ignored)
{
    struct node *next = NULL;
    if (map->kind != NODE_MAP) {
        return;
    }
    for (struct node *child = map->first; child != NULL; child = next) {
        next = child->next;
        const struct rh_field *row = find_row(table, child->key);
        if (row == NULL) {
            struct node *unknown = node_take(map, child->key.p);
            if (node_get(ignored, unknown->key.p) == NULL) {
                node_put(ignored, unknown);
            }
        } else if (row->type == RH_FIELD_STRING && child->kind != NODE_MAP &&
                   child->kind != NODE_LIST && child->kind != NODE_NULL) {
            child->kind = NODE_STRING;
        }
    }
}

static void note_ignored(const struct node *ignored, struct config_errors *errors)
{
    for (const struct node *node = ignored->first; node != NULL; node = node->next) {
        char message[CONFIG_MESSAGE_MAX];
        struct rh_buf buf;
        rh_buf_init(&buf, sizeof(message) - 1);
        (void)rh_buf_printf(&buf, "ignored: key \"%.*s\" has no meaning here",
                            RH_STR_ARG(node->key));
        config_errors_note(errors, node, 1,
                           buf.rc == RH_OK ? buf.p : "ignored: a key without meaning here");
        rh_buf_release(&buf);
    }
}

static int32_t decode(struct inventory *inventory, struct node *root, struct config_errors *errors)
{
    struct node ignored = {.kind = NODE_MAP};
    struct node *hosts = node_get(root, "hosts");
    strip(root, &inventory_fields, &ignored);
    for (struct node *host = hosts != NULL ? hosts->first : NULL; host != NULL; host = host->next) {
        if (hosts->kind == NODE_MAP) {
            strip(host, &host_fields, &ignored);
        }
    }
    note_ignored(&ignored, errors);
    return config_decode(&inventory_fields, root, "the inventory", inventory, &inventory->arena,
                         errors);
}

int32_t inventory_load(const char *path, struct rh_str text, struct inventory **out,
                       struct config_errors *errors)
{
    struct node *root = NULL;
    struct config_file file = {.path = path, .name = path, .text = text};
    struct yaml_input input = {.file = path,
                               .text = text,
                               .flags = YAML_OLD_BOOLS,
                               .report = config_errors_report,
                               .report_user = errors};
    struct inventory *inventory = calloc(1, sizeof(*inventory));
    if (inventory == NULL) {
        return RH_ENOMEM;
    }
    field_arena_init(&inventory->arena, INVENTORY_BYTES_MAX);
    config_errors_set_files(errors, &file, 1);
    int32_t rc = yaml_load(&input, &inventory->arena, &root);
    if (rc == RH_OK && root != NULL && root->next != NULL) {
        config_errors_add(errors, root->next, 0, "an inventory is one document");
        rc = RH_EINVAL;
    }
    if (rc == RH_OK && root != NULL && root->kind != NODE_MAP) {
        config_errors_add(errors, root, 0, "an inventory is a map with \"hosts\"");
        rc = RH_EINVAL;
    }
    if (rc == RH_OK && root != NULL) {
        rc = decode(inventory, root, errors);
    }
    config_errors_set_files(errors, NULL, 0);
    if (rc != RH_OK) {
        inventory_free(inventory);
        return rc == RH_ETOOLARGE ? RH_ENOMEM : rc;
    }
    *out = inventory;
    return RH_OK;
}

void inventory_free(struct inventory *inventory)
{
    if (inventory != NULL) {
        field_arena_release(&inventory->arena);
        free(inventory);
    }
}

static const struct inventory_host *host_at(const struct inventory *inventory, uint32_t index)
{
    return &((const struct inventory_host *)inventory->hosts.items)[index];
}

const struct inventory_host *inventory_find(const struct inventory *inventory, struct rh_str id)
{
    for (uint32_t i = 0; i < inventory->hosts.count; i++) {
        if (rh_str_eq(host_at(inventory, i)->id, id)) {
            return host_at(inventory, i);
        }
    }
    return NULL;
}

static void write_host(const struct inventory_host *host, struct rh_json_writer *w)
{
    rh_json_begin_object(w);
    for (uint32_t i = 0; i < host_fields.count; i++) {
        const struct rh_field *row = &host_rows[i];
        const void *member = (const char *)host + row->offset;
        rh_json_key(w, row->name);
        if (row->type == RH_FIELD_STRING) {
            rh_json_string(w, *(const struct rh_str *)member);
        } else if (row->type == RH_FIELD_INT) {
            rh_json_int(w, *(const int64_t *)member);
        } else if (row->type == RH_FIELD_NUMBER) {
            rh_json_double(w, *(const double *)member);
        } else {
            rh_json_bool(w, *(const int32_t *)member != 0);
        }
    }
    rh_json_end_object(w);
}

int32_t inventory_json(const struct inventory *inventory, struct rh_buf *out)
{
    struct rh_json_writer w;
    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_kv_str_list(&w, "p2p_voters", &inventory->p2p_voters);
    rh_json_key(&w, "hosts");
    rh_json_begin_object(&w);
    for (uint32_t i = 0; i < inventory->hosts.count; i++) {
        rh_json_key_str(&w, host_at(inventory, i)->id);
        write_host(host_at(inventory, i), &w);
    }
    rh_json_end_object(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}
