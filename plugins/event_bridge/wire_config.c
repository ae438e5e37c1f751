/* Sinks as the configuration names them; its table is in plugin.c. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>

#include "wire.h"

/* [a-z0-9][a-z0-9_-]* */
static bool is_name(struct rh_str name)
{
    if (name.n == 0 || name.n > SINK_NAME_MAX || name.p[0] == '-' || name.p[0] == '_')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        const char c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

/* Why a file with a secret cannot be read. */
static const char *secret_problem(int32_t rc, const char *path)
{
    if (path[0] != '/')
        return "is not an absolute path";
    if (rc == RH_EFORBIDDEN)
        return "must be readable by this user and by no other; chmod 0600";
    if (rc == RH_EINVAL)
        return "is not a plain file";
    return rc == RH_ENOTFOUND ? "no such file" : rh_error_text(rc);
}

static int32_t read_keys(struct bridge *p, struct sink *sink)
{
    const struct rh_str file = sink->config->secret_file;
    char path[1024 + 1] = "";
    const char *why = "";
    struct rh_str text;
    int32_t rc;

    if (file.n == 0)
        return RH_OK;
    rc = rh_str_copy(path, sizeof path, file);
    if (rc == RH_OK)
        rc = p->rh.file->secret(p->rh.ctx, path, &text);
    if (rc != RH_OK)
        return rh_fail_fieldf(&p->rh, rc, rh_field_path("sinks.%s.secret_file", sink->name).text,
                              "\"%s\": %s", path, secret_problem(rc, path));
    rc = sign_keys_read(text, &sink->keys, &why);
    if (rc != RH_OK)
        return rh_fail_fieldf(&p->rh, rc, rh_field_path("sinks.%s.secret_file", sink->name).text,
                              "%s: %s", path, why);
    sink->is_signed = true;
    return RH_OK;
}

static int32_t check(struct bridge *p, const struct sink_config *config)
{
    const char *problem = NULL;

    if (!is_name(config->name))
        return rh_fail_fieldf(&p->rh, RH_EINVAL,
                              rh_field_path("sinks.%.*s", RH_STR_ARG(config->name)).text,
                              "is no name: at most %d of a-z, 0-9, _ and -", SINK_NAME_MAX);
    if ((config->url.n > 0) == (config->argv.count > 0))
        problem = "needs either url or argv";
    else if (config->argv.count > 0 && config->argv.items[0].n == 0)
        problem = "argv names no program";
    else if (config->secret_file.n > 0 && config->url.n == 0)
        problem = "secret_file is for a url";
    else if (config->backoff_max < config->backoff)
        problem = "backoff_max is below backoff";
    if (!problem)
        return RH_OK;
    return rh_fail_fieldf(&p->rh, RH_EINVAL,
                          rh_field_path("sinks.%.*s", RH_STR_ARG(config->name)).text, "%s",
                          problem);
}

/* A pattern that fits no type is a slip of the pen, and nothing would ever tell of it. */
static int32_t check_types(struct bridge *p, const struct sink_config *config)
{
    for (uint32_t i = 0; i < config->types.count; i++) {
        const struct rh_str pattern = config->types.items[i];

        if (!filter_is_possible(pattern))
            return rh_fail_fieldf(
                &p->rh, RH_EINVAL,
                rh_field_path("sinks.%.*s.types.%u", RH_STR_ARG(config->name), i).text,
                "\"%.*s\" fits no event: types have 3 to 64 of A-Z, 0-9 and _, a letter first; * "
                "and ? stand for others",
                RH_STR_ARG(pattern));
    }
    return RH_OK;
}

static int32_t add_sink(struct bridge *p, struct sink *sink, const struct sink_config *config)
{
    const char *why = "";
    int32_t rc = check(p, config);

    if (rc == RH_OK)
        rc = check_types(p, config);
    if (rc != RH_OK)
        return rc;
    *sink = (struct sink){
        .bridge = p,
        .scope = rh_str_eq_c(config->scope, "node") ? &p->node : &p->cluster,
        .config = config,
        .limits = {.backoff_ms = config->backoff,
                   .backoff_max_ms = config->backoff_max,
                   .recheck_ms = config->recheck,
                   .attempts_max = config->attempts,
                   .width_max = (uint32_t)config->batch},
        .delivery = {.state = DELIVERY_OFF, .is_available = true},
    };
    (void)rh_str_copy(sink->name, sizeof sink->name, config->name); /* fits, as checked */
    pack_init(&sink->pack);
    if (config->url.n > 0)
        rc = address_normalise(config->url, sink->url, &why);
    if (rc != RH_OK)
        return rh_fail_fieldf(&p->rh, RH_EINVAL, rh_field_path("sinks.%s.url", sink->name).text,
                              "%s", why);
    return read_keys(p, sink);
}

int32_t bridge_configure(struct bridge *p, const struct bridge_config *config)
{
    struct sink *sinks = calloc(SINKS_MAX, sizeof *sinks);
    int32_t rc = sinks ? RH_OK : RH_ENOMEM;

    for (uint32_t i = 0; i < config->sinks.count && rc == RH_OK; i++)
        rc = add_sink(
            p, &sinks[i],
            (const void *)((const char *)config->sinks.items + (size_t)i * config->sinks.stride));
    if (rc != RH_OK) {
        free(sinks); /* nothing in them is allocated before they are at work */
        return rc;
    }
    bridge_release(p);
    p->config = config;
    p->sinks = sinks;
    p->sink_count = config->sinks.count;
    p->cluster = (struct scope){.name_space = BRIDGE_NAMESPACE, .save_due_ms = INT64_MAX};
    p->node = (struct scope){
        .name_space = BRIDGE_NODE_NAMESPACE, .is_node = true, .save_due_ms = INT64_MAX};
    p->timer_at_ms = INT64_MAX;
    return RH_OK;
}

void bridge_release(struct bridge *p)
{
    for (uint32_t i = 0; i < p->sink_count; i++)
        pack_release(&p->sinks[i].pack);
    free(p->sinks);
    p->sinks = NULL;
    p->sink_count = 0;
}
