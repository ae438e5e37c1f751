/* One job: a search, the open generation's answers, and what they lead to. No store, no queue.
 *
 * A generation is over when all its candidates are back, or at its deadline with the quorum. The
 * missing rank last; no value is invented; what comes later is only counted. */
#ifndef RH_PLUGINS_CMAES_JOB_H
#define RH_PLUGINS_CMAES_JOB_H

#include <ringhost/sdk/buf.h>

#include "search.h"

/* Sizes of texts, NUL included; longer ones are cut. */
#define JOB_ID_SIZE      64u
#define JOB_ERROR_SIZE   200u
#define JOB_REFUSAL_SIZE 384u

/* What was asked for; never changes. Strings are borrowed from the record it was decoded from. */
struct job_spec {
    struct rh_str id;
    struct rh_str evaluate;     /* JSON object, the template of a work item; "" = evaluators ask */
    struct rh_str fitness_path; /* where the result of an item has it; "" = fitness, or value */
    struct rh_str idempotency_key;
    bool is_maximize;              /* the search minimises -fitness */
    double quorum;                 /* 0..1 */
    int64_t generation_timeout_ms; /* 0 = none */
    int64_t ask_again_ms;          /* an asked candidate may be given again after it */
    int64_t created_at_ms;         /* Unix ms */
    struct search_spec search;
};

enum job_state {
    JOB_RUNNING = 0,
    JOB_COMPLETED,
    JOB_CANCELLED,
    JOB_FAILED, /* the queue refuses its candidates for good */
    JOB_STATES
};

struct job_status {
    uint8_t state;                /* enum job_state */
    int64_t finished_at_ms;       /* Unix ms, 0 = not yet */
    int64_t deadline_ms;          /* Unix ms, of the open generation; 0 = none */
    char error[JOB_REFUSAL_SIZE]; /* why it failed, in the queue's own words; "" = it did not */
};

/* What became of one generation. Fitness as it was reported. */
struct generation_row {
    uint64_t generation;
    uint32_t run; /* counted from 0 */
    uint32_t population;
    uint32_t ranked; /* with a fitness */
    uint32_t errors;
    uint32_t late;  /* answers after its end */
    bool is_quorum; /* it ended at its deadline, without all */
    double best;    /* these three are 0 when nothing was ranked */
    double median;
    double worst;
    double best_so_far;
    double sigma;      /* after it */
    double axis_ratio; /* after it */
    int64_t ended_at_ms;
    uint8_t ended_run;                /* enum stop_reason; STOP_NONE = the run goes on */
    uint8_t seen[POPULATION_MAX / 8]; /* a bit for each candidate that was answered */
};

/* One in memory. Owns everything. */
struct job {
    char *record; /* of the spec */
    struct job_spec spec;
    struct job_status status;
    struct search *search;
    struct report reports[POPULATION_MAX]; /* of the open generation, fitness as reported */
    uint32_t asks[POPULATION_MAX];         /* how often each was given out */
    int64_t asked_at_ms[POPULATION_MAX];   /* monotonic, of the last time */
};

enum job_answer {
    JOB_ANSWER_NEW,
    JOB_ANSWER_SAME,   /* there was an answer before; the first one counts */
    JOB_ANSWER_LATE,   /* its generation is over */
    JOB_ANSWER_UNKNOWN /* there never was such a candidate */
};

/* A new job of this stored spec (record.h), its first generation drawn; or as its snapshot has it
 * (empty = new). RH_EINVAL for records that cannot be read, RH_ENOMEM. [any] */
int32_t job_new(struct rh_str record, struct rh_str snapshot, const struct job_status *status,
                struct job **out);
void job_free(struct job *j);

/* "running", "completed", "cancelled", "failed"; static. [any] */
const char *job_state_name(uint8_t state);

/* Number of the open generation, or of generations when the job is over. [any] */
uint64_t job_generation(const struct job *j);
/* Its candidates; 0 when the job is over. [any] */
uint32_t job_population(const struct job *j);
/* The least index from `from` on without an answer, or job_population. [any] */
uint32_t job_missing(const struct job *j, uint32_t from);

/* What an answer to a candidate is; one that is new is to be put. [any] */
enum job_answer job_judge(const struct job *j, uint64_t generation, uint32_t index);
void job_put(struct job *j, uint32_t index, struct report report);

/* Candidates for one who asks: never given ones first, then those given ask_again_ms or more ago,
 * oldest first. Marks them as given; indexes[count_max], returns how many. [any] */
uint32_t job_ask(struct job *j, int64_t now_ms, uint32_t count_max, uint32_t *indexes);

/* Whether the open generation is over at this wall clock. [any] */
bool job_is_due(const struct job *j, int64_t wall_ms);

/* Ends the open generation: learns, fills in its row, appends the search's snapshot, and draws the
 * next one or finishes the job. RH_ENOMEM: the job is not to be used any more; errors of the
 * snapshot stay in its rc. [any] */
int32_t job_close(struct job *j, int64_t wall_ms, struct generation_row *row,
                  struct rh_buf *snapshot);

/* Ends a running job from outside. [any] */
void job_cancel(struct job *j, int64_t wall_ms);
/* The same for a reason that somebody gave, of which as much is kept as fits. [any] */
void job_fail(struct job *j, struct rh_str why, int64_t wall_ms);

/* Fitness as it was reported, from that of the search. [any] */
double job_fitness(const struct job *j, double of_search);

#endif
