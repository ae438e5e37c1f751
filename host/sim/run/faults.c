/* The table of faults, and what a seed draws from it; see faults.h. */
#include "host/sim/run/faults.h"

#include <string.h>

#define SECOND INT64_C(1000000)
#define MILLI  INT64_C(1000)

const struct fault_def fault_defs[FAULT_KINDS] = {
    [FAULT_LOSS] = {"loss", FAULT_CHANCE, 1000, 300000, "messages that are lost"},
    [FAULT_DUP] = {"dup", FAULT_CHANCE, 1000, 200000, "requests that arrive twice"},
    [FAULT_RESET] = {"reset", FAULT_CHANCE, 1000, 200000,
                     "answers whose connection is lost after the request was done"},
    [FAULT_TAIL] = {"tail", FAULT_CHANCE, 1000, 200000,
                    "messages that come up to 10 s late, most of them much less"},
    [FAULT_DELAY] = {"delay", FAULT_LENGTH, 1 * MILLI, 500 * MILLI,
                     "longest one-way latency of all messages"},
    [FAULT_FIFO] = {"fifo", FAULT_CHANCE, 1000000, 1000000,
                    "messages of a link keep their order (without it they overtake)"},
    [FAULT_CRASH] = {"crash", FAULT_EVERY, 1 * SECOND, 60 * SECOND,
                     "a node dies and comes back after 1 ms to 10 min"},
    [FAULT_REBOOT] = {"reboot", FAULT_CHANCE, 100000, 1000000,
                      "crashes in which the machine restarts too: its monotonic clock begins anew"},
    [FAULT_PAUSE] = {"pause", FAULT_EVERY, 1 * SECOND, 60 * SECOND,
                     "a node stops for 1 ms to 60 s, and all it missed comes in a burst"},
    [FAULT_CUT] = {"cut", FAULT_EVERY, 1 * SECOND, 60 * SECOND,
                   "two nodes do not reach each other"},
    [FAULT_ONEWAY] = {"oneway", FAULT_EVERY, 1 * SECOND, 60 * SECOND,
                      "one node does not reach another"},
    [FAULT_ISOLATE] = {"isolate", FAULT_EVERY, 2 * SECOND, 60 * SECOND,
                       "the leader, or a node when nobody leads, is cut off from all"},
    [FAULT_SPLIT] = {"split", FAULT_EVERY, 2 * SECOND, 60 * SECOND,
                     "the nodes fall into two halves that do not reach each other"},
    [FAULT_SWIZZLE] = {"swizzle", FAULT_EVERY, 5 * SECOND, 60 * SECOND,
                       "several nodes are cut off one after the other and healed in random order"},
    [FAULT_DRIFT] = {"drift", FAULT_CHANCE, 1000, 100000,
                     "most by which the clocks of a node run fast or slow"},
    [FAULT_STEP] = {"step", FAULT_EVERY, 1 * SECOND, 60 * SECOND,
                    "the wall clock of a node is set, by up to an hour either way"},
    [FAULT_NAT] = {"nat", FAULT_CHANCE, 100000, 1000000,
                   "nodes, other than voters, that nobody can call"},
    [FAULT_POWER] = {"power", FAULT_CHANCE, 100000, 1000000,
                     "crashes that are power cuts: what was not yet durable is lost or torn"},
    [FAULT_SLOW_DISK] = {"slow_disk", FAULT_EVERY, 1 * SECOND, 60 * SECOND,
                         "a disk takes up to 120 ms longer for a while"},
    [FAULT_FULL_DISK] = {"full_disk", FAULT_EVERY, 5 * SECOND, 60 * SECOND,
                         "a disk is full for a while"},
    [FAULT_BAD_DISK] = {"bad_disk", FAULT_EVERY, 5 * SECOND, 60 * SECOND,
                        "a read, a write or a sync fails, once or for a while"},
    [FAULT_BUILD] = {"build", FAULT_CHANCE, 50000, 500000,
                     "crashes after which a node has the other build of its plugins"},
};

/* Log-uniform: a power of two times least, and uniform up to the next. */
static int64_t draw(const struct fault_def *def, struct rh_rng *rng)
{
    uint64_t doublings = 0;
    int64_t low;
    int64_t value;

    while (def->least << (doublings + 1) <= def->most)
        doublings++;
    low = def->least << rh_rng_below(rng, doublings + 1);
    value = low + (int64_t)rh_rng_below(rng, (uint64_t)low);
    return value < def->most ? value : def->most;
}

void faults_draw(const struct faults_plan *plan, struct rh_rng *rng, struct faults *out)
{
    *out = plan->fixed;
    for (uint32_t i = 0; plan->is_swarm && i < FAULT_KINDS; i++) {
        if (i == FAULT_BUILD && !plan->has_builds)
            continue; /* it takes no draws from suites that cannot have it */
        bool is_in = rh_rng_below(rng, 2) == 1;
        int64_t strength = draw(&fault_defs[i], rng);

        if (!plan->is_given[i])
            out->strength[i] = is_in ? strength : 0;
    }
}

uint32_t fault_find(const char *name)
{
    uint32_t i = 0;

    while (i < FAULT_KINDS && strcmp(fault_defs[i].name, name) != 0)
        i++;
    return i;
}

void fault_names(const char *names[FAULT_KINDS])
{
    for (uint32_t i = 0; i < FAULT_KINDS; i++)
        names[i] = fault_defs[i].name;
}
