/* Runs, their matches and the lines of the joblog as stored records; not how they are found or
 * kept. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_RECORD_H
#define RH_PLUGINS_SSH_TOURNAMENT_RECORD_H

#include <ringhost/sdk/buf.h>

#include "run.h"

/* The longest spec, in bytes: what one value of the store takes, less what goes around it. */
#define RECORD_SPEC_MAX  (1000u * 1024u)
#define RECORD_MATCH_MAX 2048u

/* A line of the joblog: one attempt that is over. Texts are borrowed. */
struct joblog {
    uint32_t match;
    uint32_t attempt; /* from 1 */
    uint8_t verdict;  /* enum attempt_verdict */
    int32_t code;
    int64_t begun_at_ms; /* Unix ms */
    int64_t ended_at_ms;
    int64_t output_bytes;
    struct rh_str host;
    struct rh_str reason;
};

/* What a list of runs shows, and how a run stands. */
struct run_summary {
    struct run_status status;
    int64_t created_at_ms;
    uint32_t counts[MATCH_STATE_COUNT];
    char label[RUN_LABEL_SIZE];
};

struct run_summary run_summary(const struct run *run);

/* Each appends one record; errors stay in out. [any] */
void record_spec(const struct run_spec *spec, struct rh_buf *out);
void record_summary(const struct run_summary *summary, struct rh_buf *out);
void record_match(const struct match *match, struct rh_buf *out);
void record_joblog(const struct joblog *line, struct rh_buf *out);

/* A run with all its matches pending, from its spec's record; for run_free. RH_EINVAL: it is no
 * such record, or not of this version; RH_ENOMEM. [any] */
int32_t record_run_new(struct rh_str record, struct run **out);

/* RH_OK, or RH_EINVAL and *out not written. A match's host is below host_count. [any] */
int32_t record_summary_read(struct rh_str record, struct run_summary *out);
int32_t record_match_read(struct rh_str record, uint32_t host_count, struct match *out);
int32_t record_joblog_read(struct rh_str record, struct joblog *out);

#endif
