/* Compares a gauntlet with the items the queue has for it and says what follows; it changes
 * neither. */
#include "reconcile.h"

#include <ringhost/sdk/str.h>
#include <string.h>

enum item_step reconcile_item(struct gauntlet *g, const struct group_item *item,
                              const struct rh_gtp_game *game, uint32_t *index,
                              struct game_result *out)
{
    if (schedule_index_of(item->idempotency_key, g->spec.id, g->game_count, index) != RH_OK)
        return ITEM_ALIEN;
    g->present[*index] = 1;
    if (g->games[*index].outcome != OUTCOME_PENDING)
        return ITEM_KNOWN;

    memset(out, 0, sizeof(*out));
    if (rh_str_eq_c(item->status, "done"))
        outcome_of_match(&g->spec, *index, game, out);
    else if (rh_str_eq_c(item->status, "dead"))
        outcome_error(out, "dead", item->error);
    else if (rh_str_eq_c(item->status, "cancelled"))
        outcome_error(out, "cancelled", RH_STR_LIT("the work item was cancelled"));
    else
        return ITEM_LIVE;
    out->attempt = item->attempt > 0 && item->attempt <= INT32_MAX ? (uint32_t)item->attempt : 0;
    game_text_cut(out->work_id, sizeof(out->work_id), item->work_id);
    game_text_cut(out->node_id, sizeof(out->node_id), item->node_id);
    return ITEM_RESOLVED;
}

bool reconcile_is_live(struct rh_str status)
{
    return !rh_str_eq_c(status, "done") && !rh_str_eq_c(status, "dead") &&
           !rh_str_eq_c(status, "cancelled");
}

void reconcile_begin(struct gauntlet *g)
{
    memset(g->present, 0, g->game_count);
}

bool reconcile_missing(const struct gauntlet *g, uint32_t *index)
{
    for (uint32_t i = *index; i < g->game_count; i++) {
        if (g->games[i].outcome == OUTCOME_PENDING && !g->present[i]) {
            *index = i;
            return true;
        }
    }
    return false;
}

bool reconcile_has_news(const struct gauntlet *g, int64_t done, int64_t dead, int64_t cancelled)
{
    return done + dead + cancelled > (int64_t)g->over;
}
