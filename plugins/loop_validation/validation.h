/* Models that are to be validated: what is kept of each, and which are to play next. Pure. */
#ifndef RH_PLUGINS_LOOP_VALIDATION_VALIDATION_H
#define RH_PLUGINS_LOOP_VALIDATION_VALIDATION_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>

/* Gauntlets that one run starts at most. */
#define VALIDATION_STARTS_MAX 3u
/* Bytes, NUL included. A model's name is also part of an idempotency key. */
#define MODEL_NAME_SIZE  101u
#define MODEL_TEXT_SIZE  257u
#define MODEL_ID_SIZE    64u
#define MODEL_ERROR_SIZE 257u

enum model_state { MODEL_WANTED, MODEL_STARTED };

/* One model. Times are Unix ms. */
struct model {
    char name[MODEL_NAME_SIZE];
    char work_id[MODEL_ID_SIZE]; /* of the training, "" = not a work item */
    char config_key[MODEL_TEXT_SIZE];
    char board_type[MODEL_TEXT_SIZE];
    char gauntlet_id[MODEL_ID_SIZE]; /* started only */
    char error[MODEL_ERROR_SIZE];    /* why the last attempt to start it failed */
    int64_t wanted_at_ms;
    int64_t not_before_ms;
    uint32_t attempts; /* to start it, failed ones */
    enum model_state state;
};

/* The record of a model, without its name; the error stays in buf. [any] */
void model_encode(const struct model *model, struct rh_buf *buf);
/* RH_OK, or RH_EINVAL; out->name is left alone. [any] */
int32_t model_decode(struct rh_str record, struct model *out);

/* Starting its gauntlet failed: it is tried again after a time that doubles from base_ms to a day.
 * [any] */
void model_put_off(struct model *model, struct rh_str error, int64_t base_ms, int64_t now_ms);

/* The models that play next: wanted and due, the longest wanted first. */
struct validation_pick {
    struct model models[VALIDATION_STARTS_MAX];
    uint32_t count;
    uint32_t max; /* at most VALIDATION_STARTS_MAX */
};
void validation_see(struct validation_pick *pick, const struct model *model, int64_t now_ms);

#endif
