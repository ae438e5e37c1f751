/* Looks up who may play: the engines named in a plugin's configuration as `players:`; it starts
 * none. */
#ifndef RH_SDK_PLAYERS_H
#define RH_SDK_PLAYERS_H

#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>

/* The row of a plugin's configuration table; the struct has a member
 * `struct rh_named_list_list players`. */
#define RH_PLAYERS_FIELD(config_type) \
    RH_LIST_MAP(config_type, players, 0, "name: command with arguments of a GTP engine")

enum rh_players_problem {
    RH_PLAYERS_OK = 0,
    RH_PLAYERS_UNKNOWN,   /* not in the configuration */
    RH_PLAYERS_DUPLICATE, /* named twice */
    RH_PLAYERS_RESERVED,  /* called "draw", or with "=" in front: both mean something in outcomes,
                             and the ratings take neither */
    RH_PLAYERS_NO_COMMAND /* configured with an empty command */
};

/* The command of a player, or NULL. [any] */
const struct rh_str_list *rh_players_find(const struct rh_named_list_list *players,
                                          struct rh_str name);

/* Whether all of them can play each other. The first offender goes to *name, borrowed. [any] */
enum rh_players_problem rh_players_check(const struct rh_named_list_list *players,
                                         const struct rh_str *names, uint32_t count,
                                         struct rh_str *name);

/* Whether everyone in the configuration could play somebody. The first who could not goes to *name:
 * RH_PLAYERS_RESERVED or RH_PLAYERS_NO_COMMAND. [any] */
enum rh_players_problem rh_players_check_all(const struct rh_named_list_list *players,
                                             struct rh_str *name);

/* Appends the names that are known, "a, b, c", at most size_max bytes of them and then "...";
 * "none" when the configuration names nobody. Errors stay in buf. [any] */
void rh_players_list(const struct rh_named_list_list *players, size_t size_max, struct rh_buf *buf);

/* Appends what is wrong with a player in words; of an unknown one also who is known, as above.
 * problem is not RH_PLAYERS_OK. Errors stay in buf. [any] */
void rh_players_explain(const struct rh_named_list_list *players, enum rh_players_problem problem,
                        struct rh_str name, struct rh_buf *buf);

#endif
