/* What the wiring files of the plugin share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_TOURNAMENT_WIRE_H
#define RH_PLUGINS_TOURNAMENT_WIRE_H

#include <ringhost/sdk/lives.h>
#include <ringhost/sdk/rated_rows.h>
#include <ringhost/sdk/work_group.h>

#include "referee.h"

#define TOURNAMENT_NAMESPACE "tournament"

/* Tournaments that run or wait for their cancelled items to go. */
#define LIVE_MAX RH_LIVES_MAX

struct tournament_config {
    struct rh_list players;
    struct rh_str work_type;
    int64_t poll_interval; /* ms */
    int64_t live_max;
    int64_t keep_max; /* tournaments on disk */
};

/* One in memory. */
struct live {
    struct rh_live base;
    struct tournament *tournament; /* its thing */
    struct rh_work_group work;     /* its games in the queue */
    bool is_more;                  /* the next commit may want more items */
    bool is_compare;               /* and some of those in the queue no more */
};

struct plugin {
    struct rh_services rh;
    const struct tournament_config *config;
    struct rh_lives lives;
    struct rh_work_groups work;
    struct rh_batch_builder batch; /* what was taken from the page under way */
    struct rh_rated_feed rated;
    struct rh_rated_rows rating; /* those of the offer that is out */
    struct rh_rated_rows going;  /* those that it takes back */
};

/* POST /tournament/start. */
struct start_req {
    struct rh_str format;
    struct rh_str_list players;
    struct rh_str board_type;
    struct rh_str ko_rule;
    struct rh_str scoring;
    struct rh_str idempotency_key;
    struct rh_str_list tie_breaks;
    struct rh_str_list drop_in;
    struct rh_str_list requires;
    double komi;
    uint64_t seed;
    int64_t cycles;
    int64_t games_per_match;
    int64_t extra_games;
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
    int32_t external;
    int32_t third_place;
    int32_t grand_final_reset;
    int32_t play_all;
    int32_t needs_gpu;
    uint8_t has_seed;
    uint8_t has_play_all;
    uint8_t has_grand_final_reset;
    uint8_t has_tie_breaks;
};

/* POST /tournament/result and /tournament/correct. */
struct result_req {
    struct rh_str tournament_id;
    struct rh_str match_id;
    struct rh_str winner;
    struct rh_str forfeit;
    struct rh_str scores; /* JSON: [2, 1], or the same by name */
    int32_t draw;
    int32_t both_forfeit;
    int32_t replay; /* correct only, these two */
    int32_t undo;
};

/* wire_start.c: checks a request against the configuration and appends the record of a new
 * tournament. Answers the request itself when it is refused: *is_answered. A negative code is for
 * the caller to return. */
int32_t tournament_start_record(struct plugin *p, rh_req req, const struct start_req *start,
                                struct rh_buf *record, bool *is_answered);

/* wire_result.c: the rest of both routes once the tournament is found. A corrected one may come
 * back into memory: it is then no more the caller's own. Answers in any case, or returns a negative
 * code.
 */
int32_t tournament_result(struct plugin *p, rh_req req, const struct rh_found *found,
                          const struct result_req *asked);
int32_t tournament_correct(struct plugin *p, rh_req req, struct rh_found *found,
                           const struct result_req *asked);

/* wire_read.c: those of the owner. */
int32_t tournaments_open(void *self, struct rh_str id, void **thing);
/* Without its matches and games: spec, plan and status alone. */
int32_t tournaments_open_head(void *self, struct rh_str id, void **thing);

/* wire_write.c: those of the owner. */
bool tournaments_is_needed(void *self, struct rh_str id);
void tournaments_forget(void *self, struct rh_batch_builder *batch, struct rh_str id);
/* Add pieces to a batch. */
void tournaments_put_new(struct rh_batch_builder *batch, const struct tournament *t,
                         struct rh_str record);
void tournaments_put_result(struct rh_batch_builder *batch, const struct tournament *t,
                            uint32_t item);
void tournaments_put_status(struct rh_batch_builder *batch, const struct tournament *t);
/* It runs again, after a correction. */
void tournaments_put_live(struct rh_batch_builder *batch, const struct tournament *t);
/* The queue has nothing of it any more: after this batch it needs no memory. */
void tournaments_put_settled(struct rh_batch_builder *batch, const struct tournament *t);
/* The same of the ratings' part of it; nothing for a game without an outcome. */
void tournaments_put_unrated(struct rh_batch_builder *batch, const struct tournament *t,
                             uint32_t item);
/* What a referee's word on a match, which was `before`, is for the ratings: a game, and games that
 * they are to take back. */
void tournaments_put_rating(struct rh_batch_builder *batch, const struct tournament *t,
                            uint32_t match, const struct match_record *before);
/* Every match and every item that is ahead of the store; they are then not any more. */
void tournaments_put_changes(struct rh_batch_builder *batch, struct tournament *t);

/* wire_live.c: tournaments in memory. */
extern const struct rh_lives_owner tournament_lives_owner;
/* It was completed, was corrected, and runs again: undoes what its end did to its work group and
 * adds that to the batch. A negative code: a new activation has begun. */
int32_t tournaments_reopen(struct plugin *p, struct rh_batch_builder *batch, struct live *live);
/* Keeps a new one and takes it into memory; its games are added once that is recorded. asked:
 * digest of the request. */
int32_t tournaments_create(struct plugin *p, struct rh_str record, uint64_t asked,
                           struct tournament **out);
/* A running one is over as it is; its items are cancelled once that is recorded. */
int32_t tournaments_cancel(struct plugin *p, struct live *live);
/* The same because the queue refuses its games for good, with its own words. */
void tournaments_fail(struct plugin *p, struct live *live, struct rh_str why);
/* Adds all changes to the batch and, when nothing is left to be played, its end and the event; then
 * commits it. Once that is recorded, the queue hears what is wanted now; a completed one leaves
 * memory. What memory knows and the store could not take is undone by a new activation. */
int32_t tournaments_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live);
/* The queue has nothing of a cancelled one any more. */
void tournaments_settle(struct plugin *p, struct live *live);

/* wire_work.c: what the queue asks and tells. */
extern const struct rh_work_owner tournament_work_owner;

/* wire_rated.c: games on their way to the ratings. */
extern const struct rh_rated_owner tournament_rated_owner;

/* wire_reply.c: members of the JSON object of GET /tournament/bracket, of one row of
 * /tournament/list, and of a match. */
struct bracket_page {
    uint32_t after;
    uint32_t limit;
    bool has_games;
};
int32_t tournament_reply_bracket(struct rh_json_writer *w, const struct tournament *t,
                                 const char *problem, const struct bracket_page *page);
void tournament_reply_summary(struct rh_json_writer *w, const struct tournament *t);
void tournament_reply_match(struct rh_json_writer *w, const struct tournament *t, uint32_t match,
                            bool has_games);

/* wire_standings.c: the member "standings". */
int32_t tournament_reply_standings(struct rh_json_writer *w, const struct tournament *t);

#endif
