/* What the wiring files of the plugin share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_CMAES_WIRE_H
#define RH_PLUGINS_CMAES_WIRE_H

#include <ringhost/sdk/lives.h>
#include <ringhost/sdk/work_add.h>
#include <ringhost/sdk/work_group.h>

#include "job.h"
#include "record.h"

#define CMAES_NAMESPACE "cmaes"
#define CMAES_COMPLETED "CMAES_COMPLETED"
#define CMAES_FAILED    "CMAES_FAILED"

/* Jobs that run at once; generations of theirs whose last items are being cancelled come on top in
 * the queue's groups. */
#define LIVE_MAX 64u

/* The size of a fitness; sums of two are still numbers. */
#define FITNESS_MAX 1e300

/* Rows of generations that are kept of one job; the oldest go first. */
#define ROWS_KEPT 10000u

struct cmaes_config {
    int64_t poll_interval; /* ms */
    int64_t live_max;
    int64_t keep_max; /* jobs on disk */
};

struct live;

/* The items of one generation in the queue. */
struct item_group {
    struct rh_work_group work;
    struct live *live; /* whose open generation it is; NULL = ended, its last items are cancelled */
    bool is_awake;     /* the queue has heard of it, or of its end */
};

/* A job in memory. */
struct live {
    struct rh_live base;
    struct job *job;            /* its thing */
    struct item_group *open;    /* of the open generation; NULL where evaluators ask */
    struct generation_row last; /* of the generation before, which the store may not show yet */
    bool has_last;
    char error[JOB_ERROR_SIZE]; /* the last error that was reported; for people */
};

struct plugin {
    struct rh_services rh;
    const struct cmaes_config *config;
    struct rh_lives lives;
    struct rh_work_groups work;
    struct item_group *groups[RH_WORK_GROUPS_MAX];
    uint32_t group_count;
    struct rh_batch_builder batch; /* what was taken from the page under way */
};

/* One of POST /cmaes/start's parameters. */
struct parameter_req {
    struct rh_str name;
    struct rh_str type;
    double initial;
    double lower;
    double upper;
    double scale;
    uint8_t has_initial;
    uint8_t has_lower;
    uint8_t has_upper;
    uint8_t has_scale;
};

struct stop_req {
    double target;
    double tolfun;
    double tolfunhist;
    double tolx;
    double condition;
    double sigma_growth;
    int64_t max_evaluations;
    int64_t max_generations;
    int64_t flat_generations;
    uint8_t has_target;
};

/* POST /cmaes/start. */
struct start_req {
    struct rh_list parameters;
    struct rh_str restarts;
    struct rh_str goal;
    struct rh_work_add evaluate; /* its text is in the body */
    struct rh_str fitness_path;
    struct rh_str idempotency_key;
    struct stop_req stop;
    double initial;
    double lower;
    double upper;
    double sigma0;
    double quorum;
    uint64_t seed;
    int64_t dimension;
    int64_t population;
    int64_t max_generations;
    int64_t max_restarts;
    int64_t generation_timeout_s;
    int64_t ask_again_s;
    uint8_t has_initial;
    uint8_t has_lower;
    uint8_t has_upper;
    uint8_t has_sigma0;
    uint8_t has_seed;
    uint8_t has_evaluate;
};

/* POST /cmaes/report. */
struct report_req {
    struct rh_str job_id;
    struct rh_str candidate_id;
    struct rh_str claim_token;
    struct rh_str error;
    double fitness;
    uint8_t has_fitness;
    uint8_t has_error;
};

/* wire_start.c: checks a request and appends the record of a new job. Answers the request itself
 * when it is refused: *is_answered. A negative code is for the caller to return. */
int32_t cmaes_start_record(struct plugin *p, rh_req req, const struct start_req *start,
                           struct rh_buf *record, bool *is_answered);

/* wire_store.c: rows of the namespace. Those of the owner: `open` gives a job with its open
 * generation's answers. */
int32_t cmaes_store_open(void *self, struct rh_str id, void **thing);
void cmaes_store_forget(void *self, struct rh_batch_builder *batch, struct rh_str id);
/* One row; RH_ENOTFOUND. Rows before `before`, newest first, into rows; how many. */
int32_t cmaes_store_row(struct plugin *p, struct rh_str id, uint64_t generation,
                        struct generation_row *out);
int32_t cmaes_store_rows(struct plugin *p, struct rh_str id, uint64_t before, uint32_t limit,
                         struct generation_row *rows, uint32_t *count);
/* Groups of ended generations that still have items alive: ids into ids; how many. */
int32_t cmaes_store_ended_groups(struct plugin *p, char (*ids)[RH_WORK_GROUP_ID_SIZE],
                                 uint32_t ids_max, uint32_t *count);
/* Puts leave errors in the batch. */
void cmaes_store_put_spec(struct rh_batch_builder *batch, const struct job *j,
                          struct rh_str record);
void cmaes_store_put_status(struct rh_batch_builder *batch, const struct job *j);
void cmaes_store_put_snapshot(struct rh_batch_builder *batch, const struct rh_buf *snapshot,
                              struct rh_str id);
void cmaes_store_put_report(struct rh_batch_builder *batch, const struct job *j, uint32_t index);
void cmaes_store_put_row(struct rh_batch_builder *batch, struct rh_str id,
                         const struct generation_row *row);
/* The answers of all generations: those of an ended one are in its row. */
void cmaes_store_delete_reports(struct rh_batch_builder *batch, struct rh_str id);
void cmaes_store_delete_row(struct rh_batch_builder *batch, struct rh_str id, uint64_t generation);
void cmaes_store_put_ended_group(struct rh_batch_builder *batch, const char *id);
void cmaes_store_delete_ended_group(struct rh_batch_builder *batch, const char *id);
/* It needs no memory after this batch. */
void cmaes_store_delete_live(struct rh_batch_builder *batch, struct rh_str id);

/* wire_jobs.c: rows as above, and the one of a generation that ended just now, which the snapshot
 * may not show yet. */
int32_t jobs_rows(struct plugin *p, struct rh_str id, uint64_t before, uint32_t limit,
                  struct generation_row *rows, uint32_t *count);

/* Jobs in memory. */
extern const struct rh_lives_owner cmaes_lives_owner;
/* All that the store says is to be in memory: jobs, and ended generations that still have items. A
 * negative code says why not. */
int32_t jobs_load(struct plugin *p);
void jobs_drop(struct plugin *p);
/* Keep a new one and take it into memory; its items are added once that is recorded. */
int32_t jobs_create(struct plugin *p, struct rh_str record, uint64_t asked, struct live **out);
/* What follows from answers that were put: nothing, or the end of a generation. Into the batch,
 * then commit. */
void jobs_advance(struct plugin *p, struct live *live, struct rh_batch_builder *batch);
/* A running one ends without its result; its items are cancelled once that is recorded. */
void jobs_cancel(struct plugin *p, struct live *live);
/* The same because the queue refuses its candidates for good, with its own words; announced. */
void jobs_fail(struct plugin *p, struct live *live, struct rh_str why);
/* Ends generations whose deadline is past. */
void jobs_check_deadlines(struct plugin *p);
/* Group id of a generation into id. */
void jobs_group_id(const struct job *j, uint64_t generation, char id[RH_WORK_GROUP_ID_SIZE]);
/* Submits, see rh_lives_commit. live NULL = of no job. */
void jobs_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live);

/* wire_work.c: what becomes of candidates that are work items. */
extern const struct rh_work_owner cmaes_work_owner;
void item_group_free(struct plugin *p, struct item_group *group);

/* wire_report.c: POST /cmaes/report. */
int32_t cmaes_report_handle(struct plugin *p, rh_req req, const struct report_req *report);
/* wire_relay.c: a report of a candidate that is a work item goes to the queue, under the token of
 * its claim; answers once the queue has. */
int32_t cmaes_relay_report(struct plugin *p, rh_req req, const struct live *live,
                           const struct report_req *report, uint64_t generation, uint32_t index);

/* wire_reply.c: members of the JSON objects of GET /cmaes/status, of a row of /cmaes/list, and the
 * candidates of /cmaes/ask. */
void cmaes_reply_status(struct rh_json_writer *w, const struct job *j, const struct live *live);
void cmaes_reply_rows(struct rh_json_writer *w, const struct generation_row *rows, uint32_t count);
void cmaes_reply_summary(struct rh_json_writer *w, const struct job *j);
void cmaes_reply_candidates(struct rh_json_writer *w, const struct job *j, const uint32_t *indexes,
                            uint32_t count);
/* {"name": value, ...}: an integer has no dot. */
void cmaes_reply_values(struct rh_json_writer *w, const char *key, const struct job *j,
                        const double *values);

#endif
