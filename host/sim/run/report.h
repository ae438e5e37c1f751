/* What ringhost-sim prints about suites, in the words that scripts rely on. */
#ifndef RH_HOST_SIM_RUN_REPORT_H
#define RH_HOST_SIM_RUN_REPORT_H

#include <stdio.h>

#include "host/sim/run/world.h"

/* Sums of one suite, or of all. */
struct report {
    uint64_t seeds, violations, unconverged;
    int64_t virtual_us;
    uint64_t events;
};

void report_count(struct report *report, const struct world_result *result);
void report_add(struct report *all, const struct report *suite);
/* "FAIL SUITE seed=...": one line, and one with the words. how: the command that runs the suite
 * again, without the seed. */
void report_failure(FILE *out, const struct scenario *scenario, const char *how, uint64_t seed,
                    const struct world_result *result);
void report_suite(FILE *out, const struct scenario *scenario, const struct report *report,
                  int64_t took_us);
/* The last line. */
void report_end(FILE *out, const struct report *all);

#endif
