/* The order of one generation's candidates; values are not touched and none is made up. */
#ifndef RH_PLUGINS_CMAES_RANKING_H
#define RH_PLUGINS_CMAES_RANKING_H

#include <ringhost/errors.h>
#include <stdbool.h>
#include <stdint.h>

/* What came back of one candidate. */
enum report_kind { REPORT_NONE, REPORT_FITNESS, REPORT_ERROR, REPORT_KINDS };

struct report {
    uint8_t kind;   /* enum report_kind */
    double fitness; /* finite, with REPORT_FITNESS */
};

/* Smallest fitness first, equal ones by index; those without one follow by index. order[count];
 * returns how many have a fitness. scratch[count]. [any] */
uint32_t ranking_make(const struct report *reports, uint32_t count, uint32_t *order,
                      uint32_t *scratch);

/* How many of a population must have come back at the deadline: the part `quorum` (0..1] of it,
 * rounded up, at least one. [any] */
uint32_t ranking_quorum(uint32_t population, double quorum);

/* Whether the generation is over: all are back, or at or after the deadline (0 = none) the quorum
 * is. An error is an answer, too. [any] */
bool ranking_is_closed(const struct report *reports, uint32_t count, double quorum,
                       int64_t deadline_ms, int64_t now_ms);

#endif
