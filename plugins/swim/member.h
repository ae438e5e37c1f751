/* The other nodes: what was said about each, what is believed, and the clock that each one has
 * running. It decides nothing; one thread at a time per table. [any] */
#ifndef RH_SWIM_MEMBER_H
#define RH_SWIM_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/map.h>

#include "spread.h"
#include "suspicion.h"
#include "update.h"

#define MEMBERS_MAX 4096u

/* Why a member is in its state. */
#define MEMBER_NO_REASON    0u
#define MEMBER_SAID_ALIVE   1u /* it says so itself, to us or to others */
#define MEMBER_SAID_SUSPECT 2u
#define MEMBER_SAID_DEAD    3u
#define MEMBER_SAID_LEFT    4u
#define MEMBER_NO_ANSWER    5u /* neither to us nor to those we asked */
#define MEMBER_TIME_IS_UP   6u /* suspect, and never heard of again */
#define MEMBER_VOUCHED      7u /* a hub hears from it */
#define MEMBER_REASONS      8u

struct vouch;

struct member {
    /* Its clock: what happens when it is due depends on the state (judge.h). */
    struct rh_heap_node timer;
    int64_t due_ms;
    struct spread_item news;
    struct suspicion suspicion;
    const struct member *accuser; /* who is named when the suspicion is passed on, or NULL */
    struct vouch *vouches;
    struct member *next_changed;
    char *address; /* host:port or NULL */
    uint64_t incarnation;
    uint64_t address_incarnation;
    int64_t repeated_ms; /* when its newest word was last told again */
    int64_t heard_ms;    /* when it last pinged us */
    uint32_t slot;
    uint32_t background;   /* slot whose word it is told next for no reason */
    uint32_t failures;     /* tries in vain since it was dead */
    uint8_t said;          /* the greatest word of this incarnation */
    uint8_t state;         /* what is believed, and told to the host */
    uint8_t reason;        /* MEMBER_... */
    bool is_changed;       /* in the list of changes */
    bool is_accused_by_us; /* and we are named */
    bool is_probed;        /* a ping of ours is under way */
    bool is_returned;      /* by a ping of its own, and it has not yet answered one of ours */
    bool is_oneway;        /* it reaches us, and nobody we know of reaches it */
    bool is_unproven;      /* the last probe failed, but no proxy said anything */
    char id[];
};

struct members {
    struct rh_map by_id;
    struct member **slots; /* dense, in no order */
    uint32_t count;
    uint32_t capacity;
    uint32_t in_state[SWIM_STATES];
    struct member *changed;
};

void members_init(struct members *members, uint64_t seed);
void members_release(struct members *members);
/* A new one, unknown. The id is not in the table and has 1 to SWIM_ID_MAX bytes. NULL: full or no
 * memory. */
struct member *members_add(struct members *members, const char *id);
/* Frees it; nobody names it as accuser any more. Its timer, news, vouches and probes are the
 * caller's to end first. */
void members_remove(struct members *members, struct member *member);
struct member *members_get(const struct members *members, const char *id);
/* Alive and suspect ones. */
uint32_t members_living(const struct members *members);
void members_set_state(struct members *members, struct member *member, uint32_t state,
                       uint32_t reason);
/* RH_OK or RH_ENOMEM; an empty address is never taken. */
int32_t members_set_address(struct member *member, const char *address);
/* The next member whose state or incarnation changed since it was last given; NULL at the end. */
struct member *members_next_changed(struct members *members);
/* Puts it there. */
void members_note_change(struct members *members, struct member *member);

#endif
