/* Who should lead when several could: the home of the replicated state, then priority, then node
 * id. Not who may. */
#ifndef RH_ELECTION_RANK_H
#define RH_ELECTION_RANK_H

#include <stdbool.h>
#include <stdint.h>

/* A voter's standing. node_id is borrowed. */
struct rank {
    const char *node_id;
    int64_t priority;
    bool is_home;
};

/* Whether a stands before b: a strict total order over different node ids; the greater id wins a
 * tie, as in the bully algorithm (Garcia-Molina, "Elections in a distributed computing system",
 * 1982). [any] */
bool rank_above(const struct rank *a, const struct rank *b);

/* When the voter `place` (0 = first) of `count` stands inside a window of window_ms: each place has
 * a slice of its own, so that the first is usually elected before the second asks. random is 64
 * uniform bits. Milliseconds in [0, window_ms]. [any] */
int64_t rank_delay_ms(uint32_t place, uint32_t count, int64_t window_ms, uint64_t random);

#endif
