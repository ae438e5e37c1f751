/* A file of checks for tests of the simulator: it counts its callbacks and does what it is told.
 * One at a time. */
#ifndef RH_TESTS_HOST_SIM_RUN_PROBE_H
#define RH_TESTS_HOST_SIM_RUN_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sim.h>

/* "older election election_old" gives the plugin election of this version. */
#define PROBE_OLDER "0.0.9"

struct probe {
    uint32_t creates, destroys, events, messages, published, ticks, heals, asks, ends;
    bool never_heals;
    int64_t fails_at_us; /* 0 = never; on n2 */
    void (*on_tick)(struct rh_sim *sim);
};

extern struct probe probe; /* cleared by probe_suite */

struct suite;

/* A suite of this text with the election, gossip and the probe. Fails the test if it is wrong. Free
 * with suite_close. */
struct suite *probe_suite(const char *text);

#endif
