/* Games of engines as somebody orders them: how they are played, and how they are queued as work
 * items. The fields of a request, and what is kept of it with whatever the games belong to. Pure.
 */
#ifndef RH_SDK_GTP_ORDER_H
#define RH_SDK_GTP_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/work_add.h>

/* How games are played. All-zero but for board_size is a game without limits; ko_rule "" = simple.
 */
struct rh_gtp_rules {
    struct rh_str ko_rule;
    int64_t board_size;
    int64_t komi_halves; /* komi times two; may be negative */
    int64_t move_time_ms;
    int64_t game_time_ms;
    int64_t command_time_ms;
    int64_t max_moves; /* 0 = the executor's own limit */
};

/* The same with what a work item says besides. Texts are borrowed. */
struct rh_gtp_order {
    struct rh_gtp_rules rules;
    struct rh_str board_type;
    struct rh_str config_key;
    struct rh_str requires_json; /* JSON array of strings */
    int64_t max_attempts;
    int64_t priority;
    int64_t timeout_s;     /* lease of an item; 0 = the queue's own */
    int64_t max_runtime_s; /* of an attempt; 0 = none */
    int64_t min_vram_mb;
    bool needs_gpu;
};

/* The members that RH_GTP_ASK_ROWS fills: the first member of a request's struct. The seed is the
 * owner's to use. */
struct rh_gtp_ask {
    struct rh_str board_type;
    struct rh_str ko_rule;
    struct rh_str_list requires;
    double komi;
    uint64_t seed;
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

/* Rows of the request's field table. */
#define RH_GTP_DAY_MS 86400000
#define RH_GTP_ASK_ROWS                                                                          \
    RH_TEXT(struct rh_gtp_ask, board_type, 0, 64,                                                \
            "board type of the work items; default go<board_size>"),                             \
        RH_INT(struct rh_gtp_ask, board_size, 9, 2, 25, "lines of the board"),                   \
        RH_NUMBER(struct rh_gtp_ask, komi, 7.5, -400.0, 400.0,                                   \
                  "points for white, a multiple of 0.5"),                                        \
        RH_CHOICE(struct rh_gtp_ask, ko_rule, 0, "simple", "simple positional",                  \
                  "which ko rule holds"),                                                        \
        RH_INT(struct rh_gtp_ask, move_time_ms, 10000, 0, RH_GTP_DAY_MS,                         \
               "time for a move; 0 = no limit"),                                                 \
        RH_INT(struct rh_gtp_ask, game_time_ms, 600000, 0, RH_GTP_DAY_MS,                        \
               "time of a player in a game; 0 = no limit"),                                      \
        RH_INT(struct rh_gtp_ask, command_time_ms, 60000, 0, RH_GTP_DAY_MS,                      \
               "time for any other command"),                                                    \
        RH_INT(struct rh_gtp_ask, max_moves, 0, 0, 5000,                                         \
               "a longer game is an error; 0 = 3 * size * size"),                                \
        RH_INT(struct rh_gtp_ask, max_attempts, 3, 1, RH_WORK_ATTEMPTS_MAX,                      \
               "attempts at a game before it is given up"),                                      \
        RH_FIELD_ROW_(struct rh_gtp_ask, seed, RH_FIELD_U64,                                     \
                      .given_offset = 1 + (uint32_t)offsetof(struct rh_gtp_ask, has_seed),       \
                      .doc = "makes the games repeatable; random when left out"),                \
        RH_INT(struct rh_gtp_ask, priority, 50, 0, RH_WORK_PRIORITY_MAX,                         \
               "of the work items, higher first"),                                               \
        RH_INT(struct rh_gtp_ask, timeout_s, 0, 0, RH_WORK_TIMEOUT_MAX_S,                        \
               "lease of a work item; 0 = the queue's own"),                                     \
        RH_INT(struct rh_gtp_ask, max_runtime_s, 0, 0, RH_WORK_RUNTIME_MAX_S,                    \
               "longest run of a game; 0 = no limit"),                                           \
        RH_FIELD_ROW_(struct rh_gtp_ask, requires, RH_FIELD_STRING_LIST,                         \
                      .max = RH_WORK_REQUIRES_MAX, .doc = "capabilities that a node must have"), \
        RH_BOOL(struct rh_gtp_ask, needs_gpu, false, "only nodes with a GPU"),                   \
        RH_INT(struct rh_gtp_ask, min_vram_mb, 0, 0, RH_WORK_VRAM_MAX,                           \
               "GPU memory a node must have")

/* What the rows cannot say: NULL, or why the field "komi" is refused. Static. [any] */
const char *rh_gtp_ask_problem(const struct rh_gtp_ask *ask);

/* Fills an order. Its texts are borrowed from the request, or, those that are made for it, from
 * `texts`, an empty buffer to be released after it. Returns texts->rc. [any] */
int32_t rh_gtp_order_init(struct rh_gtp_order *order, const struct rh_gtp_ask *ask,
                          struct rh_buf *texts);

/* The numbers of an order in a stored record: as many one way as the other, needs_gpu and the texts
 * not among them. Errors stay in the buffer and in the reader. [any] */
void rh_gtp_order_put_numbers(const struct rh_gtp_order *order, struct rh_buf *buf);
void rh_gtp_order_get_numbers(struct rh_gtp_order *order, struct rh_record_reader *reader);

#endif
