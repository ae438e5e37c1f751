/* Which attempts will come to nothing although their leases are alive. Pure: it is shown every
 * leased item and picks at most so many.
 *
 * A claim is watched by the monotonic clock from when this node first sees it; a wall clock that is
 * wrong, or was set, condemns nobody and keeps nobody. Only limits that are longer than
 * REAPER_WATCH_MS are also judged by the wall clock since the claim, once it was watched for that
 * long, so that a new leader does not begin a day anew. */
#ifndef RH_PLUGINS_LOOP_JOB_REAPER_REAPER_H
#define RH_PLUGINS_LOOP_JOB_REAPER_REAPER_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/map.h>
#include <ringhost/types.h>

/* Attempts that one run may end. */
#define REAPER_VICTIMS_MAX 10u
/* Claims that are watched; what is beyond is judged in a later run. */
#define REAPER_CLAIMS_MAX 65536u
/* A claim is watched at most this long before the wall clock alone counts. Milliseconds. */
#define REAPER_WATCH_MS (15 * 60 * INT64_C(1000))
/* The queue ends what is over its own max_runtime_s, or leaves it a moment to report after a change
 * of the leader; it is stuck only when it is over by more than this. Milliseconds. */
#define REAPER_RUNTIME_GRACE_MS 60000
/* Bytes of the names that are kept, NUL included. */
#define REAPER_ID_SIZE   32u
#define REAPER_NODE_SIZE 257u

enum reaper_cause { REAPER_NONE, REAPER_STALE, REAPER_STUCK, REAPER_ABANDONED };

struct reaper_limits {
    int64_t stale_ms; /* held and not begun; 0 = never */
    int64_t stuck_ms; /* held in all, for items that name no max_runtime_s; 0 = never */
    uint32_t victims_max;
};

/* One leased item. Strings are borrowed. */
struct reaper_item {
    struct rh_str work_id;
    struct rh_str node_id;
    int64_t attempt;
    int64_t claimed_at_ms;  /* Unix ms */
    int64_t started_at_ms;  /* 0 = not begun */
    int64_t max_runtime_ms; /* 0 = none */
    bool is_node_gone;      /* dead by membership, or it has left; not merely suspect or unknown */
};

struct reaper_victim {
    char work_id[REAPER_ID_SIZE];
    char node_id[REAPER_NODE_SIZE];
    int64_t attempt;
    int64_t claimed_at_ms;
    int64_t held_ms; /* by the wall clock */
    int64_t over_ms; /* beyond its limit */
    enum reaper_cause cause;
};

struct reaper {
    struct rh_map claims; /* work id -> struct claim, private */
    uint64_t run;
    int64_t mono_ms;
    int64_t wall_ms;
    struct reaper_limits limits;
    struct reaper_victim
        victims[REAPER_VICTIMS_MAX]; /* the gone nodes' first, then the longest over */
    uint32_t victim_count;
};

/* "stale", "stuck", "abandoned"; "none". Static. [any] */
const char *reaper_cause_name(enum reaper_cause cause);

/* Watches nothing yet. [any] */
void reaper_init(struct reaper *reaper, uint64_t seed);
void reaper_release(struct reaper *reaper);

/* A run begins: nothing is seen and nobody condemned. victims_max <= REAPER_VICTIMS_MAX. [any] */
void reaper_begin(struct reaper *reaper, const struct reaper_limits *limits, int64_t mono_ms,
                  int64_t wall_ms);
/* One leased item, in any order. Without memory, or with names that do not fit, it is left alone.
 * [any] */
void reaper_see(struct reaper *reaper, const struct reaper_item *item);
/* Every item has been seen: claims that were not are forgotten, victims[] is complete. [any] */
void reaper_end(struct reaper *reaper);

#endif
