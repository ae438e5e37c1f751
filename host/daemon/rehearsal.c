/* See rehearsal.h. */
#include "host/daemon/rehearsal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <ringhost/sdk/str.h>

#include "host/core/rehearse.h"
#include "host/daemon/read_file.h"
#include "host/daemon/refusal_place.h"

static int64_t op_now_us(void *ctx)
{
    struct timespec now;

    (void)ctx;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t op_wall_ms(void *ctx)
{
    struct timespec now;

    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* likewise */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t op_random(void *ctx)
{
    uint64_t word;

    (void)ctx;
    while (getrandom(&word, sizeof word, 0) != (ssize_t)sizeof word)
        if (errno != EINTR)
            abort(); /* as in the daemon's driver */
    return word;
}

static int32_t op_private_read(void *ctx, const char *path, uint32_t max, struct rh_buf *out)
{
    const char *why; /* whoever asked has words of its own */

    (void)ctx;
    return read_private_file(path, max, out, &why);
}

static const struct driver_ops real_ops = {.now_us = op_now_us,
                                           .wall_ms = op_wall_ms,
                                           .random = op_random,
                                           .private_read = op_private_read};

/* For whoever asked for a reload: as a line of the errors, without the quote. */
static void keep_refusal(struct body *body, uint32_t at, const struct node *where,
                         const char *words)
{
    char text[CONFIG_MESSAGE_MAX];

    refusal_say(where, words, text, sizeof text);
    free(body->refusals[at]);
    body->refusals[at] = strdup(text); /* without memory it is only a note */
}

static void tell(struct body *body, uint32_t at, const struct config_plugin *plugin,
                 const struct rehearsal *said, uint32_t is_check)
{
    const struct node *where = refusal_place(plugin, said->field, said->text);
    char text[CONFIG_MESSAGE_MAX];

    if (said->was_denied) {
        (void)snprintf(text, sizeof text,
                       "plugin %s: what it needs from a running node was not checked: %s",
                       plugin->plugin.p, said->text); /* cut: for people */
        if (is_check)
            config_errors_note(&body->errors, where, where->key_line > 0, text);
        return;
    }
    if (is_check || !body->plugins[at].degrade) {
        config_errors_addf(&body->errors, where, where->key_line > 0, "plugin %s: %s",
                           plugin->plugin.p, said->text);
        return;
    }
    keep_refusal(body, at, where, said->text);
    (void)snprintf(text, sizeof text, "plugin %s: %s; the node goes on without it",
                   plugin->plugin.p, said->text); /* cut: for people */
    config_errors_note(&body->errors, where, where->key_line > 0, text);
}

int32_t rehearse_plugins(struct body *body, const struct config_node *node, uint32_t is_check)
{
    const struct driver driver = {.ops = &real_ops};

    for (uint32_t i = 0; i < body->plugin_count; i++) {
        const struct config_plugin *plugin =
            config_plugin(body->config, body->opened[i].desc->desc.id);
        struct rehearsal said;

        if (!body->is_sound[i] || body->is_tried[i] || !config_plugin_runs_on(plugin, node))
            continue;
        body->is_tried[i] = 1;
        if (core_rehearse(&body->setup, i, &driver, &said) != RH_OK)
            return RH_ENOMEM;
        if (said.rc != RH_OK)
            tell(body, i, plugin, &said, is_check);
    }
    return RH_OK;
}
