/* See reaper.h. */
#include "reaper.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

/* A claim that is watched: who held the item when, and since when we know. */
struct claim {
    int64_t attempt;
    int64_t claimed_at_ms;
    int64_t seen_ms; /* monotonic, first */
    uint64_t run;    /* the last that saw it */
};

const char *reaper_cause_name(enum reaper_cause cause)
{
    static const char *const names[] = {"none", "stale", "stuck", "abandoned"};

    assert((size_t)cause < sizeof(names) / sizeof(names[0]));
    return names[cause];
}

void reaper_init(struct reaper *reaper, uint64_t seed)
{
    *reaper = (struct reaper){.run = 0};
    rh_map_init(&reaper->claims, seed, REAPER_CLAIMS_MAX);
}

void reaper_release(struct reaper *reaper)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&reaper->claims, &cursor, NULL, &value))
        free(value);
    rh_map_release(&reaper->claims);
}

void reaper_begin(struct reaper *reaper, const struct reaper_limits *limits, int64_t mono_ms,
                  int64_t wall_ms)
{
    assert(limits->victims_max <= REAPER_VICTIMS_MAX);
    reaper->run++;
    reaper->mono_ms = mono_ms;
    reaper->wall_ms = wall_ms;
    reaper->limits = *limits;
    reaper->victim_count = 0;
}

/* The claim that the item shows, watched from now on if it is new; NULL when it cannot be. */
static struct claim *watch(struct reaper *reaper, const struct reaper_item *item)
{
    struct claim *claim = rh_map_get(&reaper->claims, item->work_id);
    const bool is_same =
        claim && claim->attempt == item->attempt && claim->claimed_at_ms == item->claimed_at_ms;

    if (!claim) {
        claim = malloc(sizeof(*claim));
        if (claim && rh_map_put(&reaper->claims, item->work_id, claim, NULL) != RH_OK) {
            free(claim);
            claim = NULL;
        }
    }
    if (!claim)
        return NULL;
    if (!is_same)
        *claim = (struct claim){.attempt = item->attempt,
                                .claimed_at_ms = item->claimed_at_ms,
                                .seen_ms = reaper->mono_ms};
    claim->run = reaper->run;
    return claim;
}

/* By how much the limit is passed; negative = it is not. What was watched for that long is over,
 * whatever the wall clocks of then and now say; a long limit is believed to a wall clock after a
 * while. */
static int64_t over(const struct reaper *reaper, const struct claim *claim, int64_t limit_ms)
{
    const int64_t held_ms = reaper->wall_ms - claim->claimed_at_ms;
    const int64_t watched_ms = reaper->mono_ms - claim->seen_ms;

    if (watched_ms >= limit_ms)
        return (held_ms > watched_ms ? held_ms : watched_ms) - limit_ms;
    return watched_ms >= REAPER_WATCH_MS ? held_ms - limit_ms : -1;
}

static enum reaper_cause judge(const struct reaper *reaper, const struct reaper_item *item,
                               const struct claim *claim, int64_t *over_ms)
{
    const int64_t stuck_ms = item->max_runtime_ms > 0
                                 ? item->max_runtime_ms + REAPER_RUNTIME_GRACE_MS
                                 : reaper->limits.stuck_ms;

    *over_ms = INT64_MAX; /* before all others */
    if (item->is_node_gone)
        return REAPER_ABANDONED;
    *over_ms = stuck_ms > 0 ? over(reaper, claim, stuck_ms) : -1;
    if (*over_ms >= 0)
        return REAPER_STUCK;
    *over_ms = reaper->limits.stale_ms > 0 && item->started_at_ms == 0
                   ? over(reaper, claim, reaper->limits.stale_ms)
                   : -1;
    return *over_ms >= 0 ? REAPER_STALE : REAPER_NONE;
}

/* Into its place, the least pressing one falls out. */
static void condemn(struct reaper *reaper, const struct reaper_victim *victim)
{
    uint32_t at = reaper->victim_count;

    while (at > 0 && reaper->victims[at - 1].over_ms < victim->over_ms)
        at--;
    if (at == reaper->limits.victims_max)
        return;
    if (reaper->victim_count < reaper->limits.victims_max)
        reaper->victim_count++;
    memmove(&reaper->victims[at + 1], &reaper->victims[at],
            (reaper->victim_count - 1 - at) * sizeof(reaper->victims[0]));
    reaper->victims[at] = *victim;
}

void reaper_see(struct reaper *reaper, const struct reaper_item *item)
{
    struct reaper_victim victim = {.attempt = item->attempt,
                                   .claimed_at_ms = item->claimed_at_ms,
                                   .held_ms = reaper->wall_ms - item->claimed_at_ms};
    const struct claim *claim = NULL;

    if (rh_str_copy(victim.work_id, sizeof(victim.work_id), item->work_id) != RH_OK ||
        rh_str_copy(victim.node_id, sizeof(victim.node_id), item->node_id) != RH_OK)
        return;
    claim = watch(reaper, item);
    if (!claim)
        return;
    victim.cause = judge(reaper, item, claim, &victim.over_ms);
    if (victim.cause != REAPER_NONE)
        condemn(reaper, &victim);
}

void reaper_end(struct reaper *reaper)
{
    struct rh_str key;
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&reaper->claims, &cursor, &key, &value)) {
        const struct claim *claim = value;

        if (claim->run == reaper->run)
            continue;
        (void)rh_map_remove(&reaper->claims, key); /* it is there until now */
        free(value);
    }
}
