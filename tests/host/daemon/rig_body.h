/* For tests of what a command line loads: a plugin that is linked in, and a folder conf.d. No test.
 */
#ifndef RH_TESTS_HOST_DAEMON_RIG_BODY_H
#define RH_TESTS_HOST_DAEMON_RIG_BODY_H

#include "tests/host/daemon/rig_dir.h"

#include <stdlib.h>

#include <ringhost/service/core.h>

#include "host/daemon/body.h"

struct inner_config {
    int64_t fanout;
};
static const struct rh_field inner_config_fields[] = {
    RH_INT(struct inner_config, fanout, 3, 1, 9, "how many at once"),
};

static int32_t handle_look(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)req;
    (void)fields;
    return RH_EUNSUPPORTED;
}

static const struct rh_route inner_routes[] = {
    RH_ROUTE("GET", "/inner/look", RH_READ, 0, RH_NO_FIELDS, handle_look, "Looks."),
};

/* A fanout of 8 is refused by its key, one of 9 as a section, whatever the table says. */
static int32_t inner_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                            const void *config)
{
    const struct rh_core_v1 *core = host->service(ctx, RH_CORE_ID);
    const int64_t fanout = ((const struct inner_config *)config)->fanout;

    (void)self;
    if (fanout == 8)
        return core->fail_field(ctx, RH_EINVAL, "fanout", "8 is one too many");
    return fanout == 9 ? core->fail_field(ctx, RH_EINVAL, "", "nine do not fit") : RH_OK;
}

static const char *const inner_services[] = {RH_CORE_ID};

static const struct rh_plugin inner = {
    .size = (uint32_t)sizeof(inner),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .id = "inner",
    .version = "1.0",
    .config = RH_FIELDS(struct inner_config, inner_config_fields),
    RH_LIST_OF(inner_services, service),
    RH_TABLE(inner_routes, route),
    .create = inner_create,
};

static const struct rh_plugin *inner_entry(void)
{
    return &inner;
}

const struct static_plugin static_plugins[] = {{"inner", inner_entry}, {NULL, NULL}};

/* One loaded command line. */
struct rig_body {
    char dir[64];
    struct options options;
    struct body *body;
    struct rh_buf said;
};

/* Writes conf.d and loads it for `mode`. Returns what body_load returned. */
static int32_t rig_body_load(struct rig_body *rig, uint32_t mode, const char *yaml)
{
    char path[128];
    FILE *file;

    rig_dir_make(rig->dir);
    (void)snprintf(path, sizeof path, "%s/00-all.yaml", rig->dir);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(yaml, file) >= 0);
    assert_int_equal(fclose(file), 0);
    rig->options = (struct options){.mode = mode, .conf = rig->dir};
    rig->body = calloc(1, sizeof *rig->body);
    assert_non_null(rig->body);
    rh_buf_init(&rig->said, 65536);
    return body_load(rig->body, &rig->options, &rig->said);
}

static void rig_body_release(struct rig_body *rig)
{
    body_release(rig->body);
    free(rig->body);
    rh_buf_release(&rig->said);
    rig_dir_remove(rig->dir);
}

#endif
