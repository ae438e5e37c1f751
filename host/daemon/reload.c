/* The configuration read again; see reload.h. */
#include "host/daemon/reload.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/config_explain.h"
#include "host/core/node_tree.h"
#include "host/daemon/refusal_place.h"

#define EXPLAIN_BYTES_MAX   (16u * 1024u * 1024u)
#define EXPLAINED_BYTES_MAX (64u * 1024u * 1024u)

struct reload_reading {
    struct body body;
    uint32_t use_count; /* plugins that use a section of it, and whoever compares it */
};

static void reading_unuse(struct reload_reading *reading)
{
    if (!reading || --reading->use_count > 0)
        return;
    body_release(&reading->body);
    free(reading);
}

void reload_init(struct reload *reload, struct body *first, const struct options *options)
{
    *reload = (struct reload){.first = first, .options = options};
    rh_buf_init(&reload->explained, EXPLAINED_BYTES_MAX);
    first->setup.reload = reload_run;
    first->setup.reload_user = reload;
}

void reload_release(struct reload *reload)
{
    for (uint32_t i = 0; i < CORE_PLUGINS_MAX; i++)
        reading_unuse(reload->in_force[i]);
    rh_buf_release(&reload->explained);
}

static const char *id_of(const struct body *body, uint32_t at)
{
    return body->opened[at].desc->desc.id;
}

/* Place of a plugin, or plugin_count. */
static uint32_t find_plugin(const struct body *body, const char *id)
{
    uint32_t at = 0;

    while (at < body->plugin_count && strcmp(id_of(body, at), id) != 0)
        at++;
    return at;
}

/* The configuration that the section of a running plugin comes from. */
static const struct body *source_of(const struct reload *reload, uint32_t at)
{
    return reload->in_force[at] ? &reload->in_force[at]->body : reload->first;
}

/* --- what takes a restart --- */

/* Keys under which two explanations differ; one list of texts in a JSON array. */
struct differences {
    struct rh_json_writer *w;
    const struct config_explain *old, *new;
};

static const struct config_explain_row *row_of(const struct config_explain *explain,
                                               struct rh_str key)
{
    for (uint32_t i = 0; i < explain->count; i++)
        if (rh_str_eq(explain->rows[i].key, key))
            return &explain->rows[i];
    return NULL;
}

static void write_differences(const struct differences *d)
{
    for (uint32_t i = 0; i < d->old->count; i++) {
        const struct config_explain_row *old = &d->old->rows[i];
        const struct config_explain_row *new = row_of(d->new, old->key);

        if (!new || !rh_str_eq(old->value, new->value))
            rh_json_string(d->w, old->key);
    }
}

/* The cluster's and the node's values, and the definitions of the plugins that run. */
static int32_t explain_fixed(const struct reload *reload, const struct config *config,
                             struct config_explain *out)
{
    static const struct rh_fields no_section = RH_NO_FIELDS;
    int32_t rc = config_explain_host(out, config);

    for (uint32_t i = 0; rc == RH_OK && i < reload->first->plugin_count; i++) {
        rc = config_explain_plugin(out, config, id_of(reload->first, i), &no_section);
        if (rc == RH_ENOTFOUND)
            rc = RH_OK; /* told as a plugin that is missing */
    }
    return rc;
}

static bool is_same_node(const struct config_node *a, const struct config_node *b)
{
    return rh_str_eq(a->advertise, b->advertise) && rh_str_eq(a->role, b->role);
}

static void write_nodes(struct rh_json_writer *w, const struct config *old,
                        const struct config *new)
{
    bool is_same = old->node_count == new->node_count;

    for (uint32_t i = 0; is_same && i < old->node_count; i++) {
        const struct config_node *node = config_node(new, old->nodes[i].id);

        is_same = node && is_same_node(&old->nodes[i], node);
    }
    if (!is_same)
        rh_json_string_c(w, "nodes");
}

static void write_plugin_set(struct rh_json_writer *w, const struct body *old,
                             const struct body *new)
{
    char key[CONFIG_ID_MAX + 16];

    for (uint32_t i = 0; i < old->plugin_count + new->plugin_count; i++) {
        const bool is_old = i < old->plugin_count;
        const char *id = is_old ? id_of(old, i) : id_of(new, i - old->plugin_count);
        const struct body *other = is_old ? new : old;

        if (find_plugin(other, id) < other->plugin_count)
            continue;
        (void)snprintf(key, sizeof key, "plugin_set.%s", id); /* fits */
        rh_json_string_c(w, key);
    }
}

static int32_t write_needs_restart(const struct reload *reload, const struct body *new,
                                   struct rh_json_writer *w)
{
    const struct body *old = reload->first;
    struct config_explain explained[2];
    const struct differences differences = {w, &explained[0], &explained[1]};
    struct field_arena arena;
    int32_t rc;

    field_arena_init(&arena, EXPLAIN_BYTES_MAX);
    config_explain_init(&explained[0], &arena);
    config_explain_init(&explained[1], &arena);
    rc = explain_fixed(reload, old->config, &explained[0]);
    if (rc == RH_OK)
        rc = explain_fixed(reload, new->config, &explained[1]);
    rh_json_key(w, "needs_restart");
    rh_json_begin_array(w);
    if (rc == RH_OK)
        write_differences(&differences);
    write_nodes(w, old->config, new->config);
    write_plugin_set(w, old, new);
    if (!rh_str_eq(rh_buf_str(&old->token_text), rh_buf_str(&new->token_text)))
        rh_json_string_c(w, "token_file (its contents)");
    if (!rh_str_eq(rh_buf_str(&old->inventory), rh_buf_str(&new->inventory)))
        rh_json_string_c(w, "cluster.inventory (its contents)");
    rh_json_end_array(w);
    config_explain_release(&explained[0]);
    config_explain_release(&explained[1]);
    field_arena_release(&arena);
    return rc;
}

/* --- what changes --- */

/* The words of a refusal begin with the place of the key that it names, if it is written down. */
static void put_place(const struct config_plugin *plugin, const char *field, char why[CORE_WHY_MAX])
{
    char words[CORE_WHY_MAX];

    (void)snprintf(words, sizeof words, "%s", why); /* as long */
    refusal_say(refusal_place(plugin, field, words), words, why, CORE_WHY_MAX);
}

/* From now on the plugin's section is that of the reading. */
static void take_over(struct reload *reload, uint32_t at, struct reload_reading *reading,
                      uint32_t place)
{
    reload->first->plugins[at].config = reading->body.plugins[place].config;
    reading->use_count++;
    reading_unuse(reload->in_force[at]);
    reload->in_force[at] = reading;
}

/* Bring one new section into force. RH_OK, or the refusal with its words. */
static int32_t change_section(struct reload *reload, struct core *core, uint32_t at,
                              struct reload_reading *reading, char why[CORE_WHY_MAX])
{
    const char *id = id_of(reload->first, at);
    const uint32_t place = find_plugin(&reading->body, id);
    int32_t rc;

    assert(place < reading->body.plugin_count);
    rc = core_reconfigure(core, id, reading->body.plugins[place].config, why);
    if (rc == RH_OK)
        take_over(reload, at, reading, place);
    else
        put_place(config_plugin(reading->body.config, id), core_refused_field(core, id), why);
    return rc;
}

/* One that failed may do better with what is written now, changed or not: a file that it needs may
 * be there. RH_OK, RH_PENDING, or as above. */
static int32_t try_again(struct reload *reload, struct core *core, uint32_t at,
                         struct reload_reading *reading, char why[CORE_WHY_MAX])
{
    const char *id = id_of(reload->first, at);
    const uint32_t place = find_plugin(&reading->body, id);
    int32_t rc;

    assert(place < reading->body.plugin_count);
    take_over(reload, at, reading, place); /* its last instance is done with the old one */
    rc = core_try_again(core, id, why);
    if (rc == RH_EINVAL)
        put_place(config_plugin(reading->body.config, id), core_refused_field(core, id), why);
    return rc;
}

/* Plugins whose section is another than that in force, as far as they run in both. */
static bool is_changed(const struct reload *reload, uint32_t at, const struct body *new)
{
    const char *id = id_of(reload->first, at);
    const struct config_plugin *old = config_plugin(source_of(reload, at)->config, id);
    const struct config_plugin *fresh = config_plugin(new->config, id);

    return find_plugin(new, id) < new->plugin_count && !node_equal(old->config, fresh->config);
}

/* A refusal by a plugin. */
struct refusal {
    uint32_t plugin;
    char why[CORE_WHY_MAX];
};

static void write_refusals(struct rh_json_writer *w, const struct reload *reload,
                           const struct refusal *refusals, uint32_t count)
{
    rh_json_key(w, "refused");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++) {
        rh_json_begin_object(w);
        rh_json_kv_strc(w, "plugin", id_of(reload->first, refusals[i].plugin));
        rh_json_kv_strc(w, "reason", refusals[i].why);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

/* Why the plugin's create refuses the section that was read, or NULL. */
static const char *refusal_of(const struct reload *reload, uint32_t at,
                              const struct reload_reading *reading)
{
    const uint32_t place = find_plugin(&reading->body, id_of(reload->first, at));

    return place < reading->body.plugin_count ? reading->body.refusals[place] : NULL;
}

/* What one pass over the plugins does to those that it is for. */
struct pass {
    const char *key; /* of the report */
    bool is_for_failed;
    int32_t (*act)(struct reload *reload, struct core *core, uint32_t at,
                   struct reload_reading *reading, char why[CORE_WHY_MAX]);
};

static bool is_for(const struct pass *pass, const struct reload *reload, const struct core *core,
                   uint32_t at, const struct reload_reading *reading)
{
    const char *id = id_of(reload->first, at);

    if (core_has_failed(core, id))
        return pass->is_for_failed && find_plugin(&reading->body, id) < reading->body.plugin_count;
    return !pass->is_for_failed && is_changed(reload, at, &reading->body);
}

static void change_sections(struct reload *reload, struct core *core,
                            struct reload_reading *reading, struct rh_json_writer *w)
{
    static const struct pass passes[] = {{"reconfigured", false, change_section},
                                         {"started", true, try_again}};
    struct refusal refusals[2 * CORE_PLUGINS_MAX];
    uint32_t count = 0;

    for (size_t p = 0; p < sizeof passes / sizeof passes[0]; p++) {
        rh_json_key(w, passes[p].key);
        rh_json_begin_array(w);
        for (uint32_t i = 0; i < reload->first->plugin_count; i++) {
            const char *refusal = refusal_of(reload, i, reading);
            struct refusal *next = &refusals[count];

            if (!is_for(&passes[p], reload, core, i, reading))
                continue;
            next->plugin = i;
            if (refusal)
                (void)snprintf(next->why, sizeof next->why, "%s", refusal); /* cut: for people */
            if (refusal || passes[p].act(reload, core, i, reading, next->why) < 0)
                count++;
            else
                rh_json_string_c(w, id_of(reload->first, i));
        }
        rh_json_end_array(w);
    }
    write_refusals(w, reload, refusals, count);
}

/* What is in force now, with its origins: sections may be newer than the rest. */
static int32_t explain_in_force(struct reload *reload)
{
    static const struct rh_fields no_section = RH_NO_FIELDS;
    struct body *first = reload->first;
    struct config_explain explain;
    struct field_arena arena;
    int32_t rc;

    field_arena_init(&arena, EXPLAIN_BYTES_MAX);
    config_explain_init(&explain, &arena);
    rc = config_explain_host(&explain, first->config);
    for (uint32_t i = 0; rc == RH_OK && i < first->plugin_count; i++) {
        const struct rh_plugin *desc = &first->opened[i].desc->desc;

        rc = config_explain_plugin(&explain, first->config, desc->id, &no_section);
        if (rc == RH_OK)
            rc = config_explain_section(&explain, source_of(reload, i)->config, desc->id,
                                        &desc->config);
    }
    rh_buf_reset(&reload->explained);
    if (rc == RH_OK)
        rc = config_explain_json(&explain, &reload->explained);
    if (rc == RH_OK)
        rc = rh_buf_append_byte(&reload->explained, '\0');
    if (rc == RH_OK)
        first->setup.config_json = reload->explained.p;
    config_explain_release(&explain);
    field_arena_release(&arena);
    return rc;
}

int32_t reload_run(void *user, struct core *core, struct rh_buf *report)
{
    struct reload *reload = user;
    struct reload_reading *reading = calloc(1, sizeof *reading);
    struct rh_json_writer w;
    int32_t rc = RH_OK;

    if (!reading)
        return RH_ENOMEM;
    reading->use_count = 1;
    reading->body.running = reload->first;
    if (body_load(&reading->body, reload->options, report) != 0) {
        rc = RH_EINVAL;
        goto out;
    }
    rh_buf_reset(report); /* notes are as they were at the start */
    rh_json_init(&w, report);
    rh_json_begin_object(&w);
    change_sections(reload, core, reading, &w);
    rc = write_needs_restart(reload, &reading->body, &w);
    rh_json_end_object(&w);
    if (rc == RH_OK)
        rc = rh_json_finish(&w);
    if (rc == RH_OK)
        rc = explain_in_force(reload);
out:
    reading_unuse(reading);
    return rc;
}
