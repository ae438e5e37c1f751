/* The stored forms of a job: spec, status, answers and rows of generations; not where they lie. */
#ifndef RH_PLUGINS_CMAES_RECORD_H
#define RH_PLUGINS_CMAES_RECORD_H

#include <ringhost/sdk/buf.h>

#include "job.h"

/* The longest template of a work item, and the longest stored spec. Bytes. */
#define EVALUATE_BYTES_MAX (64u * 1024u)
#define RECORD_BYTES_MAX   (96u * 1024u)

/* Append the stored form; errors stay in buf->rc. [any] */
void job_spec_encode(const struct job_spec *spec, struct rh_buf *buf);
void job_status_encode(const struct job_status *status, struct rh_buf *buf);
void job_report_encode(const struct report *report, struct rh_buf *buf);
void generation_row_encode(const struct generation_row *row, struct rh_buf *buf);

/* Read it back; a spec's strings are borrowed from the record. RH_EINVAL for a broken record or one
 * of another version; *out is then not to be used. [any] */
int32_t job_spec_decode(struct rh_str record, struct job_spec *out);
int32_t job_status_decode(struct rh_str record, struct job_status *out);
int32_t job_report_decode(struct rh_str record, struct report *out);
int32_t generation_row_decode(struct rh_str record, struct generation_row *out);

#endif
