/* What the wiring files of the plugin share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_GAUNTLET_WIRE_H
#define RH_PLUGINS_GAUNTLET_WIRE_H

#include <ringhost/sdk/batch.h>

#include "gauntlet.h"
#include "reconcile.h"

#define GAUNTLET_NAMESPACE "gauntlet"
#define GAUNTLET_WORK_TYPE "gauntlet"

/* Gauntlets that run or wait for their cancelled items to go, and games of all of them. */
#define LIVE_MAX       256u
#define LIVE_GAMES_MAX 20000u

struct gauntlet_config {
    struct rh_named_list_list players;
    int64_t poll_interval; /* ms */
    int64_t live_max;
    int64_t keep_max; /* gauntlets on disk */
};

/* One in memory; serials grow, and name it in callbacks that may come after it is gone. */
struct live {
    uint64_t serial;
    struct gauntlet *gauntlet;
};

/* Items of one page, and so of one round of cancelling. */
#define CANCEL_MAX 100u

/* Asks the queue about one gauntlet after the other, one call at a time. */
struct poller {
    uint64_t current; /* serial of the gauntlet under way, or the last one */
    bool is_calling;
    bool is_again; /* something began while a call was out: go round once more at once */
    bool is_armed;
    rh_handle timer;
    bool is_sweep;     /* the pages under way are a comparison of everything */
    bool is_cancel;    /* they are read to cancel what is live */
    bool is_prefix;    /* every item of the pages so far has its result */
    uint32_t add_from; /* next game to add */
    uint32_t add_to;   /* one past the last game of the call that is out */
    uint32_t cancel_count;
    char next[GAME_ID_SIZE];               /* where the next page begins, "" = it was the last */
    char cancel[CANCEL_MAX][GAME_ID_SIZE]; /* live items of a cancelled gauntlet */
};

struct plugin {
    struct rh_services rh;
    const struct gauntlet_config *config;
    struct live live[LIVE_MAX]; /* ascending serials */
    uint32_t live_count;
    uint32_t kept; /* gauntlets on disk */
    uint64_t last_serial;
    struct poller poller;
};

/* POST /gauntlet/run. */
struct run_req {
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

/* wire_store.c. All live gauntlets into memory; a negative code says why not, in words too. */
int32_t gauntlets_load(struct plugin *p);
void gauntlets_drop(struct plugin *p);
/* A gauntlet of the store with its games, for the caller to free; RH_ENOTFOUND. */
int32_t gauntlets_open(struct plugin *p, struct rh_str id, struct gauntlet **out);
/* The one in memory, or NULL. Borrowed. */
struct gauntlet *gauntlets_live(struct plugin *p, struct rh_str id);
/* One in memory by serial, or NULL. */
struct gauntlet *gauntlets_by_serial(struct plugin *p, uint64_t serial);
/* The id that an idempotency key of a request stands for, into id[GAME_ID_SIZE]; RH_ENOTFOUND. */
int32_t gauntlets_find_key(struct plugin *p, struct rh_str key, char *id);
/* Ids of the store from the newest on, before `before` (empty = all), into ids; how many. */
int32_t gauntlets_ids(struct plugin *p, struct rh_str before, uint32_t limit,
                      char (*ids)[GAME_ID_SIZE], uint32_t *count);
/* Keep a new one and take it into memory; its games are added once that is recorded. */
int32_t gauntlets_create(struct plugin *p, struct rh_str record, struct gauntlet **out);
/* A running one is over without its missing games; its items are cancelled once that is recorded.
 */
void gauntlets_cancel(struct plugin *p, struct gauntlet *g);
/* Add pieces to a batch. */
void gauntlets_put_game(struct rh_batch_builder *batch, const struct gauntlet *g, uint32_t index);
void gauntlets_put_status(struct rh_batch_builder *batch, const struct gauntlet *g);
/* The queue has nothing of it any more: after this batch it needs no memory. */
void gauntlets_put_settled(struct rh_batch_builder *batch, const struct gauntlet *g);
/* Submit; once it is durable, `settled` (NULL = none) leaves memory. What memory knows and the
 * store could not take is undone by a new activation. */
void gauntlets_commit(struct plugin *p, struct rh_batch_builder *batch,
                      const struct gauntlet *settled);

/* wire_items.c: the body of /work/add for the missing games from *from on, at most a batch of them;
 * *from becomes one past the last. false: none is missing. Errors stay in buf. */
bool gauntlet_items_body(const struct gauntlet *g, uint32_t *from, struct rh_buf *buf);

/* wire_poll.c: start a round now, or as soon as the call under way has ended. */
void gauntlets_poll_kick(struct plugin *p);
/* Compare all of every live gauntlet in the next round. */
void gauntlets_poll_sweep_all(struct plugin *p);
void gauntlets_poll_stop(struct plugin *p);

/* wire_reply.c: members of the JSON object of GET /gauntlet/results and of one row of
 * /gauntlet/list. */
void gauntlet_reply_results(struct rh_json_writer *w, const struct gauntlet *g, uint32_t after,
                            uint32_t limit);
void gauntlet_reply_summary(struct rh_json_writer *w, const struct gauntlet *g);

#endif
