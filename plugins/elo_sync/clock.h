/* A hybrid logical clock: stamps that follow the wall clock but never run backwards and always come
 * after what was heard of. It reads no clock itself.
 *
 * Kulkarni, Demirbas, Madeppa, Avva and Leone, "Logical Physical Clocks", OPODIS 2014. */
#ifndef RH_PLUGINS_ELO_SYNC_CLOCK_H
#define RH_PLUGINS_ELO_SYNC_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* A time further ahead of the wall clock than this is refused. */
#define CLOCK_AHEAD_MAX_MS (5 * 60 * 1000)

/* A stamp: milliseconds times 2^12, plus a counter. */
#define CLOCK_COUNTER_BITS 12u

struct clock_hybrid {
    uint64_t last; /* the greatest stamp given or heard */
};

/* A new stamp, greater than all before. wall_ms >= 0. [any] */
uint64_t clock_stamp(struct clock_hybrid *clock, int64_t wall_ms);

/* Take note of a stamp of another node. false, and nothing changes, when it is more than
 * CLOCK_AHEAD_MAX_MS ahead of our wall clock: one that runs wild takes nobody along. [any] */
bool clock_hear(struct clock_hybrid *clock, uint64_t stamp, int64_t wall_ms);

/* Whether a time is too far ahead of a wall clock. [any] */
bool clock_is_ahead(int64_t time_ms, int64_t wall_ms);

/* The milliseconds of a stamp. [any] */
int64_t clock_ms(uint64_t stamp);

#endif
