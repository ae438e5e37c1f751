/* Kinds of faults as one table: their names in scenarios, how strong they may be, and how a seed
 * draws from them. What they do is in nemesis.c. */
#ifndef RH_HOST_SIM_RUN_FAULTS_H
#define RH_HOST_SIM_RUN_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/rng.h>

/* All kinds; the order is part of what a seed means. */
enum fault_kind {
    FAULT_LOSS,
    FAULT_DUP,
    FAULT_RESET,
    FAULT_TAIL,
    FAULT_DELAY,
    FAULT_FIFO,
    FAULT_CRASH,
    FAULT_REBOOT,
    FAULT_PAUSE,
    FAULT_CUT,
    FAULT_ONEWAY,
    FAULT_ISOLATE,
    FAULT_SPLIT,
    FAULT_SWIZZLE,
    FAULT_DRIFT,
    FAULT_STEP,
    FAULT_NAT,
    FAULT_POWER,
    FAULT_SLOW_DISK,
    FAULT_FULL_DISK,
    FAULT_BAD_DISK,
    FAULT_BUILD,
    FAULT_KINDS
};

/* What the number behind "=" means. */
#define FAULT_CHANCE 0u /* percent, kept in millionths */
#define FAULT_EVERY  1u /* mean time between two of them, microseconds */
#define FAULT_LENGTH 2u /* a duration, microseconds */

struct fault_def {
    const char *name;
    uint32_t unit;       /* FAULT_CHANCE, FAULT_EVERY, FAULT_LENGTH */
    int64_t least, most; /* allowed, and what swarm draws between */
    const char *doc;
};

extern const struct fault_def fault_defs[FAULT_KINDS];

/* How strong each kind is; 0 = none of it. */
struct faults {
    int64_t strength[FAULT_KINDS];
};

/* What a scenario says. */
struct faults_plan {
    struct faults fixed;
    bool is_given[FAULT_KINDS];
    bool is_swarm;   /* what is not given is drawn */
    bool has_builds; /* some plugin has an older build; without one there is no FAULT_BUILD */
};

/* The faults of one run. Swarm testing (Groce and others, ISSTA 2012): each kind is in with an even
 * chance, its strength log-uniform in its range, so that some runs are calm in most ways and wild
 * in a few. */
void faults_draw(const struct faults_plan *plan, struct rh_rng *rng, struct faults *out);

/* Index of the kind of this name, or FAULT_KINDS. */
uint32_t fault_find(const char *name);
/* NUL-terminated names, FAULT_KINDS of them, for "did you mean". */
void fault_names(const char *names[FAULT_KINDS]);

#endif
