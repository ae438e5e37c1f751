/* What the wiring files of the plugin share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_GAUNTLET_WIRE_H
#define RH_PLUGINS_GAUNTLET_WIRE_H

#include <ringhost/sdk/lives.h>
#include <ringhost/sdk/rated_rows.h>
#include <ringhost/sdk/work_group.h>

#include "gauntlet.h"

#define GAUNTLET_NAMESPACE "gauntlet"
#define GAUNTLET_WORK_TYPE "gauntlet"

/* Gauntlets that run or wait for their cancelled items to go, and games of all of them. */
#define LIVE_MAX       RH_LIVES_MAX
#define LIVE_GAMES_MAX 20000u

struct gauntlet_config {
    struct rh_list players;
    int64_t poll_interval; /* ms */
    int64_t live_max;
    int64_t keep_max; /* gauntlets on disk */
};

/* One in memory. Commits of games alone are not counted as its own: nothing follows from them. */
struct live {
    struct rh_live base;
    struct gauntlet *gauntlet; /* its thing */
    struct rh_work_group work; /* its games in the queue */
};

struct plugin {
    struct rh_services rh;
    const struct gauntlet_config *config;
    struct rh_lives lives;
    struct rh_work_groups work;
    struct rh_batch_builder batch; /* what was taken from the page under way */
    struct rh_rated_feed rated;    /* finished games on their way to the ratings */
    struct rh_rated_rows rating;   /* those of the offer that is out */
};

/* POST /gauntlet/run. */
struct run_sprt {
    double elo0;
    double elo1;
    double alpha;
    double beta;
    struct rh_str model;
    struct rh_str statistic;
};
struct run_req {
    struct rh_gtp_ask ask; /* first, for its rows */
    struct run_sprt sprt;
    struct rh_str model;
    struct rh_str_list baselines;
    struct rh_str type;
    struct rh_str idempotency_key;
    int64_t games;
    uint8_t has_type;
    uint8_t has_sprt;
};

/* POST /gauntlet/claim. */
struct claim_req {
    struct rh_str node_id;
    struct rh_str_list work_types;
    struct rh_str_list capabilities;
    struct rh_str_list board_types;
    struct rh_str gpu;
    struct rh_str_list held;
    int64_t max_items;
    int64_t wait_s;
    int64_t poll;
    uint8_t has_held;
};

/* wire_claim.c: claim from the queue in the caller's name and answer as it does, once it does. */
int32_t gauntlet_claim(struct plugin *p, rh_req req, const struct claim_req *claim);

/* wire_run.c: checks a request against the configuration and appends the record of a new gauntlet.
 * Answers the request itself when it is refused: *is_answered. A negative code is for the caller to
 * return. */
int32_t gauntlet_run_record(struct plugin *p, rh_req req, const struct run_req *run,
                            struct rh_buf *record, bool *is_answered);

/* wire_store.c: records. Those of the owner: `open` gives a gauntlet with its games. */
int32_t gauntlets_open(void *self, struct rh_str id, void **thing);
bool gauntlets_is_needed(void *self, struct rh_str id);
void gauntlets_forget(void *self, struct rh_batch_builder *batch, struct rh_str id);
/* Add pieces to a batch. */
void gauntlets_put_new(struct rh_batch_builder *batch, const struct gauntlet *g,
                       struct rh_str record);
/* A decided game waits for the ratings from then on. */
void gauntlets_put_game(struct rh_batch_builder *batch, const struct gauntlet *g, uint32_t index);
void gauntlets_put_status(struct rh_batch_builder *batch, const struct gauntlet *g);
/* The queue has nothing of it any more: after this batch it needs no memory. */
void gauntlets_put_settled(struct rh_batch_builder *batch, const struct gauntlet *g);

/* wire_live.c: gauntlets in memory. */
extern const struct rh_lives_owner gauntlet_lives_owner;
/* Keep a new one and take it into memory; its games are added once that is recorded. asked: digest
 * of the request. */
int32_t gauntlets_create(struct plugin *p, struct rh_str record, uint64_t asked,
                         struct gauntlet **out);
/* A running one is over without its missing games; its items are cancelled once that is recorded.
 */
void gauntlets_cancel(struct plugin *p, struct live *live);
/* The same because the queue refuses its games for good, with its own words. */
void gauntlets_fail(struct plugin *p, struct live *live, struct rh_str why);
/* Submits. live: whose decision or end is in the batch, NULL = games alone. Once that is recorded
 * its games are compared with the queue, or it leaves memory when the queue has nothing of it. */
void gauntlets_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live);

/* wire_rated.c: games on their way to the ratings. */
extern const struct rh_rated_owner gauntlet_rated_owner;

/* wire_items.c: the members of a game's work item. */
void gauntlet_write_item(const struct gauntlet_spec *spec, uint32_t index,
                         struct rh_json_writer *w);

/* wire_work.c: what becomes of the items. */
extern const struct rh_work_owner gauntlet_work_owner;

/* wire_reply.c: members of the JSON object of GET /gauntlet/results and of one row of
 * /gauntlet/list. `problem`: why the queue cannot be asked, "" = it can. */
void gauntlet_reply_results(struct rh_json_writer *w, const struct gauntlet *g, const char *problem,
                            uint32_t after, uint32_t limit);
void gauntlet_reply_summary(struct rh_json_writer *w, const struct gauntlet *g);

#endif
