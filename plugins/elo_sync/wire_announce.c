/* ELO_UPDATED, once for each player of each game, by the node that leads. That a game was announced
 * is a mark in a replicated namespace, in one batch with its events, guarded by a check that there
 * was none: so neither a crash nor a change of leaders loses or repeats one.
 *
 * Keys of the namespace: 'a' id -> nothing. */
#include <stdio.h>

#include <ringhost/sdk/emit.h>
#include <ringhost/sdk/key.h>
#include <ringhost/sdk/str.h>

#include "wire.h"

#define KEY_MARK 'a'

/* Games looked at in one turn, and how soon after a failure again. */
#define LOOK_MAX 256u
#define RETRY_MS 1000

static void arm(struct elo_sync *p, int64_t delay_ms);

static int32_t mark_of(struct rh_key *key, const struct entry *entry)
{
    rh_key_init(key);
    (void)rh_key_u8(key, KEY_MARK); /* errors stay in key->rc */
    return rh_key_str(key, entry->id);
}

/* Whether there is a mark; a negative code where this node cannot tell. */
static int32_t is_marked(struct elo_sync *p, const struct entry *entry, bool *out)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_key key;
    int32_t rc = mark_of(&key, entry);

    if (rc == RH_OK)
        rc = p->rh.state->get(p->rh.ctx, ELO_ANNOUNCED, rh_key_view(&key), &value);
    *out = rc == RH_OK && value.found;
    return rc;
}

/* Mark and events of one game. */
static int32_t add_game(struct elo_sync *p, struct rh_batch_builder *batch,
                        const struct entry *entry)
{
    struct fact_record record;
    struct board *board = NULL;
    char config_key[FACT_CONFIG_KEY_SIZE];
    struct rh_key key;
    int32_t rc;

    facts_record(entry, &record);
    fact_config_key(&record.fact, config_key);
    rc = elo_board_settled(p, record.fact.board_type, &board);
    if (rc == RH_OK)
        rc = mark_of(&key, entry);
    if (rc != RH_OK)
        return rc;
    rh_batch_check(batch, rh_key_view(&key), 0);
    rh_batch_put(batch, rh_key_view(&key), RH_STR_LIT(""));
    for (uint32_t i = 0; i < entry->game->side_count; i++) {
        const struct board_side *side = &entry->game->sides[i];
        const struct rh_elo_updated event = {.player = record.fact.players[i],
                                             .board_type = record.fact.board_type,
                                             .config_key = rh_str_from(config_key),
                                             .old_elo = side->before,
                                             .new_elo = side->after,
                                             .games_played = side->games};

        rh_emit_elo_updated(batch, &event);
    }
    return RH_OK;
}

/* The marks may be in the store or not: the next look tells. */
static void on_commit(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct elo_sync *p = self;

    (void)user;
    (void)revision;
    p->is_announcing = false;
    if (rc == RH_OK) {
        for (uint32_t i = 0; i < p->announcing_count; i++)
            p->announcing[i]->is_announced = true;
        p->announced_count += p->announcing_count;
        p->announced = p->announce_last;
    }
    p->announcing_count = 0;
    if (p->is_leading)
        arm(p, rc == RH_OK ? 0 : RETRY_MS);
}

/* Everything up to *last has a mark, needs none, or is in the batch. */
static int32_t collect(struct elo_sync *p, struct rh_batch_builder *batch, struct entry **last,
                       bool *is_end)
{
    struct entry *entry = p->announced ? p->announced->later : p->facts.oldest;
    int32_t rc = RH_OK;

    *last = p->announced;
    for (uint32_t i = 0; entry && i < LOOK_MAX && p->announcing_count < ELO_ANNOUNCE_MAX; i++) {
        bool is_done = entry->is_announced || !entry->game;

        if (!is_done)
            rc = is_marked(p, entry, &is_done);
        if (rc == RH_OK && is_done && entry->game)
            entry->is_announced = true;
        if (rc == RH_OK && !is_done) {
            rc = add_game(p, batch, entry);
            p->announcing[p->announcing_count++] = entry;
        }
        if (rc != RH_OK)
            return rc;
        *last = entry;
        entry = entry->later;
    }
    *is_end = !entry;
    return RH_OK;
}

static void on_timer(void *self, void *user)
{
    struct elo_sync *p = self;
    struct rh_batch_builder batch;
    struct entry *last = NULL;
    bool is_end = false;
    int32_t rc;

    (void)user;
    p->is_announcing = false;
    p->announcing_count = 0;
    if (!p->is_leading)
        return;
    rh_batch_begin(&batch, ELO_ANNOUNCED);
    rh_batch_lazy(&batch); /* no answer has to wait for it */
    rc = collect(p, &batch, &last, &is_end);
    if (rc != RH_OK) {
        rh_batch_release(&batch);
        p->announcing_count = 0;
        arm(p, RETRY_MS);
        return;
    }
    if (!p->announcing_count) {
        rh_batch_release(&batch);
        p->announced = last;
        if (!is_end)
            arm(p, 0);
        return;
    }
    p->announce_last = last;
    rc = rh_batch_commit(&batch, &p->rh, on_commit, NULL);
    p->is_announcing = rc == RH_OK;
    if (rc != RH_OK)
        arm(p, RETRY_MS);
}

static void arm(struct elo_sync *p, int64_t delay_ms)
{
    if (!p->is_announcing)
        p->is_announcing = p->rh.core->timer(p->rh.ctx, delay_ms, on_timer, NULL, NULL) == RH_OK;
}

void elo_announce(struct elo_sync *p)
{
    if (p->is_leading)
        arm(p, 0);
}

void elo_on_leader(struct elo_sync *p)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

    p->rh.cluster->leader(p->rh.ctx, &leader);
    if (leader.is_self && !p->is_leading)
        p->announced = NULL; /* others may have announced meanwhile: look at everything again */
    p->is_leading = leader.is_self != 0;
    elo_announce(p);
}

void elo_announce_drop(struct elo_sync *p)
{
    p->is_announcing = false;
    p->is_leading = false;
    p->announced = NULL;
    p->announcing_count = 0;
}
