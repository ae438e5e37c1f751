/* Reading the configuration again while the node runs: who asks, one at a time, and how a plugin is
 * given its new section. What is read and compared is the body's business. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

#define REPORT_BYTES_MAX (4u * 1024u * 1024u)

/* One reload that was asked for. */
struct reload {
    struct core *core;
    struct rh_ctx *plugin; /* who asked; NULL: a signal */
    void (*cb)(void *self, void *user, int32_t rc, struct rh_str report);
    void *user;
};

/* Errors of a configuration are lines, for people. */
static void log_lines(struct core *core, struct rh_str text)
{
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        const size_t n = end ? (size_t)(end - text.p) : text.n;

        if (n > 0)
            core_log(core, RH_LOG_ERROR, NULL, "configuration", "%.*s", (int)n, text.p);
        text.p += n + (end ? 1 : 0);
        text.n -= n + (end ? 1 : 0);
    }
}

static void tell(const struct reload *reload, int32_t rc, struct rh_str report)
{
    struct rh_ctx *plugin = reload->plugin;

    if (!plugin || plugin->state >= PLUGIN_STOPPED)
        return;
    plugin_enter(plugin, "reload");
    reload->cb(plugin->self, reload->user, rc, report);
    plugin_leave(plugin, "reload");
}

static void run(void *arg)
{
    struct reload *reload = arg;
    struct core *core = reload->core;
    struct rh_buf report;
    int32_t rc = RH_ECANCELLED;

    rh_buf_init(&report, REPORT_BYTES_MAX);
    core->is_reloading = false;
    if (core->phase == CORE_RUNNING) {
        /* Watched like a callback: files are read and plugins tried on the loop's thread. */
        core->driver.ops->entered(core->driver.ctx, NULL, "reload");
        rc = core->setup->reload(core->setup->reload_user, core, &report);
        core->driver.ops->entered(core->driver.ctx, NULL, NULL);
    }
    if (rc == RH_OK) {
        core_log(core, RH_LOG_INFO, NULL, "reloaded", "report=%.*s", (int)report.n,
                 report.p ? report.p : "");
    } else {
        log_lines(core, rh_buf_str(&report));
        core_log(core, RH_LOG_ERROR, NULL, "reload_refused",
                 "code=%s note=\"the configuration in force is as it was\"", rh_error_token(rc));
    }
    tell(reload, rc, rh_buf_str(&report));
    rh_buf_release(&report);
    free(reload);
}

int32_t reload_ask(struct core *core, struct rh_ctx *plugin,
                   void (*cb)(void *self, void *user, int32_t rc, struct rh_str report), void *user)
{
    struct reload *reload;

    if (!core->setup->reload)
        return RH_EUNSUPPORTED;
    if (core->phase != CORE_RUNNING || core->is_reloading)
        return RH_EAGAIN;
    reload = malloc(sizeof *reload);
    if (!reload)
        return RH_ENOMEM;
    *reload = (struct reload){core, plugin, cb, user};
    core->is_reloading = true;
    core_defer(core, run, reload); /* no plugin's callback runs then */
    return RH_OK;
}

void core_reload(struct core *core)
{
    int32_t rc;

    core_refresh(core);
    rc = reload_ask(core, NULL, NULL, NULL);
    if (rc != RH_OK)
        core_log(core, RH_LOG_WARN, NULL, "reload_refused", "code=%s", rh_error_token(rc));
}

static const struct rh_ctx *look_up(const struct core *core, const char *id)
{
    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (strcmp(core->plugins[i].id, id) == 0)
            return &core->plugins[i];
    return NULL;
}

const char *core_refused_field(const struct core *core, const char *plugin_id)
{
    const struct rh_ctx *plugin = look_up(core, plugin_id);

    return plugin ? plugin->fail_field : "";
}

uint32_t core_has_failed(const struct core *core, const char *plugin_id)
{
    const struct rh_ctx *plugin = look_up(core, plugin_id);

    return plugin && plugin->state == PLUGIN_FAILED && core->phase == CORE_RUNNING;
}

static struct rh_ctx *find(struct core *core, const char *id)
{
    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (strcmp(core->plugins[i].id, id) == 0)
            return &core->plugins[i];
    return NULL;
}

int32_t core_reconfigure(struct core *core, const char *plugin_id, const void *config, char *why)
{
    struct rh_ctx *plugin = find(core, plugin_id);
    int32_t rc;

    if (!plugin || plugin->state != PLUGIN_STARTED || !plugin->desc->reconfigure) {
        text_set(why, CORE_WHY_MAX, "%s",
                 plugin && plugin->state == PLUGIN_STARTED ? "it cannot be changed while it runs"
                                                           : "it does not run");
        return RH_EUNSUPPORTED;
    }
    activation_end(plugin, "its configuration is changed");
    plugin_enter(plugin, "reconfigure");
    rc = plugin->desc->reconfigure(plugin->self, config);
    plugin_leave(plugin, "reconfigure");
    if (rc != RH_OK)
        text_set(why, CORE_WHY_MAX, "%s",
                 plugin->fail_text[0] ? plugin->fail_text : rh_error_text(rc));
    core_log(core, rc == RH_OK ? RH_LOG_INFO : RH_LOG_ERROR, plugin->id,
             rc == RH_OK ? "reconfigured" : "reconfigure_refused", "reason=\"%s\"",
             rc == RH_OK ? "" : why);
    plugin->retry_at_ms = 0; /* what failed may work now */
    activation_update(plugin);
    return rc;
}

int32_t core_try_again(struct core *core, const char *plugin_id, char *why)
{
    struct rh_ctx *plugin = find(core, plugin_id);
    int32_t rc;

    if (!core_has_failed(core, plugin_id)) {
        text_set(why, CORE_WHY_MAX, "it has not failed");
        return RH_EINVAL;
    }
    rc = life_try_again(plugin);
    if (rc == RH_EINVAL)
        text_set(why, CORE_WHY_MAX, "%s", plugin->why);
    return rc;
}
