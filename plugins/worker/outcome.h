/* What a job's end means for its work item: done, or failed and why; reads no JSON itself. */
#ifndef RH_PLUGINS_WORKER_OUTCOME_H
#define RH_PLUGINS_WORKER_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>

#define OUTCOME_RESULT_MAX (64u * 1024u) /* bytes of a result that the queue takes */
#define OUTCOME_ERROR_MAX                                                                       \
    1200u                     /* bytes of an error text; three times that as JSON fit the queue \
                               */
#define OUTCOME_TAIL_MAX 500u /* bytes of standard error told in it */

/* Why the worker itself ended the job. */
enum outcome_stop {
    OUTCOME_STOP_NONE,
    OUTCOME_STOP_CANCELLED, /* the queue asked for it */
    OUTCOME_STOP_STALE,     /* the claim has passed to somebody else */
    OUTCOME_STOP_LEASE,     /* the lease ran out without renewal */
    OUTCOME_STOP_PREEMPTED, /* this machine is about to be taken away */
};

/* Borrowed. */
struct outcome_facts {
    int32_t rc; /* as in struct rh_process_exit, like the next four */
    struct rh_str reason;
    int32_t code;
    struct rh_str message;
    struct rh_str errors;
    size_t output_bytes;   /* of what stdout gave */
    bool is_object;        /* stdout is one JSON object, or was made one */
    bool is_too_deep;      /* an object nested deeper than the queue takes */
    struct rh_str said;    /* error that the object tells of, "" = none */
    struct rh_str program; /* argv[0] */
    enum outcome_stop stop;
};

enum outcome_kind {
    OUTCOME_COMPLETE,
    OUTCOME_FAIL,
    OUTCOME_DROP,    /* nobody wants to hear of it */
    OUTCOME_RELEASE, /* it goes back, and somebody else goes on with it */
};

/* Only exit status 0 with one JSON object is a result. Of a failure error gets the text, never
 * empty, at most OUTCOME_ERROR_MAX bytes. */
enum outcome_kind outcome_of(const struct outcome_facts *facts, struct rh_buf *error);

/* The end of a text: at most max bytes, whole lines if one begins in there, without trailing blank.
 */
struct rh_str outcome_tail(struct rh_str text, size_t max);

#endif
