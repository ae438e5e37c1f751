/* What is known of a tournament, of each match and of each game that is a work item, as stored
 * records; not how they are found or kept. */
#ifndef RH_PLUGINS_TOURNAMENT_RECORD_H
#define RH_PLUGINS_TOURNAMENT_RECORD_H

#include <ringhost/sdk/buf.h>

#include "series.h"
#include "standings.h"

/* Sizes of kept texts, NUL included; longer ones are cut. */
#define TEXT_ID_SIZE   128u
#define TEXT_WORD_SIZE 32u
#define TEXT_NAME_SIZE 128u
#define TEXT_NOTE_SIZE 384u

/* The longest stored spec: names and command lines, in bytes. */
#define RECORD_BYTES_MAX (192u * 1024u)

/* What a point of a round robin is given for. */
enum scoring { SCORING_GAMES = 0, SCORING_MATCHES, SCORING_COUNT };

/* What was asked for; never changes. Strings are borrowed from the record it was decoded from. */
struct spec {
    struct rh_str id;
    struct rh_str board_type;
    struct rh_str config_key;
    struct rh_str ko_rule;
    struct rh_str idempotency_key; /* of the request, "" = none */
    struct rh_str requires_json;   /* JSON array of strings */
    struct rh_str work_type;       /* of the items */
    struct rh_str names[PLAN_PLAYERS_MAX];
    struct rh_str argv_json[PLAN_PLAYERS_MAX]; /* JSON arrays; "" if is_external */
    struct rh_str inputs[PLAN_PLAYERS_MAX];    /* their artifacts, "" = none */
    struct plan_options options;
    struct series_rules series;
    struct tiebreak_list tiebreaks;
    uint8_t scoring;
    bool is_external; /* referees report all results, nothing is dispatched */
    bool needs_gpu;
    uint64_t seed;
    int64_t board_size;
    int64_t komi_halves;
    int64_t move_time_ms;
    int64_t game_time_ms;
    int64_t command_time_ms;
    int64_t max_moves;
    int64_t max_attempts;
    int64_t priority;
    int64_t timeout_s;
    int64_t max_runtime_s;
    int64_t min_vram_mb;
    int64_t created_at_ms; /* Unix ms */
};

enum tournament_state {
    TOURNAMENT_RUNNING = 0,
    TOURNAMENT_COMPLETED,
    TOURNAMENT_CANCELLED,
    TOURNAMENT_FAILED, /* the queue refuses its games for good */
    TOURNAMENT_STATES
};

/* Where it stands. */
struct status {
    uint8_t state;     /* enum tournament_state */
    bool is_settled;   /* no item of it is alive in the queue any more */
    bool is_announced; /* an event was emitted */
    uint16_t winner;   /* seed of who won, once it is completed; 0 = nobody */
    uint32_t decided;
    int64_t finished_at_ms;     /* Unix ms, 0 = not yet */
    char error[TEXT_NOTE_SIZE]; /* why it failed, in the queue's own words; "" = it did not */
    uint64_t announced; /* digest of the standings that the last event told of; 0 = not known */
};

/* How a match got its outcome. */
enum decided_by {
    BY_NOBODY = 0,
    BY_GAMES,   /* its games were played here */
    BY_SEED,    /* drawn to the last extra game: the lower seed number goes on */
    BY_REPORT,  /* a referee's word */
    BY_FORFEIT, /* a side did not play, or broke its games */
    BY_COUNT
};

/* Sides that forfeited. */
#define FORFEIT_FIRST  1u
#define FORFEIT_SECOND 2u

/* One match that is decided, was corrected or cannot go on. All-zero is one that was not touched.
 */
struct match_record {
    uint8_t outcome;       /* enum outcome */
    uint8_t by;            /* enum decided_by */
    uint8_t forfeit;       /* mask of FORFEIT_... */
    bool has_scores;       /* halves are known */
    bool is_stuck;         /* no further game will be tried; note says why */
    uint32_t generation;   /* raised when its players changed or it is to be played anew */
    uint32_t halves[2];    /* points of the sides, in halves */
    int64_t decided_at_ms; /* Unix ms */
    char note[TEXT_NOTE_SIZE];
    /* What the ratings know of it; see rated.h. */
    bool is_rated;        /* they have the report numbered `reports` */
    bool games_gone;      /* they do not have its games any more */
    uint32_t reports;     /* that they were ever told */
    int64_t played_at_ms; /* when it was first decided; 0 = by nobody's word yet */
};

/* One work item that is over. */
struct game_record {
    uint8_t outcome; /* enum game_outcome; NONE = an error */
    bool is_last;    /* of an error: no further attempt is of use */
    uint32_t attempt;
    int64_t moves;
    int64_t engine_seed;
    int64_t duration_ms;
    int64_t finished_at_ms; /* Unix ms, when its item was over */
    char work_id[TEXT_ID_SIZE];
    char node_id[TEXT_ID_SIZE];
    char score[TEXT_WORD_SIZE];  /* "B+3.5" */
    char reason[TEXT_WORD_SIZE]; /* "score", "resign" */
    char error_kind[TEXT_WORD_SIZE];
    char error_player[TEXT_NAME_SIZE];
    char error[TEXT_NOTE_SIZE];
};

/* An item beyond the first one of a game: a second try, or a match that is played anew. */
struct extra_record {
    uint32_t match;
    uint32_t game;
    uint32_t generation;
};

/* A game as the ratings are to be told of it: who played, by seed, and who won. It says so on its
 * own, as a correction may give the match other players afterwards. */
struct unrated_record {
    uint16_t players[2]; /* black, white */
    uint8_t outcome;     /* enum game_outcome, of black and white: never NONE */
    int64_t finished_at_ms;
};

/* Each appends a record, or reads one back: RH_OK or RH_EINVAL. Errors of writing stay in buf. A
 * decoded spec borrows from its record. [any] */
void tournament_spec_encode(const struct spec *spec, struct rh_buf *buf);
int32_t tournament_spec_decode(struct rh_str record, struct spec *out);
void tournament_status_encode(const struct status *status, struct rh_buf *buf);
int32_t tournament_status_decode(struct rh_str record, struct status *out);
void tournament_match_encode(const struct match_record *match, struct rh_buf *buf);
int32_t tournament_match_decode(struct rh_str record, struct match_record *out);
void tournament_game_encode(const struct game_record *game, struct rh_buf *buf);
int32_t tournament_game_decode(struct rh_str record, struct game_record *out);
void tournament_extra_encode(const struct extra_record *extra, struct rh_buf *buf);
int32_t tournament_extra_decode(struct rh_str record, struct extra_record *out);
void tournament_unrated_encode(const struct unrated_record *game, struct rh_buf *buf);
int32_t tournament_unrated_decode(struct rh_str record, struct unrated_record *out);

/* Copies what fits of a text, without a cut UTF-8 sequence at the end. [any] */
void tournament_cut(char *dst, size_t size, struct rh_str text);

/* "running", ...; "games", ... [any] */
const char *tournament_state_name(uint8_t state);
const char *decided_by_name(uint8_t by);
const char *scoring_name(uint8_t scoring);

#endif
