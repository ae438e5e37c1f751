/* A node's side of one hub: when to register, when to poll, when to rest. It sends nothing. One
 * thread at a time. [any] */
#ifndef RH_RELAY_LINK_H
#define RH_RELAY_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

#define LINK_IDLE        0u /* not wanted */
#define LINK_DUE         1u /* to register */
#define LINK_REGISTERING 2u
#define LINK_READY       3u /* registered, to poll */
#define LINK_POLLING     4u
#define LINK_RESTING     5u /* after a failure, until due_ms; then again */
#define LINK_DIRECT      6u /* the hub can call this node; asked again at due_ms */

/* What the wiring is to do now. */
#define LINK_NOTHING  0u
#define LINK_REGISTER 1u
#define LINK_POLL     2u

/* How a registration or a poll ended. */
#define LINK_OK       0u
#define LINK_REFUSED  1u /* the hub knows another registration, or none */
#define LINK_FAILED   2u /* no answer, or an error */
#define LINK_CALLABLE 3u /* of a registration: no relay is needed */

struct link {
    char hub[FRAME_NODE_MAX + 1];
    uint8_t state;
    bool is_wanted;
    bool is_registered; /* under `epoch`, as far as this node knows */
    uint64_t epoch;
    uint64_t batch; /* the last one taken */
    uint32_t failures;
    int64_t due_ms;        /* RESTING, DIRECT */
    int64_t registered_ms; /* last */
    int64_t heard_ms;      /* the hub answered last */
};

/* The hub is wanted from now on, or no more; a poll under way ends by itself. */
void link_want(struct link *link, bool is_wanted);
/* What is to be done now. *epoch is the node's counter: a registration that begins anew takes the
 * next number. renew_ms: a registration this old is renewed before the next poll. */
uint32_t link_next(struct link *link, uint64_t *epoch, int64_t renew_ms, int64_t now_ms);
/* It ended. rest_ms is how long to rest if need be. */
void link_on_registered(struct link *link, uint32_t outcome, int64_t rest_ms, int64_t again_ms,
                        int64_t now_ms);
void link_on_polled(struct link *link, uint32_t outcome, uint64_t batch, int64_t rest_ms,
                    int64_t now_ms);
/* Whether others may be told that the node is reached through this hub. */
bool link_is_up(const struct link *link);
/* When link_next has something to do; INT64_MAX: when a call ends. */
int64_t link_due_ms(const struct link *link);
/* Static. */
const char *link_state_name(uint8_t state);

#endif
