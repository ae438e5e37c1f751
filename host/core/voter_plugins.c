/* See voter_plugins.h. After a change of the leader the routes of such a plugin would be gone. */
#include "host/core/voter_plugins.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/field_decode.h"

#define FACT           "leader_plugins"
#define FACT_ARENA_MAX (256u * 1024u)

/* What is read of a node's presence. */
struct told {
    struct rh_str_list leader_plugins;
    uint8_t has_leader_plugins;
};
static const struct rh_field told_fields[] = {
    RH_FIELD_ROW_(struct told, leader_plugins, RH_FIELD_STRING_LIST,
                  .given_offset = 1 + (uint32_t)offsetof(struct told, has_leader_plugins)),
};
static const struct rh_fields told_table = RH_FIELDS(struct told, told_fields);

/* It is served by the leader alone. */
static bool is_of_leader(const struct rh_ctx *plugin)
{
    for (uint32_t i = 0; i < plugin->desc->route_count; i++)
        if (plugin->desc->routes[i].flags & RH_LEADER)
            return true;
    return plugin->is_replicated;
}

static bool runs(const struct rh_ctx *plugin)
{
    return plugin->state == PLUGIN_STARTED && is_of_leader(plugin);
}

void voter_plugins_tell(struct core *core)
{
    struct rh_json_writer w;
    struct rh_buf buf;
    int32_t rc;

    if (core->setup->voters.count < 2) /* nobody else may lead */
        return;
    rh_buf_init(&buf, PEER_PRESENCE_MAX);
    rh_json_init(&w, &buf);
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (runs(&core->plugins[i]))
            rh_json_string_c(&w, core->plugins[i].id);
    rh_json_end_array(&w);
    rc = rh_json_finish(&w);
    if (rc == RH_OK)
        rc = presence_set(core, FACT, rh_buf_str(&buf));
    if (rc != RH_OK)
        core_log(core, RH_LOG_WARN, NULL, "plugins_not_told", "code=%s", rh_error_token(rc));
    rh_buf_release(&buf);
}

/* False: the node has said nothing that can be read. */
static bool read_told(const struct peer *peer, struct told *out, struct field_arena *arena)
{
    struct field_error error = {0};

    memset(out, 0, sizeof *out);
    return peer->presence && peer->presence[0] &&
           field_decode(&told_table, rh_str_from(peer->presence), 0, PEER_PRESENCE_MAX, out, arena,
                        &error) == RH_OK &&
           out->has_leader_plugins;
}

static bool has(const struct rh_str_list *list, struct rh_str id)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (rh_str_eq(list->items[i], id))
            return true;
    return false;
}

static void add_words(char *words, size_t size, struct rh_str plugin, struct rh_str voter)
{
    const size_t used = strlen(words);

    if (used + 1 < size)
        text_set(words + used, size - used, "%splugin %.*s does not run on voter %.*s",
                 used > 0 ? "; " : "", RH_STR_ARG(plugin), RH_STR_ARG(voter)); /* cut when longer */
}

/* What living voters say of themselves; one that leads without being a voter is one of them. */
struct tellers {
    struct rh_str *ids;
    struct told *told;
    uint32_t count;
};

static void ask(struct core *core, struct rh_str voter, struct tellers *tellers,
                struct field_arena *arena)
{
    const struct peer *peer = peers_get(&core->peers, voter, false);

    if (!peer || (!peer->view.is_self && peer->view.state != RH_PEER_ALIVE))
        return; /* the check of peers tells */
    for (uint32_t i = 0; i < tellers->count; i++)
        if (rh_str_eq(tellers->ids[i], voter))
            return;
    if (read_told(peer, &tellers->told[tellers->count], arena))
        tellers->ids[tellers->count++] = voter;
}

static bool any_has(const struct tellers *tellers, uint32_t count, struct rh_str plugin)
{
    for (uint32_t i = 0; i < count; i++)
        if (has(&tellers->told[i].leader_plugins, plugin))
            return true;
    return false;
}

/* Each plugin that any of them runs, once, with those that do not. */
static void compare(const struct tellers *tellers, char *words, size_t size)
{
    for (uint32_t i = 0; i < tellers->count; i++) {
        const struct rh_str_list *plugins = &tellers->told[i].leader_plugins;

        for (uint32_t k = 0; k < plugins->count; k++) {
            if (any_has(tellers, i, plugins->items[k]))
                continue; /* told already */
            for (uint32_t other = 0; other < tellers->count; other++)
                if (!has(&tellers->told[other].leader_plugins, plugins->items[k]))
                    add_words(words, size, plugins->items[k], tellers->ids[other]);
        }
    }
}

void voter_plugins_missing(struct core *core, char *words, size_t size)
{
    const uint32_t most = core->setup->voters.count + 1;
    struct tellers tellers = {.ids = calloc(most, sizeof *tellers.ids),
                              .told = calloc(most, sizeof *tellers.told)};
    struct field_arena arena;

    words[0] = '\0';
    field_arena_init(&arena, most * FACT_ARENA_MAX);
    if (tellers.ids && tellers.told) { /* without memory nothing is known */
        for (uint32_t i = 0; i < core->setup->voters.count; i++)
            ask(core, core->setup->voters.items[i], &tellers, &arena);
        if (core->lead.node_id[0])
            ask(core, rh_str_from(core->lead.node_id), &tellers, &arena);
        compare(&tellers, words, size);
    }
    field_arena_release(&arena);
    free(tellers.ids);
    free(tellers.told);
}
