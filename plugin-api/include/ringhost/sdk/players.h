/* Looks up who may play: the engines named in a plugin's configuration as `players:`; it starts
 * none. */
#ifndef RH_SDK_PLAYERS_H
#define RH_SDK_PLAYERS_H

#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/plugin.h>

/* Files of one player; those of two fit into RH_WORK_FILES_MAX. */
#define RH_PLAYER_INPUTS_MAX 16

/* A GTP engine. */
struct rh_player {
    struct rh_str name;
    struct rh_str_list argv;
    struct rh_str_list inputs; /* artifacts that it needs: NAME=SHA256 or NAME=SHA256:MODE */
};

extern const struct rh_field rh_player_fields[2];

/* The row of a plugin's configuration table; the struct has a member `struct rh_list players`. A
 * player is its command, or an object with `argv` and `inputs`. */
#define RH_PLAYERS_FIELD(config_type)                                                            \
    RH_FIELD_ROW_(config_type, players, RH_FIELD_OBJECT_MAP, .flags = RH_SHORT_LIST, .max = 256, \
                  RH_SUB_(struct rh_player, rh_player_fields),                                   \
                  .doc = "name: command with arguments of a GTP engine, or an object "           \
                         "with its command and the artifacts that it needs")

enum rh_players_problem {
    RH_PLAYERS_OK = 0,
    RH_PLAYERS_UNKNOWN,    /* not in the configuration */
    RH_PLAYERS_DUPLICATE,  /* named twice */
    RH_PLAYERS_RESERVED,   /* called "draw", or with "=" in front: both mean something in outcomes,
                              and the ratings take neither */
    RH_PLAYERS_NO_COMMAND, /* configured with an empty command */
    RH_PLAYERS_BAD_INPUT   /* one of its inputs cannot be read, or has the name of another one */
};

/* A player, or NULL. [any] */
const struct rh_player *rh_players_find(const struct rh_list *players, struct rh_str name);

/* Whether all of them can play each other. The first offender goes to *name, borrowed. [any] */
enum rh_players_problem rh_players_check(const struct rh_list *players, const struct rh_str *names,
                                         uint32_t count, struct rh_str *name);

/* Whether everyone in the configuration could play somebody. The first who could not goes to *name.
 * Never RH_PLAYERS_UNKNOWN or RH_PLAYERS_DUPLICATE. [any] */
enum rh_players_problem rh_players_check_all(const struct rh_list *players, struct rh_str *name);

/* The same for reconfigure: RH_OK, or RH_EINVAL with words that name the player. [loop] */
int32_t rh_players_configured(const struct rh_services *rh, const struct rh_list *players);

/* Appends the names that are known, "a, b, c", at most size_max bytes of them and then "...";
 * "none" when the configuration names nobody. Errors stay in buf. [any] */
void rh_players_list(const struct rh_list *players, size_t size_max, struct rh_buf *buf);

/* Appends what is wrong with a player in words; of an unknown one also who is known, as above.
 * problem is not RH_PLAYERS_OK. Errors stay in buf. [any] */
void rh_players_explain(const struct rh_list *players, enum rh_players_problem problem,
                        struct rh_str name, struct rh_buf *buf);

/* Writes the commands of players who are all known as JSON arrays, and their inputs with a space
 * between two, as struct rh_gtp_player of <ringhost/sdk/gtp_match.h> takes both; argv_json and
 * inputs have room for `count` and borrow from memory. Errors stay in memory, and nothing else is
 * written then. [any] */
void rh_players_write(const struct rh_list *players, const struct rh_str *names, uint32_t count,
                      struct rh_buf *memory, struct rh_str *argv_json, struct rh_str *inputs);

#endif
