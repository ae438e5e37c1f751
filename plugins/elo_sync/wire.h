/* What the wiring files of elo_sync share: the instance and who does what; no decisions. */
#ifndef RH_PLUGINS_ELO_SYNC_WIRE_H
#define RH_PLUGINS_ELO_SYNC_WIRE_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/key.h>

#include "board.h"
#include "bradley.h"
#include "clock.h"
#include "digest.h"
#include "glicko.h"

/* Facts, on every node that has the plugin; and which of them were announced, once for the cluster.
 */
#define ELO_NAMESPACE "elo_sync"
#define ELO_ANNOUNCED "elo_announced"

/* Games in one request, either way, and in one batch. */
#define ELO_RESULTS_MAX 1000u
#define ELO_PAGE_MAX    500u

/* Games of one digest's range of buckets. */
#define ELO_RANGE_MAX  16384u

#define ELO_BOARDS_MAX 4096u

/* Games announced in one batch. */
#define ELO_ANNOUNCE_MAX 32u

#define ELO_NODE_SIZE    256u

#define ELO_BODY_MAX     (4u * 1024u * 1024u)

struct elo_config {
    double k_factor;
    double start;
    double glicko_tau;
    double glicko_deviation;
    double glicko_volatility;
    double bradley_prior;
    int64_t glicko_period; /* ms */
    int64_t facts_max;
    int64_t push_delay; /* ms */
};

/* A comparison with the other nodes, one after the other; see wire_repair.c. */
struct elo_repair {
    bool is_running;
    bool is_again;            /* begin anew when this one is over */
    char peer[ELO_NODE_SIZE]; /* the one under way */
    uint32_t differing[FACTS_BUCKETS];
    uint32_t count, at; /* buckets that differ; the next to ask about */
    bool has_range;
    uint32_t first, last;   /* the range that is asked about */
    uint32_t sending;       /* of missing: in the question under way */
    uint32_t rounds;        /* of this peer */
    struct entry **missing; /* what the peer lacks and is still to be sent */
    uint32_t missing_count, missing_capacity;
    uint32_t peers, failed;
    uint32_t failures; /* comparisons in a row in which a peer could not be asked */
    uint64_t merged, sent;
    char problem[160]; /* of the last peer that failed */
    bool is_armed;     /* a timer will begin one */
    uint64_t living;   /* hash of the ids of all peers that are alive */
};

struct elo_sync {
    struct rh_services rh;
    const struct elo_config *config;
    struct facts facts;
    struct board **boards; /* ascending names; none without a game that counts */
    uint32_t board_count, board_capacity;
    struct clock_hybrid clock;
    bool is_loaded;          /* all facts are in memory */
    bool is_built;           /* facts hold something to release */
    struct rh_key load_from; /* where the next page begins */
    struct rh_batch_builder batch;
    bool has_batch;
    uint64_t last_mark;    /* of comparisons, see entry->mark */
    int64_t clock_told_ms; /* when a refused clock was last logged, 0 = never */
    uint64_t rejected;     /* games, in this activation */
    uint64_t unrated;      /* games that no board had room for */
    /* wire_push.c */
    struct entry **news; /* entries that other nodes have to be told */
    uint32_t news_count, news_capacity;
    bool is_push_armed;
    /* wire_repair.c */
    struct elo_repair repair;
    rh_req waiting; /* POST /elo/repair that waits for the end, 0 = none */
    /* wire_announce.c */
    bool is_leading;
    bool is_announcing;      /* a timer or a commit is under way */
    struct entry *announced; /* everything up to it has been looked at in this leadership */
    struct entry *announcing[ELO_ANNOUNCE_MAX]; /* of the commit under way */
    uint32_t announcing_count;
    struct entry *announce_last; /* where that commit's look ended */
    uint64_t announced_count;    /* in this activation */
    uint32_t bradley_jobs;       /* fits under way */
};

/* One game in a request, and as an event's result may hold it. */
struct result_req {
    struct rh_str game_id;
    struct rh_str board_type;
    struct rh_str_list players;
    struct rh_str outcome; /* JSON */
    int64_t played_at;
};

/* wire_store.c: loads all facts, a page a turn; RH_PENDING. */
int32_t elo_load(struct elo_sync *p);
void elo_drop(struct elo_sync *p);
/* plugin.c: all facts are in memory; the work among nodes begins. */
void elo_begin(struct elo_sync *p);
/* Puts an entry into the batch under way; elo_commit submits it. RH_OK or a negative code. */
int32_t elo_put(struct elo_sync *p, const struct entry *entry);
int32_t elo_commit(struct elo_sync *p);

/* wire_take.c: takes a record into set, boards and batch; what is new goes to other nodes, too,
 * unless it came from one. *changes as facts_merge says. RH_OK; RH_EFULL, nothing changed; or an
 * error after which memory is not to be trusted (the plugin is activated anew). */
int32_t elo_take(struct elo_sync *p, const struct fact_record *record, bool is_from_peer,
                 uint32_t *changes);
/* The board, or NULL. */
struct board *elo_board(struct elo_sync *p, struct rh_str type);
/* The same with its ratings brought up to date; RH_ENOTFOUND, RH_ENOMEM. */
int32_t elo_board_settled(struct elo_sync *p, struct rh_str type, struct board **out);
/* Takes the game of an entry of the store onto its board. */
int32_t elo_rate_entry(struct elo_sync *p, struct entry *entry);

/* wire_results.c: what a game in JSON says; strings are borrowed from req. */
enum fact_problem elo_read_result(struct elo_sync *p, const struct result_req *req,
                                  struct fact *fact);
/* One entry as POST /elo/merge has it. */
void elo_write_entry(struct rh_json_writer *w, const struct entry *entry);
/* "outcome" and its value. */
void elo_write_outcome(struct rh_json_writer *w, const struct fact *fact);

/* wire_sync.c */
struct retract_req {
    struct rh_str game_id;
    struct rh_str reason;
};
struct sync_req {
    struct rh_list results;     /* struct result_req */
    struct rh_list retractions; /* struct retract_req */
};
int32_t elo_sync_results(struct elo_sync *p, rh_req req, const struct sync_req *sync);
int32_t elo_retract(struct elo_sync *p, rh_req req, const struct retract_req *retract);

/* wire_merge.c: the answering side of anti-entropy, and what both sides read. */
struct merge_result {
    struct rh_str game_id;
    struct rh_str board_type;
    struct rh_str_list players; /* none: there is only a retraction */
    struct rh_str outcome;
    int64_t played_at;
    uint64_t retracted; /* stamp, 0 = it is not */
    struct rh_str reason;
};
struct merge_digest {
    struct rh_str root;        /* of the asking set */
    struct rh_str buckets;     /* all sums */
    int64_t first, last;       /* range of buckets that `games` tells all of; -1 = none */
    struct rh_pair_list games; /* id: hash of what is known of it */
};
struct merge_req {
    struct rh_str from;
    uint64_t clock;
    struct merge_digest digest;
    struct rh_list results; /* struct merge_result */
};
/* A row of a table for `results` of struct s. */
extern const struct rh_field elo_merge_result_fields[7];
#define ELO_RESULTS_FIELD(s)                                                \
    RH_FIELD_ROW_(s, results, RH_FIELD_OBJECT_LIST, .max = ELO_RESULTS_MAX, \
                  .fields = elo_merge_result_fields, .field_count = 7,      \
                  .field_stride = (uint32_t)sizeof(struct rh_field),        \
                  .struct_size = (uint32_t)sizeof(struct merge_result),     \
                  .doc = "games and retractions to be taken in")
int32_t elo_merge(struct elo_sync *p, rh_req req, const struct merge_req *merge);
/* Takes the results of a request or of a reply; the batch is submitted. *merged counts what was
 * new. */
int32_t elo_take_results(struct elo_sync *p, const struct rh_list *results, uint64_t *merged);
/* Hears the clock of another node; false: it is refused, and that is logged. */
bool elo_hear(struct elo_sync *p, struct rh_str from, uint64_t clock);

/* wire_repair.c: the asking side. Begins soon; while one runs, another follows. */
void elo_repair_soon(struct elo_sync *p, int64_t delay_ms);
void elo_repair_drop(struct elo_sync *p);
/* The peer table has changed: a node that was not alive before is compared with soon. */
void elo_on_peers(struct elo_sync *p);
/* POST /elo/repair: answered when it is over. */
int32_t elo_repair_now(struct elo_sync *p, rh_req req);

/* wire_push.c: tell the other nodes of an entry, soon. */
void elo_push(struct elo_sync *p, struct entry *entry);
void elo_push_drop(struct elo_sync *p);

/* wire_announce.c: where this node leads, ELO_UPDATED for what was not announced yet. */
void elo_announce(struct elo_sync *p);
void elo_announce_drop(struct elo_sync *p);
/* Who leads has changed, or may have. */
void elo_on_leader(struct elo_sync *p);

/* wire_event.c: games in the results of evaluation work. */
void elo_on_evaluation(void *self, const struct rh_event *event);

/* wire_ranking.c and wire_history.c: the reading routes. */
struct rankings_req {
    struct rh_str board_type;
    struct rh_str system;
    struct rh_str anchor;
    int64_t limit;
    int64_t min_games;
};
int32_t elo_rankings(struct elo_sync *p, rh_req req, const struct rankings_req *asked);
/* One line of the list. */
struct ranking_row {
    const char *name; /* borrowed */
    double rating;
    double error_95;
    double volatility; /* Glicko-2 only */
    uint32_t games, wins, losses, draws;
};
/* What a system has to say of a board; texts are borrowed. */
struct ranking {
    struct rh_str board_type;
    const char *system;
    struct ranking_row *rows;
    uint32_t count;
    int64_t games; /* of the board */
    int64_t limit; /* rows to show */
    double prior;  /* Bradley-Terry only */
    bool has_prior;
};
/* Name and counts of a player. */
void elo_fill_row(struct ranking_row *row, const struct board_player *player);
/* Sorts the rows and answers; a negative code: nothing was answered. */
int32_t elo_reply_ranking(struct elo_sync *p, rh_req req, struct ranking *ranking);

/* wire_bradley.c: fits at once; one more is refused (EBUSY). */
#define BRADLEY_JOBS_MAX 4u
/* Answers later, or returns a negative code. */
int32_t elo_rank_by_bradley(struct elo_sync *p, rh_req req, const struct board *board,
                            const struct rankings_req *asked);
struct history_req {
    struct rh_str player;
    struct rh_str board_type;
    int64_t limit;
    int64_t before;
};
int32_t elo_history(struct elo_sync *p, rh_req req, const struct history_req *asked);
struct pair_req {
    struct rh_str a;
    struct rh_str b;
    struct rh_str board_type;
};
int32_t elo_head_to_head(struct elo_sync *p, rh_req req, const struct pair_req *asked);
int32_t elo_game(struct elo_sync *p, rh_req req, struct rh_str game_id);
int32_t elo_status(struct elo_sync *p, rh_req req);

/* The one board when none is named and there is one; words and a negative code else. */
int32_t elo_pick_board(struct elo_sync *p, struct rh_str type, struct board **out);

#endif
