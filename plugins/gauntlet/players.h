/* Looks up who may play: the engines named in the configuration; it starts none. */
#ifndef RH_PLUGINS_GAUNTLET_PLAYERS_H
#define RH_PLUGINS_GAUNTLET_PLAYERS_H

#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>

enum players_problem {
    PLAYERS_OK = 0,
    PLAYERS_UNKNOWN,   /* not in the configuration */
    PLAYERS_DUPLICATE, /* named twice, as model and baseline or as two baselines */
    PLAYERS_RESERVED,  /* called "draw", which a result could not tell from a draw */
    PLAYERS_NO_COMMAND /* configured with an empty command */
};

/* The command of a player, or NULL. [any] */
const struct rh_str_list *players_find(const struct rh_named_list_list *players,
                                       struct rh_str name);

/* Whether model and baselines can play each other. The first offender goes to *name. [any] */
enum players_problem players_check(const struct rh_named_list_list *players, struct rh_str model,
                                   const struct rh_str_list *baselines, struct rh_str *name);

/* Whether everyone in the configuration could play somebody. The first who could not goes to *name:
 * PLAYERS_RESERVED or PLAYERS_NO_COMMAND. [any] */
enum players_problem players_check_all(const struct rh_named_list_list *players,
                                       struct rh_str *name);

/* Appends the names that are known, "a, b, c", at most size_max bytes of them and then "...";
 * "none" when the configuration names nobody. Errors stay in buf. [any] */
void players_list(const struct rh_named_list_list *players, size_t size_max, struct rh_buf *buf);

#endif
