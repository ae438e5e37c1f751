/* Looks up who may play: the engines named in a plugin's configuration; it starts none. */
#include <ringhost/sdk/players.h>

#include <assert.h>
#include <ringhost/sdk/str.h>

/* How many bytes of known names an explanation lists. */
#define NAMES_BYTES_MAX 300u

const struct rh_str_list *rh_players_find(const struct rh_named_list_list *players,
                                          struct rh_str name)
{
    for (uint32_t i = 0; i < players->count; i++) {
        if (rh_str_eq(players->items[i].key, name))
            return &players->items[i].values;
    }
    return NULL;
}

static enum rh_players_problem check_one(const struct rh_named_list_list *players,
                                         struct rh_str name)
{
    const struct rh_str_list *argv = rh_players_find(players, name);

    if (!argv)
        return RH_PLAYERS_UNKNOWN;
    if (rh_str_eq_c(name, "draw") || (name.n && name.p[0] == '='))
        return RH_PLAYERS_RESERVED;
    return argv->count ? RH_PLAYERS_OK : RH_PLAYERS_NO_COMMAND;
}

enum rh_players_problem rh_players_check(const struct rh_named_list_list *players,
                                         const struct rh_str *names, uint32_t count,
                                         struct rh_str *name)
{
    for (uint32_t i = 0; i < count; i++) {
        enum rh_players_problem problem = RH_PLAYERS_OK;

        for (uint32_t k = 0; k < i; k++) {
            if (rh_str_eq(names[i], names[k]))
                problem = RH_PLAYERS_DUPLICATE;
        }
        if (problem == RH_PLAYERS_OK)
            problem = check_one(players, names[i]);
        if (problem != RH_PLAYERS_OK) {
            *name = names[i];
            return problem;
        }
    }
    return RH_PLAYERS_OK;
}

enum rh_players_problem rh_players_check_all(const struct rh_named_list_list *players,
                                             struct rh_str *name)
{
    for (uint32_t i = 0; i < players->count; i++) {
        const enum rh_players_problem problem = check_one(players, players->items[i].key);

        if (problem != RH_PLAYERS_OK) {
            *name = players->items[i].key;
            return problem;
        }
    }
    return RH_PLAYERS_OK;
}

void rh_players_list(const struct rh_named_list_list *players, size_t size_max, struct rh_buf *buf)
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

void rh_players_explain(const struct rh_named_list_list *players, enum rh_players_problem problem,
                        struct rh_str name, struct rh_buf *buf)
{
    assert(problem != RH_PLAYERS_OK);
    switch (problem) { /* errors stay in buf */
    case RH_PLAYERS_DUPLICATE:
        (void)rh_buf_printf(buf, "player \"%.*s\" is named twice", RH_STR_ARG(name));
        break;
    case RH_PLAYERS_RESERVED:
        (void)rh_buf_printf(buf, "a player must not be called \"%.*s\"", RH_STR_ARG(name));
        break;
    case RH_PLAYERS_NO_COMMAND:
        (void)rh_buf_printf(buf, "player \"%.*s\" has an empty command in the configuration",
                            RH_STR_ARG(name));
        break;
    case RH_PLAYERS_OK:
    case RH_PLAYERS_UNKNOWN:
    default:
        (void)rh_buf_printf(buf,
                            "no player \"%.*s\" in the configuration; known: ", RH_STR_ARG(name));
        rh_players_list(players, NAMES_BYTES_MAX, buf);
        break;
    }
}
