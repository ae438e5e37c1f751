/* What the checks of the ledger and the load on it share. */
#ifndef RH_TESTS_SIM_LEDGER_INVARIANTS_H
#define RH_TESTS_SIM_LEDGER_INVARIANTS_H

#include <stdbool.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sim.h>

#define LEDGER_PLACES_MAX 100000u
#define LEDGER_INDEX_MAX  (1u << 24)
#define LEDGER_ID_MAX     32

/* A place in the final sequence: what the first node that had it says. */
struct ledger_place {
    char id[LEDGER_ID_MAX];
    uint64_t version;
};

/* A text by what was said of it. */
struct ledger_text {
    uint64_t place; /* in the sequence; 0 = not seen there */
    uint64_t acked; /* as a client was told; 0 = not acknowledged */
};

struct ledger_node {
    uint32_t life;
    uint64_t index; /* applied, as of the last look */
    uint64_t count; /* places it had then, all of them checked */
};

struct ledger {
    uint32_t node_count;
    struct ledger_node *nodes;
    struct ledger_place *places; /* [1 .. place_count] */
    uint64_t place_count, place_cap;
    struct rh_map texts;    /* text -> struct ledger_text */
    struct rh_map64 counts; /* applied index -> places then, plus one */
    uint64_t floor;         /* acknowledged to someone: every later read sees so many */
    uint64_t next_id, probe;
    bool is_probe_acked;
    uint32_t ticks;
};

/* The text, made when it is new. */
struct ledger_text *ledger_text(struct ledger *l, const char *id);

/* invariants_load.c: one step of some clients that append and read, at any node. */
void ledger_load(struct ledger *l, struct rh_sim *sim);
/* After all was healed: append until one is acknowledged. */
void ledger_probe(struct ledger *l, struct rh_sim *sim);

#endif
