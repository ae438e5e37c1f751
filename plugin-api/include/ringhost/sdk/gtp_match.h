/* The match that ringhost-gtp-match plays, as the payload of a work item, and the game it reports;
 * for plugins whose games are work items. It sends nothing and decides nothing. */
#ifndef RH_SDK_GTP_MATCH_H
#define RH_SDK_GTP_MATCH_H

#include <ringhost/sdk/gtp_game.h>
#include <ringhost/sdk/gtp_order.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/plugin.h>

struct rh_gtp_player {
    struct rh_str name;
    struct rh_str argv_json; /* JSON array of strings */
    struct rh_str inputs;    /* its artifacts, as rh_players_write writes them; "" = none */
};

/* Writes the member `inputs` of the work item, if there are any: each player's files have a folder
 * of their own, so that both may have files of one name. [any] */
void rh_gtp_inputs_write(struct rh_json_writer *w, const struct rh_gtp_player players[2]);

/* Writes, as the next value of w, the match of one game with this index. The first player has black
 * in games with an even index, white in the others. A player with inputs runs in its folder. [any]
 */
void rh_gtp_match_write(struct rh_json_writer *w, const struct rh_gtp_rules *rules, uint32_t index,
                        uint64_t seed, const struct rh_gtp_player players[2]);

/* Writes the members of a work item, see <ringhost/sdk/work_group.h>, with that match as its
 * payload. [any] */
void rh_gtp_item_write(struct rh_json_writer *w, const struct rh_gtp_order *order,
                       struct rh_str work_type, uint32_t index, uint64_t seed,
                       const struct rh_gtp_player players[2]);

/* The one game in a result, and *memory for rh->fields->release when the strings are done with.
 * RH_EINVAL when the result is no JSON object with exactly one game; *memory is then NULL. [loop]
 */
int32_t rh_gtp_game_decode(const struct rh_services *rh, struct rh_str result,
                           struct rh_gtp_game *out, void **memory);

/* What went wrong in a game. Absent texts are empty. Borrowed. */
struct rh_gtp_fault {
    struct rh_str kind;
    struct rh_str player; /* whose fault it was, "" = nobody's or not known */
    struct rh_str message;
};

/* The fault in the error text of an item whose attempts all failed: there the worker quotes what
 * the executor reported, as a JSON object among other words. RH_EINVAL when there is none with a
 * kind; memory as above. [loop] */
int32_t rh_gtp_fault_decode(const struct rh_services *rh, struct rh_str error,
                            struct rh_gtp_fault *out, void **memory);

#endif
