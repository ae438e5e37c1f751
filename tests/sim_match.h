/* Work items of a simulated cluster that are games of a gtp match: what a worker reports of one.
 * For files of checks, beside sim_worker.h. */
#ifndef RH_TESTS_SIM_MATCH_H
#define RH_TESTS_SIM_MATCH_H

#include <ringhost/sdk/hash.h>

#include "tests/sim_worker.h"

/* What a game comes to: broken by a crash of the first player, or won by one of the two in the
 * order of the payload, or drawn. */
enum sim_match { SIM_MATCH_BROKEN = 0, SIM_MATCH_FIRST, SIM_MATCH_SECOND, SIM_MATCH_DRAW };

/* What a worker reports of an item, whoever has it and however often. */
static inline enum sim_match sim_match_outcome(struct rh_str work_id)
{
    static const uint8_t outcomes[16] = {
        SIM_MATCH_FIRST,  SIM_MATCH_FIRST,  SIM_MATCH_FIRST,  SIM_MATCH_FIRST,
        SIM_MATCH_FIRST,  SIM_MATCH_FIRST,  SIM_MATCH_SECOND, SIM_MATCH_SECOND,
        SIM_MATCH_SECOND, SIM_MATCH_SECOND, SIM_MATCH_SECOND, SIM_MATCH_SECOND,
        SIM_MATCH_DRAW,   SIM_MATCH_DRAW,   SIM_MATCH_BROKEN, SIM_MATCH_BROKEN,
    };
    const uint64_t hash = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, work_id.p, work_id.n);

    return (enum sim_match)outcomes[rh_hash_mix(hash) % 16];
}

struct sim_match_player {
    struct rh_str name;
};
struct sim_match_payload {
    struct rh_list players;
    int64_t first_index;
};

/* The member `result` of a report, with its comma; "" after a failure, which tells itself. */
static inline void sim_match_write(struct rh_sim *sim, const struct sim_item *item, char *out,
                                   size_t size)
{
    static const struct rh_field player_fields[] = {
        RH_STR(struct sim_match_player, name, RH_REQUIRED, "-"),
    };
    static const struct rh_field fields[] = {
        RH_OBJECT_LIST(struct sim_match_payload, players, RH_REQUIRED, 2, struct sim_match_player,
                       player_fields, "-"),
        RH_INT(struct sim_match_payload, first_index, 0, 0, 10000, "-"),
    };
    static const struct rh_fields table = RH_FIELDS(struct sim_match_payload, fields);
    const enum sim_match outcome = sim_match_outcome(rh_str_from(item->id));
    const bool is_broken = outcome == SIM_MATCH_BROKEN;
    const struct sim_match_player *players;
    struct sim_match_payload payload;
    void *memory = NULL;
    struct rh_str winner = RH_STR_LIT("draw");
    uint32_t black;

    out[0] = '\0';
    if (rh_sim_decode(sim, &table, rh_str_from(item->payload), &payload, &memory) != RH_OK ||
        payload.players.count != 2) {
        rh_sim_fail(sim, "items_are_matches", RH_SIM_OUTSIDE, "%s: %s", item->id, item->payload);
        return;
    }
    players = payload.players.items;
    black = (uint32_t)(payload.first_index % 2);
    if (outcome == SIM_MATCH_FIRST || outcome == SIM_MATCH_SECOND)
        winner = players[outcome == SIM_MATCH_SECOND].name;
    (void)snprintf(
        out, size,
        ",\"result\":{\"games\":[{\"index\":%" PRId64 ",\"black\":\"%.*s\",\"white\":"
        "\"%.*s\",%s\"%.*s\"%s}]}",
        payload.first_index, RH_STR_ARG(players[black].name), RH_STR_ARG(players[1 - black].name),
        is_broken ? "\"error\":{\"kind\":\"crash\",\"message\":\"x\",\"player\":" : "\"winner\":",
        RH_STR_ARG(is_broken ? players[0].name : winner), is_broken ? "}" : ""); /* fits */
    rh_sim_release(sim, memory);
}

static inline void sim_match_complete(struct rh_sim *sim, const struct sim_item *item)
{
    char more[SIM_BODY_MAX / 2];

    sim_match_write(sim, item, more, sizeof(more));
    sim_report(sim, item, "/work/complete", more);
}

/* The answer to a claim. Once all is healed what was claimed is done at once. */
static inline void sim_match_claimed(struct sim_worker *worker, struct rh_sim *sim, void *user,
                                     const struct rh_sim_answer *answer)
{
    const uint32_t kept = sim_claimed(worker, sim, user, answer);

    for (uint32_t i = 0; i < kept && rh_sim_is_healed(sim); i++)
        sim_match_complete(sim, sim_newest(worker, i));
}

#endif
