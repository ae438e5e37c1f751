/* What the wiring files of validation share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_LOOP_VALIDATION_WIRE_H
#define RH_PLUGINS_LOOP_VALIDATION_WIRE_H

#include <ringhost/sdk/leader_call.h>
#include <ringhost/sdk/loop_actions.h>
#include <ringhost/sdk/store.h>

#include "validation.h"

#define VALIDATION_NAMESPACE "validation"
#define VALIDATION_LOOP      "validation"

/* Trainings that one run looks into. */
#define FOUND_MAX 64u
/* Trainings that finished so long before the last one seen are looked at again: clocks of leaders
 * differ. Milliseconds. */
#define OVERLAP_MS (3600 * INT64_C(1000))

/* Kinds of rows: model -> record; training -> when it finished; when the last one did (id ""). */
#define KEY_MODEL    'm'
#define KEY_TRAINING 'w'
#define KEY_CURSOR   'c'

/* How models of some configs are validated. */
struct rule_config {
    struct rh_str config_key; /* glob */
    struct rh_str_list baselines;
    int64_t board_size;
    double komi;
    int64_t priority;
    struct rh_str_list requires;
    int32_t needs_gpu;
};

struct validation_config {
    int64_t loop_validation;
    int32_t enabled;
    int32_t dry_run;
    struct rh_list gauntlets;
    int64_t starts_max;
    int64_t keep_max;
};

/* A finished training that is not in the store. */
struct found {
    char work_id[MODEL_ID_SIZE];
    int64_t finished_at_ms;
};

struct plugin {
    struct rh_services rh;
    const struct validation_config *config;
    struct rh_loop_actions actions;
    uint64_t epoch;
    struct found found[FOUND_MAX];
    uint32_t found_count;
    uint32_t next_found;
    int64_t newest_ms; /* of all trainings listed */
    bool is_all;       /* every training that finished has been listed and looked into */
    struct validation_pick pick;
    uint32_t next_pick;
};

/* wire_store.c: rows. A model of the store: RH_OK, RH_ENOTFOUND, or why it cannot be read. */
int32_t models_get(struct plugin *p, struct rh_str name, struct model *out);
void models_put(struct rh_batch_builder *batch, const struct model *model);
/* Models that play next into p->pick; *count = models kept, and those that are too many go, the
 * oldest started ones first, into the batch. */
int32_t models_pick(struct plugin *p, struct rh_batch_builder *batch);
/* Lists models after a name into an open array. */
int32_t models_list(struct plugin *p, struct rh_str after, uint32_t limit,
                    struct rh_json_writer *w);
/* When the last training seen finished; 0 = none. */
int32_t cursor_get(struct plugin *p, int64_t *at_ms);
void cursor_put(struct rh_batch_builder *batch, int64_t at_ms);
int32_t training_is_known(struct plugin *p, struct rh_str work_id, bool *is_known);
void training_put(struct rh_batch_builder *batch, struct rh_str work_id, int64_t finished_at_ms);
/* Trainings that will not be listed again are forgotten. */
int32_t trainings_prune(struct plugin *p, struct rh_batch_builder *batch, int64_t before_ms);

/* wire_find.c: begins a run with the trainings that finished. */
int32_t validation_find(struct plugin *p);
/* A model is to be validated; into the batch unless it is known. */
int32_t validation_want(struct plugin *p, struct rh_batch_builder *batch,
                        const struct model *model);

/* wire_play.c: goes on with the gauntlets, and ends the run. */
void validation_play(struct plugin *p);
void validation_finish(struct plugin *p, int32_t rc);

#endif
