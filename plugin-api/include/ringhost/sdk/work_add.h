/* The fields of one item of POST /work/add, for the queue that takes them and for plugins that take
 * a template of an item from somebody and are to say at once what is wrong with it. */
#ifndef RH_SDK_WORK_ADD_H
#define RH_SDK_WORK_ADD_H

#include <stddef.h>
#include <stdint.h>

#include <ringhost/fields.h>

/* Limits of an item. Bytes, counts, seconds. */
#define RH_WORK_NAME_MAX    256 /* bytes of each name */
#define RH_WORK_PAYLOAD_MAX 65536
/* Objects and arrays one in the other in JSON that the queue keeps: payload, progress, checkpoint,
 * result. Documents that they are handed on in may be nested twice as deep. */
#define RH_WORK_DEPTH_MAX     32
#define RH_WORK_REQUIRES_MAX  32
#define RH_WORK_FILES_MAX     32 /* inputs, and outputs */
#define RH_WORK_DEPENDS_MAX   32
#define RH_WORK_PRIORITY_MAX  100
#define RH_WORK_ATTEMPTS_MAX  100
#define RH_WORK_PLAYERS_MAX   64
#define RH_WORK_VRAM_MAX      16777216 /* MiB */
#define RH_WORK_TIMEOUT_MAX_S 604800
#define RH_WORK_RUNTIME_MAX_S 2592000
#define RH_WORK_DELAY_MAX_S   2592000

/* Fields of an item: rows of RH_WORK_ADD_ROWS. */
#define RH_WORK_ADD_FIELDS 19u

/* The members that RH_WORK_ADD_ROWS fills; a struct may have others besides. */
struct rh_work_add {
    struct rh_str work_type, config_key, board_type, group, idempotency_key, target_node, payload;
    struct rh_str_list requires, depends_on, inputs, outputs;
    int64_t num_players, priority, min_vram_mb, timeout_s, max_runtime_s, max_attempts, delay_s;
    int32_t needs_gpu;
    uint8_t given[RH_WORK_ADD_FIELDS]; /* 1 for each field that was given, in the order of rows */
};

/* Rows of struct s: the n-th sets given[n]. work_type is required, which they cannot say, as the
 * queue takes a list of items in place of one. */
#define RH_WORK_ADD_ROW_(s, n, m, kind, ...) \
    RH_FIELD_ROW_(s, m, kind, __VA_ARGS__, .given_offset = 1 + (uint32_t)offsetof(s, given) + (n))
#define RH_WORK_ADD_TEXT_(s, n, m, d) \
    RH_WORK_ADD_ROW_(s, n, m, RH_FIELD_STRING, .max = RH_WORK_NAME_MAX, .doc = (d))
#define RH_WORK_ADD_INT_(s, n, m, def, lo, hi, d) \
    RH_WORK_ADD_ROW_(s, n, m, RH_FIELD_INT, .fallback = #def, .min = (lo), .max = (hi), .doc = (d))
#define RH_WORK_ADD_LIST_(s, n, m, hi, d) \
    RH_WORK_ADD_ROW_(s, n, m, RH_FIELD_STRING_LIST, .max = (hi), .doc = (d))
#define RH_WORK_ADD_ROWS(s)                                                                        \
    RH_WORK_ADD_TEXT_(s, 0, work_type, "what to do: selfplay, training, ...; required"),           \
        RH_WORK_ADD_TEXT_(s, 1, config_key,                                                        \
                          "board and players, \"hex8_2p\"; derived when left out"),                \
        RH_WORK_ADD_TEXT_(s, 2, board_type, "board"),                                              \
        RH_WORK_ADD_INT_(s, 3, num_players, 0, 0, RH_WORK_PLAYERS_MAX, "players; 0 = not said"),   \
        RH_WORK_ADD_INT_(s, 4, priority, 50, 0, RH_WORK_PRIORITY_MAX, "higher first"),             \
        RH_WORK_ADD_ROW_(s, 5, payload, RH_FIELD_RAW_OBJECT,                                       \
                         .doc = "handed to the worker as it is; at most 64 KiB, nested 32 deep"),  \
        RH_WORK_ADD_LIST_(s, 6, requires, RH_WORK_REQUIRES_MAX,                                    \
                          "capabilities that the claimant must have"),                             \
        RH_WORK_ADD_ROW_(s, 7, needs_gpu, RH_FIELD_BOOL, .fallback = "false",                      \
                         .doc = "only for nodes with a GPU"),                                      \
        RH_WORK_ADD_INT_(s, 8, min_vram_mb, 0, 0, RH_WORK_VRAM_MAX, "memory of one GPU, MiB"),     \
        RH_WORK_ADD_INT_(s, 9, timeout_s, 0, 0, RH_WORK_TIMEOUT_MAX_S,                             \
                         "the lease; 0 = claim_timeout"),                                          \
        RH_WORK_ADD_INT_(s, 10, max_runtime_s, 0, 0, RH_WORK_RUNTIME_MAX_S,                        \
                         "longest attempt; 0 = no limit"),                                         \
        RH_WORK_ADD_INT_(s, 11, max_attempts, 3, 1, RH_WORK_ATTEMPTS_MAX,                          \
                         "attempts before it is dead"),                                            \
        RH_WORK_ADD_TEXT_(s, 12, group, "name that items belong together under"),                  \
        RH_WORK_ADD_TEXT_(                                                                         \
            s, 13, idempotency_key,                                                                \
            "the same item again gives the first one; another one with this key is refused"),      \
        RH_WORK_ADD_TEXT_(s, 14, target_node, "only for this node"),                               \
        RH_WORK_ADD_INT_(s, 15, delay_s, 0, 0, RH_WORK_DELAY_MAX_S, "not before so many seconds"), \
        RH_WORK_ADD_LIST_(s, 16, depends_on, RH_WORK_DEPENDS_MAX,                                  \
                          "items to be done first: ids, \"key:\" and an idempotency key, or "      \
                          "\"#\" and a place in the batch"),                                       \
        RH_WORK_ADD_LIST_(s, 17, inputs, RH_WORK_FILES_MAX,                                        \
                          "artifacts that it needs: NAME=SHA256, or NAME=SHA256:MODE"),            \
        RH_WORK_ADD_LIST_(s, 18, outputs, RH_WORK_FILES_MAX,                                       \
                          "files that it leaves, stored as artifacts")

#endif
