/* What the wiring files of the plugin share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_GAUNTLET_WIRE_H
#define RH_PLUGINS_GAUNTLET_WIRE_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/damaged.h>
#include <ringhost/sdk/rated_rows.h>
#include <ringhost/sdk/request_key.h>
#include <ringhost/sdk/work_group.h>

#include "gauntlet.h"

#define GAUNTLET_NAMESPACE "gauntlet"
#define GAUNTLET_WORK_TYPE "gauntlet"

/* Kind of the rows of games that the ratings have not acknowledged: id, index. */
#define GAUNTLET_KEY_UNRATED 'e'

/* Gauntlets that run or wait for their cancelled items to go, and games of all of them. */
#define LIVE_MAX       RH_WORK_GROUPS_MAX
#define LIVE_GAMES_MAX 20000u

struct gauntlet_config {
    struct rh_named_list_list players;
    int64_t poll_interval; /* ms */
    int64_t live_max;
    int64_t keep_max; /* gauntlets on disk */
};

/* One in memory. */
struct live {
    uint64_t serial; /* grows; names it in callbacks that may come after it is gone */
    uint64_t asked;  /* digest of the request that made it; 0 = it came from the store */
    struct gauntlet *gauntlet;
    struct rh_work_group work; /* its games in the queue */
    uint32_t unrecorded; /* commits of decisions under way: nothing may follow from them yet */
};

struct plugin {
    struct rh_services rh;
    const struct gauntlet_config *config;
    struct live *live[LIVE_MAX]; /* ascending serials */
    uint32_t live_count;
    uint32_t kept; /* gauntlets on disk */
    uint64_t last_serial;
    struct rh_work_groups work;
    struct rh_batch_builder batch; /* what was taken from the page under way */
    bool has_batch;
    struct rh_rated_feed rated;  /* finished games on their way to the ratings */
    struct rh_rated_rows rating; /* those of the offer that is out */
    struct rh_damaged damaged;   /* records that cannot be read; of this activation */
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
    struct run_sprt sprt;
    struct rh_str model;
    struct rh_str_list baselines;
    struct rh_str type;
    struct rh_str board_type;
    struct rh_str ko_rule;
    struct rh_str idempotency_key;
    struct rh_str_list requires;
    double komi;
    uint64_t seed;
    int64_t games;
    int64_t board_size;
    int64_t move_time_ms;
    int64_t game_time_ms;
    int64_t command_time_ms;
    int64_t max_moves;
    int64_t max_attempts;
    int64_t priority;
    int64_t timeout_s;
    int64_t max_runtime_s;
    int64_t min_vram_mb;
    int32_t needs_gpu;
    uint8_t has_seed;
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
    int64_t max_items;
    int64_t wait_s;
};

/* wire_claim.c: claim from the queue in the caller's name and answer as it does, once it does. */
int32_t gauntlet_claim(struct plugin *p, rh_req req, const struct claim_req *claim);

/* wire_run.c: checks a request against the configuration and appends the record of a new gauntlet.
 * Answers the request itself when it is refused: *is_answered. A negative code is for the caller to
 * return. */
int32_t gauntlet_run_record(struct plugin *p, rh_req req, const struct run_req *run,
                            struct rh_buf *record, bool *is_answered);

/* wire_store.c: records. A gauntlet of the store with its games, for the caller to free;
 * RH_ENOTFOUND. */
int32_t gauntlets_open(struct plugin *p, struct rh_str id, struct gauntlet **out);
/* The same for one of many: *out = NULL when its records are damaged, which is told. */
int32_t gauntlets_open_sound(struct plugin *p, struct rh_str id, struct gauntlet **out);
/* Counts those of the store into p->kept. */
int32_t gauntlets_count(struct plugin *p);
/* Ids of those that are live, at most LIVE_MAX. */
int32_t gauntlets_live_ids(struct plugin *p, char (*ids)[GAME_ID_SIZE], uint32_t *count);
/* What became of an earlier request with its idempotency key, into id[GAME_ID_SIZE]; the codes of
 * rh_request_find. */
int32_t gauntlets_find_request(struct plugin *p, const struct rh_request_key *request, char *id);
/* Ids of the store from the newest on, before `before` (empty = all), into ids; how many. */
int32_t gauntlets_ids(struct plugin *p, struct rh_str before, uint32_t limit,
                      char (*ids)[GAME_ID_SIZE], uint32_t *count);
/* Add pieces to a batch. */
void gauntlets_put_new(struct rh_batch_builder *batch, const struct gauntlet *g,
                       struct rh_str record, uint64_t asked);
/* A decided game waits for the ratings from then on. */
void gauntlets_put_game(struct rh_batch_builder *batch, const struct gauntlet *g, uint32_t index);
void gauntlets_put_status(struct rh_batch_builder *batch, const struct gauntlet *g);
/* The queue has nothing of it any more: after this batch it needs no memory. */
void gauntlets_put_settled(struct rh_batch_builder *batch, const struct gauntlet *g);
/* Makes room: the oldest finished ones go first, the live ones never. */
void gauntlets_prune(struct plugin *p, struct rh_batch_builder *batch);

/* wire_live.c: memory. All live gauntlets into it; a negative code says why not, in words too. */
int32_t gauntlets_load(struct plugin *p);
void gauntlets_drop(struct plugin *p);
/* The one in memory, or NULL. Borrowed. */
struct live *gauntlets_live(struct plugin *p, struct rh_str id);
/* Keep a new one and take it into memory; its games are added once that is recorded. asked: digest
 * of the request. */
int32_t gauntlets_create(struct plugin *p, struct rh_str record, uint64_t asked,
                         struct gauntlet **out);
/* A running one is over without its missing games; its items are cancelled once that is recorded.
 */
void gauntlets_cancel(struct plugin *p, struct live *live);
/* The same because the queue refuses its games for good, with its own words. */
void gauntlets_fail(struct plugin *p, struct live *live, struct rh_str why);
/* Submit; once it is durable, `settled` (NULL = none) leaves memory. What memory knows and the
 * store could not take is undone by a new activation. */
void gauntlets_commit(struct plugin *p, struct rh_batch_builder *batch, const struct live *settled);
/* The same for a batch with the decision of a test, or the early end of all: what is in the queue
 * and no more wanted is cancelled once that is recorded. */
void gauntlets_commit_decision(struct plugin *p, struct rh_batch_builder *batch, struct live *live);

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
