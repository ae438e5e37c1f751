/* What is known of a gauntlet and of each game, and both as stored records; not how they are found
 * or kept. */
#ifndef RH_PLUGINS_GAUNTLET_RECORD_H
#define RH_PLUGINS_GAUNTLET_RECORD_H

#include <ringhost/sdk/buf.h>

#include "schedule.h"
#include "sprt.h"
#include "tally.h"

/* Sizes of texts kept with a game, NUL included; longer ones are cut. */
#define GAME_ID_SIZE     128u
#define GAME_WORD_SIZE   32u
#define GAME_PLAYER_SIZE 128u
#define GAME_ERROR_SIZE  384u

/* The longest stored spec: 17 command lines and the names, in bytes. */
#define RECORD_BYTES_MAX (128u * 1024u)

/* What was asked for; never changes. Strings are borrowed from the record it was decoded from. */
struct gauntlet_spec {
    struct rh_str id;
    struct rh_str model;
    struct rh_str type; /* quick, standard, thorough, custom or sprt */
    struct rh_str board_type;
    struct rh_str config_key;
    struct rh_str ko_rule;
    struct rh_str idempotency_key; /* of the request, "" = none */
    struct rh_str requires_json;   /* JSON array of strings */
    struct rh_str baselines[SCHEDULE_BASELINES_MAX];
    struct rh_str
        argv_json[SCHEDULE_BASELINES_MAX + 1];        /* JSON arrays: the model, then baselines */
    struct rh_str inputs[SCHEDULE_BASELINES_MAX + 1]; /* their artifacts, "" = none */
    uint32_t baseline_count;                          /* at least 1 */
    uint32_t games_per_baseline;                      /* even, at least 2 */
    uint64_t seed;
    int64_t board_size;
    int64_t komi_halves; /* komi times two; may be negative */
    int64_t move_time_ms;
    int64_t game_time_ms;
    int64_t command_time_ms;
    int64_t max_moves; /* 0 = the executor's own limit */
    int64_t max_attempts;
    int64_t priority;
    int64_t timeout_s;     /* lease of an item; 0 = the queue's own */
    int64_t max_runtime_s; /* of an attempt; 0 = none */
    int64_t min_vram_mb;
    int64_t created_at_ms; /* Unix ms */
    bool needs_gpu;
    bool has_sprt;    /* each baseline's games end as soon as its test does */
    bool is_by_games; /* the test counts games; else pairs of them */
    struct sprt sprt;
};

enum gauntlet_state {
    GAUNTLET_RUNNING = 0,
    GAUNTLET_COMPLETED,
    GAUNTLET_CANCELLED,
    GAUNTLET_FAILED, /* the queue refuses its games for good */
    GAUNTLET_STATES
};

/* Where it stands. total is filled in when it ends, so that lists need not read the games. */
struct gauntlet_status {
    uint8_t state;          /* enum gauntlet_state */
    bool is_settled;        /* no item of it is alive in the queue any more */
    int64_t finished_at_ms; /* Unix ms, 0 = not yet */
    struct tally total;
    uint8_t verdict; /* enum verdict and enum verdict_reason, of the whole */
    uint8_t reason;
    uint8_t decisions[SCHEDULE_BASELINES_MAX]; /* enum sprt_decision of each baseline's test; a
                                                  final one stays, whatever games still come */
    char error[GAME_ERROR_SIZE]; /* why it failed, in the queue's own words; "" = it did not */
};

/* One game that is over. All-zero is a game of which nothing is known. */
struct game_result {
    uint8_t outcome; /* enum outcome */
    uint32_t attempt;
    int64_t moves;
    int64_t engine_seed;
    int64_t duration_ms;
    int64_t ended_at_ms; /* Unix ms, when its item was over */
    char work_id[GAME_ID_SIZE];
    char node_id[GAME_ID_SIZE];
    char score[GAME_WORD_SIZE];  /* "B+3.5" */
    char reason[GAME_WORD_SIZE]; /* "score", "resign" */
    char error_kind[GAME_WORD_SIZE];
    char error_player[GAME_PLAYER_SIZE];
    char error[GAME_ERROR_SIZE];
};

/* "running", "completed", "cancelled", "failed"; static. [any] */
const char *gauntlet_state_name(uint8_t state);

/* All games of it. [any] */
uint32_t gauntlet_game_count(const struct gauntlet_spec *spec);

/* Copies as much of s as fits and terminates it; a NUL byte ends it early. size >= 1. [any] */
void game_text_cut(char *dst, size_t size, struct rh_str s);

/* Append the stored form to buf; errors stay in buf->rc. [any] */
void gauntlet_spec_encode(const struct gauntlet_spec *spec, struct rh_buf *buf);
void gauntlet_status_encode(const struct gauntlet_status *status, struct rh_buf *buf);
void gauntlet_game_encode(const struct game_result *game, struct rh_buf *buf);

/* Read it back; spec's strings are borrowed from the record. RH_EINVAL for a broken record or one
 * of another version; *out is then not to be used. [any] */
int32_t gauntlet_spec_decode(struct rh_str record, struct gauntlet_spec *out);
int32_t gauntlet_status_decode(struct rh_str record, struct gauntlet_status *out);
int32_t gauntlet_game_decode(struct rh_str record, struct game_result *out);

#endif
