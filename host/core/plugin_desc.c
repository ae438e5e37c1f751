/* Copying a descriptor by the rules for structs that cross; see plugin_desc.h. */
#include "host/core/plugin_desc.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/field_check.h"
#include "host/core/field_value.h"
#include "host/core/plugin_rules.h"

#define STRUCT_BYTES_MAX 65536u /* largest size or stride that is believed */

/* One allocation of a copy; the bytes follow. */
struct plugin_desc_block {
    struct plugin_desc_block *next;
    max_align_t bytes[];
};

/* One copy in the making. */
struct copier {
    struct plugin_desc *to;
    uint32_t field_count; /* fields copied for the table at hand */
    int32_t rc;           /* sticky */
    char *why;
};

/* A kind of array in the descriptor. */
struct rows {
    const char *what;
    const void *from;
    uint32_t count;
    uint32_t stride;
    uint32_t count_max;
    uint32_t known; /* bytes of a row in this host */
};

/* The first refusal stays. */
static void __attribute__((format(printf, 3, 4)))
refuse(struct copier *c, int32_t rc, const char *format, ...)
{
    va_list args;

    if (c->rc != RH_OK)
        return;
    c->rc = rc;
    va_start(args, format);
    (void)vsnprintf(c->why, PLUGIN_WHY_MAX, format, args); /* cut when longer */
    va_end(args);
}

/* Zeroed memory that lives as long as the copy; NULL after a refusal. */
static void *reserve(struct copier *c, size_t bytes)
{
    struct plugin_desc_block *block = calloc(1, sizeof *block + bytes);

    if (!block) {
        refuse(c, RH_ENOMEM, "out of memory");
        return NULL;
    }
    block->next = c->to->blocks;
    c->to->blocks = block;
    return block->bytes;
}

/* Copies a struct of `size` bytes into the zeroed `known` bytes at `to`; the copy's size becomes
 * `known`. */
static void copy_struct(struct copier *c, void *to, uint32_t known, const void *from, uint32_t size)
{
    const unsigned char *bytes = from;

    memcpy(to, from, size < known ? size : known);
    memcpy(to, &known, sizeof known);
    for (uint32_t i = known; i < size; i++) {
        if (bytes[i] != 0) {
            c->to->unknown_tails++;
            break;
        }
    }
}

static uint32_t size_of(const void *from)
{
    uint32_t size;

    memcpy(&size, from, sizeof size);
    return size;
}

/* A native array of the rows, or NULL when there are none or one is refused. */
static void *copy_rows(struct copier *c, const struct rows *rows)
{
    unsigned char *to;

    if (rows->count == 0 || c->rc != RH_OK)
        return NULL;
    if (rows->count > rows->count_max)
        refuse(c, RH_EINVAL, "%" PRIu32 " %s, more than %" PRIu32, rows->count, rows->what,
               rows->count_max);
    else if (!rows->from)
        refuse(c, RH_EINVAL, "%" PRIu32 " %s, but no array", rows->count, rows->what);
    else if (rows->stride < sizeof(uint64_t) || rows->stride > STRUCT_BYTES_MAX)
        refuse(c, RH_EINVAL, "%s: a stride of %" PRIu32 " bytes", rows->what, rows->stride);
    to = c->rc == RH_OK ? reserve(c, (size_t)rows->count * rows->known) : NULL;
    for (uint32_t i = 0; to && i < rows->count; i++) {
        const unsigned char *from = (const unsigned char *)rows->from + (size_t)i * rows->stride;
        uint32_t size = size_of(from);

        if (size < sizeof(uint64_t) || size > rows->stride) {
            refuse(c, RH_EINVAL,
                   "%s[%" PRIu32 "]: size %" PRIu32 " does not fit the stride %" PRIu32, rows->what,
                   i, size, rows->stride);
            return NULL;
        }
        copy_struct(c, to + (size_t)i * rows->known, rows->known, from, size);
    }
    return to;
}

/* Native copies of a table's rows and of all tables below it. Depth and number are limited here
 * because a table could contain itself; all other rules are field_check's. */
static const struct rh_field *copy_fields(struct copier *c, const struct rh_field *fields,
                                          uint32_t count, uint32_t stride, uint32_t depth)
{
    struct rows rows = {"fields", fields, count, stride, FIELD_COUNT_MAX, sizeof(struct rh_field)};
    struct rh_field *to;

    c->field_count += count <= FIELD_COUNT_MAX ? count : 0; /* more is refused by copy_rows */
    if (depth > FIELD_DEPTH_MAX || c->field_count > FIELD_TOTAL_MAX) {
        refuse(c, RH_EINVAL, "more than %u fields, or more than %u tables inside tables",
               FIELD_TOTAL_MAX, FIELD_DEPTH_MAX);
        return NULL;
    }
    to = copy_rows(c, &rows);
    for (uint32_t i = 0; to && c->rc == RH_OK && i < count; i++) {
        to[i].fields =
            copy_fields(c, to[i].fields, to[i].field_count, to[i].field_stride, depth + 1);
        if (to[i].field_count > 0)
            to[i].field_stride = (uint32_t)sizeof(struct rh_field);
    }
    return c->rc == RH_OK ? to : NULL;
}

/* Replaces a table by its checked copy. `owner` and `name` say whose it is: "route", "/work/claim".
 */
static void take_fields(struct copier *c, struct rh_fields *table, const char *owner,
                        const char *name, const char *part)
{
    char detail[PLUGIN_WHY_MAX / 2];

    if (c->rc != RH_OK)
        return;
    c->field_count = 0;
    table->fields = copy_fields(c, table->fields, table->count, table->stride, 1);
    if (table->count > 0)
        table->stride = (uint32_t)sizeof(struct rh_field);
    if (c->rc == RH_OK && field_check(table, detail, sizeof detail) != RH_OK)
        refuse(c, RH_EINVAL, "%s", detail);
    if (c->rc == RH_EINVAL) {
        (void)snprintf(detail, sizeof detail, "%s", c->why); /* cut when longer */
        (void)snprintf(c->why, PLUGIN_WHY_MAX, "%s %.128s: %s: %s", owner, name, part, detail);
    }
}

/* Replaces the function table of a known role by a copy; unknown roles are the rules' business. */
static void take_role_table(struct copier *c, struct rh_role *role)
{
    size_t known = plugin_role_bytes(role->id);
    uint32_t size;
    void *to;

    if (known == 0 || !role->table || c->rc != RH_OK)
        return;
    size = size_of(role->table);
    if (size < sizeof(uint64_t) || size > STRUCT_BYTES_MAX) {
        refuse(c, RH_EINVAL, "role %s: its table's size is %" PRIu32, role->id, size);
        return;
    }
    to = reserve(c, known);
    if (to)
        copy_struct(c, to, (uint32_t)known, role->table, size);
    role->table = to;
}

#define TAKE_ROWS(c, d, member, count_limit)                                               \
    take_rows((c),                                                                         \
              &(struct rows){#member "s", (d)->member##s, (d)->member##_count,             \
                             (d)->member##_stride, (count_limit), sizeof *(d)->member##s}, \
              &(d)->member##_stride)

/* As copy_rows; *stride becomes native. */
static void *take_rows(struct copier *c, const struct rows *rows, uint32_t *stride)
{
    *stride = rows->known;
    return copy_rows(c, rows);
}

/* Replaces every array of the descriptor by its copy. */
static void take_arrays(struct copier *c)
{
    struct rh_plugin *d = &c->to->desc;
    struct rh_role *roles = TAKE_ROWS(c, d, role, PLUGIN_ROLES_MAX);
    struct rh_route *routes = TAKE_ROWS(c, d, route, PLUGIN_ROUTES_MAX);
    struct rh_event_def *events = TAKE_ROWS(c, d, event, PLUGIN_EVENTS_MAX);
    bool is_replicated = false;

    d->namespaces = TAKE_ROWS(c, d, namespace, PLUGIN_NAMESPACES_MAX);
    d->loops = TAKE_ROWS(c, d, loop, PLUGIN_LOOPS_MAX);
    d->roles = roles;
    d->routes = routes;
    d->events = events;
    if (c->rc != RH_OK)
        return;
    for (uint32_t i = 0; i < d->namespace_count; i++)
        is_replicated = is_replicated || plugin_rules_lives_by(&d->namespaces[i]);
    for (uint32_t i = 0; i < d->role_count; i++)
        take_role_table(c, &roles[i]);
    for (uint32_t i = 0; i < d->route_count; i++)
        routes[i].flags |= is_replicated ? RH_LEADER : 0;
}

/* Replaces every field table by its copy. Names have been checked by then. */
static void take_tables(struct copier *c)
{
    struct rh_plugin *d = &c->to->desc;
    struct rh_route *routes = (struct rh_route *)d->routes; /* ours: take_arrays made them */
    struct rh_event_def *events = (struct rh_event_def *)d->events; /* likewise */

    take_fields(c, &d->config, "plugin", d->id, "config");
    for (uint32_t i = 0; i < d->route_count; i++) {
        take_fields(c, &routes[i].request, "route", routes[i].path, "request");
        take_fields(c, &routes[i].reply, "route", routes[i].path, "reply");
    }
    for (uint32_t i = 0; i < d->event_count; i++)
        take_fields(c, &events[i].payload, "event", events[i].type, "payload");
}

/* What must hold before anything further is read. */
static void check_versions(struct copier *c, const struct rh_plugin *entry)
{
    uint32_t size = size_of(entry);
    struct rh_plugin *d = &c->to->desc;

    if (size < offsetof(struct rh_plugin, id) || size > STRUCT_BYTES_MAX) {
        refuse(c, RH_EINVAL, "the descriptor's size is %" PRIu32 " bytes", size);
        return;
    }
    copy_struct(c, d, (uint32_t)sizeof *d, entry, size);
    if (d->abi_major != RH_ABI_MAJOR)
        refuse(c, RH_EUNSUPPORTED,
               "built for plugin ABI %" PRIu32 ".%" PRIu32 ", this host has %u.%u: %s",
               d->abi_major, d->abi_minor, RH_ABI_MAJOR, RH_ABI_MINOR,
               d->abi_major > RH_ABI_MAJOR ? "upgrade the host" : "rebuild the plugin");
    else if (d->min_host_minor > RH_ABI_MINOR)
        refuse(c, RH_EUNSUPPORTED,
               "needs a host with plugin ABI %" PRIu32 ".%" PRIu32
               " or later, this host has %u.%u: upgrade the host",
               d->abi_major, d->min_host_minor, RH_ABI_MAJOR, RH_ABI_MINOR);
}

int32_t plugin_desc_normalise(const struct rh_plugin *entry, struct plugin_desc **out, char *why)
{
    struct copier c = {.to = calloc(1, sizeof(struct plugin_desc)), .why = why};

    assert(entry);
    if (!c.to) {
        (void)snprintf(why, PLUGIN_WHY_MAX, "out of memory"); /* fits */
        return RH_ENOMEM;
    }
    check_versions(&c, entry);
    if (c.rc == RH_OK)
        take_arrays(&c);
    if (c.rc == RH_OK)
        c.rc = plugin_rules_check(&c.to->desc, why);
    if (c.rc == RH_OK)
        take_tables(&c);
    if (c.rc == RH_OK)
        *out = c.to;
    else
        plugin_desc_free(c.to);
    return c.rc;
}

void plugin_desc_free(struct plugin_desc *desc)
{
    struct plugin_desc_block *block = desc ? desc->blocks : NULL;

    while (block) {
        struct plugin_desc_block *next = block->next;

        free(block);
        block = next;
    }
    free(desc);
}
