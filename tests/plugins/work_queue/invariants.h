/* What the checks of the work queue and the load on it share. */
#ifndef RH_TESTS_PLUGINS_WORK_QUEUE_INVARIANTS_H
#define RH_TESTS_PLUGINS_WORK_QUEUE_INVARIANTS_H

#include <stdbool.h>
#include <stdio.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sim.h>

#define WORK_ITEMS_MAX   100000u
#define WORK_REPORTS_MAX (1u << 22)
#define WORK_HELD_MAX    64u
#define WORK_PASSED_MAX  (1u << 20)
#define WORK_DEPENDS_MAX 4u
#define WORK_RECENT      4u

/* An item by what was said of it. */
struct work_item {
    char id[32];
    char state[16];    /* at the end */
    bool is_added;     /* acknowledged to a client */
    bool is_done;      /* likewise */
    uint64_t token[3]; /* newest that was given out */
    uint64_t completed_event;
    int64_t done_us;  /* when that was first known; 0 = never */
    int64_t given_us; /* when it was first given to somebody */
    char depends[WORK_DEPENDS_MAX][32];
    uint32_t depend_count;
};

/* A request to complete, by its exchange. */
struct work_report {
    struct work_item *item;
    uint64_t token[3];
    bool is_token;
};

/* A claim that a client holds, or once held. */
struct work_held {
    char id[32];
    char token[80];
    char worker[8];
};

/* Idempotency keys in use, so that adds collide; and the longest request, bytes. */
#define WORK_KEYS     150
#define WORK_BODY_MAX 512

struct work {
    struct rh_map items;     /* id -> struct work_item */
    struct rh_map keys;      /* idempotency key -> struct work_item */
    struct rh_map64 reports; /* exchange -> struct work_report */
    struct rh_map64 passed;  /* hash of (node, item, token): it had the claim from another node */
    struct rh_map64 given;   /* hash of a token -> hash of the claim that it was given to */
    struct work_held held[WORK_HELD_MAX];
    uint32_t held_count, held_next;
    uint32_t recent[WORK_RECENT]; /* keys that were added last */
    uint32_t recent_count;
    char bodies[WORK_KEYS][WORK_BODY_MAX]; /* what is asked for under each key; "" = nothing yet */
};

struct work_row {
    struct rh_str work_id, claim_token, status;
    struct rh_str_list depends_on;
};
struct work_rows {
    struct rh_str work_id, claim_token, status;
    struct rh_list items; /* struct work_row */
};
extern const struct rh_fields work_rows_table;

/* The item of this id, made when it is new. */
struct work_item *work_item(struct work *w, struct rh_str id);

/* invariants_load.c: one step of some clients that add, claim, report and forget. Once all is
 * healed they add no more, and complete whatever they can claim. */
void load_tick(struct work *w, struct rh_sim *sim);

#endif
