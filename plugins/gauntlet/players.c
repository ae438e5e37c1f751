/* Looks up who may play: the engines named in the configuration; it starts none. */
#include "players.h"

#include <ringhost/sdk/str.h>

const struct rh_str_list *players_find(const struct rh_named_list_list *players, struct rh_str name)
{
    for (uint32_t i = 0; i < players->count; i++) {
        if (rh_str_eq(players->items[i].key, name))
            return &players->items[i].values;
    }
    return NULL;
}

static enum players_problem check_one(const struct rh_named_list_list *players, struct rh_str name)
{
    const struct rh_str_list *argv = players_find(players, name);

    if (!argv)
        return PLAYERS_UNKNOWN;
    if (rh_str_eq_c(name, "draw"))
        return PLAYERS_RESERVED;
    return argv->count ? PLAYERS_OK : PLAYERS_NO_COMMAND;
}

enum players_problem players_check(const struct rh_named_list_list *players, struct rh_str model,
                                   const struct rh_str_list *baselines, struct rh_str *name)
{
    enum players_problem problem = check_one(players, model);

    if (problem != PLAYERS_OK) {
        *name = model;
        return problem;
    }
    for (uint32_t i = 0; i < baselines->count; i++) {
        const struct rh_str baseline = baselines->items[i];
        bool is_seen = rh_str_eq(baseline, model);

        for (uint32_t k = 0; k < i; k++)
            is_seen = is_seen || rh_str_eq(baseline, baselines->items[k]);
        problem = is_seen ? PLAYERS_DUPLICATE : check_one(players, baseline);
        if (problem != PLAYERS_OK) {
            *name = baseline;
            return problem;
        }
    }
    return PLAYERS_OK;
}

enum players_problem players_check_all(const struct rh_named_list_list *players,
                                       struct rh_str *name)
{
    for (uint32_t i = 0; i < players->count; i++) {
        const enum players_problem problem = check_one(players, players->items[i].key);

        if (problem != PLAYERS_OK) {
            *name = players->items[i].key;
            return problem;
        }
    }
    return PLAYERS_OK;
}

void players_list(const struct rh_named_list_list *players, size_t size_max, struct rh_buf *buf)
{
    const size_t start = buf->n;

    if (players->count == 0)
        (void)rh_buf_append_c(buf, "none"); /* errors stay in buf, here and below */
    for (uint32_t i = 0; i < players->count; i++) {
        const struct rh_str name = players->items[i].key;

        if (i)
            (void)rh_buf_append_c(buf, ", ");
        if (buf->n - start + name.n > size_max) {
            (void)rh_buf_append_c(buf, "...");
            return;
        }
        (void)rh_buf_append_str(buf, name);
    }
}
