/* What the checks of membership share. */
#ifndef RH_TESTS_PLUGINS_SWIM_INVARIANTS_H
#define RH_TESTS_PLUGINS_SWIM_INVARIANTS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sim.h>

#define RATE_PERCENT 120 /* clocks run up to 10 % apart, either way */

struct seen {
    uint32_t life;
    bool is_well;          /* up and not paused, as of the last look */
    int64_t unwell_us;     /* last time it was down or paused */
    int64_t fell_us;       /* since when it was, the last time */
    int64_t woke_us;       /* end of its last long pause */
    int64_t disturbed_us;  /* likewise, or the wire failed it */
    int64_t down_since_us; /* -1 = up */
    uint64_t incarnation;  /* greatest it spoke with */
    int64_t alone_us;      /* last time that it probed fewer than two others */
    uint32_t spoke_life;
    uint32_t sent; /* requests in this window */
};

/* What is said against a node, at the greatest incarnation at which anything is. */
struct accused {
    uint64_t incarnation;
    uint64_t accusers; /* a bit for each */
    int64_t since_us;  /* the suspicion was first seen, or told */
    uint64_t buriers;  /* who has said that it is dead, a bit for each */
};

/* A message under way, or one whose answer is. */
struct flight {
    uint32_t from, to;
    int64_t sent_us;
    bool is_waiting; /* it arrived and is not answered yet */
};

struct swim {
    uint32_t count;
    struct seen *nodes;
    struct accused *accused;
    int64_t *broke_us;       /* from * count + to: last time that the wire between them failed */
    int64_t slow_us;         /* last time that a message took longer than it may for a check */
    int64_t vouched_us;      /* last time that somebody passed on a hub's word for a node */
    struct rh_map64 flights; /* exchange -> struct flight */
    int64_t window_us;
    bool is_calm; /* nothing has ever disturbed anyone */
};

/* One word about a node, as it is sent. */
struct wire_update {
    struct rh_str node_id, state, by;
    int64_t incarnation;
};

/* invariants.c: times, from the rules and not from the plugin. */
int64_t interval_us(struct rh_sim *sim);
int64_t suspicion_max_us(const struct swim *s, struct rh_sim *sim);
/* Notes which messages have been lost or are late by now. */
void sweep_wire(struct swim *s, struct rh_sim *sim);

/* invariants_accusations.c */
void accusations_init(struct swim *s);
void accusations_release(struct swim *s);
/* A message between two nodes that were well was lost or late; another one arrived after so long.
 */
void wire_broke(struct swim *s, uint32_t from, uint32_t to, int64_t now_us);
void wire_carried(struct swim *s, struct rh_sim *sim, int64_t took_us);
/* Somebody's table shows it as suspect at this incarnation. */
void note_suspect(struct swim *s, struct rh_sim *sim, uint32_t subject, uint64_t incarnation);
void check_word(struct swim *s, struct rh_sim *sim, uint32_t from, const struct wire_update *word);
/* A node gives up another one. */
void check_awake(const struct swim *s, struct rh_sim *sim, uint32_t by, uint32_t subject);
/* What a node says of its own health. */
void check_health(const struct swim *s, struct rh_sim *sim, uint32_t node, int64_t health);

#endif
