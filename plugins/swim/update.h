/* One word about one node, as it travels between nodes, and which of two words holds. Words about a
 * node are totally ordered by (incarnation, state), so merging needs no order of arrival. [any] */
#ifndef RH_SWIM_UPDATE_H
#define RH_SWIM_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#define SWIM_ID_MAX      64u
#define SWIM_ADDRESS_MAX 256u
/* In one message. */
#define SWIM_UPDATES_MAX 16u
/* A node that hears of a higher one about itself does not believe it; room is left above. */
#define SWIM_INCARNATION_MAX (UINT64_C(1) << 52)

/* States; the same numbers as the peer table's. Of one incarnation the greater holds. */
#define SWIM_UNKNOWN 0u /* heard of, never reached */
#define SWIM_ALIVE   1u
#define SWIM_SUSPECT 2u
#define SWIM_DEAD    3u
#define SWIM_LEFT    4u
#define SWIM_STATES  5u

#define UPDATE_STATE 0u
#define UPDATE_VOUCH 1u /* `by` is a hub that hears from the node, and answers for it a while */

struct update {
    uint32_t kind;  /* UPDATE_... */
    uint32_t state; /* UPDATE_STATE: SWIM_ALIVE and above */
    uint64_t incarnation;
    int64_t expires_in_ms;              /* UPDATE_VOUCH */
    char node_id[SWIM_ID_MAX + 1];      /* whom it is about */
    char by[SWIM_ID_MAX + 1];           /* SWIM_SUSPECT: an accuser; UPDATE_VOUCH: the hub; or "" */
    char address[SWIM_ADDRESS_MAX + 1]; /* host:port at this incarnation, or "" */
};

/* Whether (incarnation, state) holds over (known_incarnation, known). */
static inline bool update_overrides(uint64_t incarnation, uint32_t state,
                                    uint64_t known_incarnation, uint32_t known)
{
    return incarnation > known_incarnation || (incarnation == known_incarnation && state > known);
}

#endif
