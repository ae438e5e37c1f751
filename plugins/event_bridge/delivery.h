/* The delivery of one sink's events, one after the other or some together: when the next try is
 * due, how many it may take, and what becomes of the event at the head. Pure: it knows neither the
 * events nor the receiver. Times are monotonic milliseconds. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_DELIVERY_H
#define RH_PLUGINS_EVENT_BRIDGE_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "verdict.h"

/* The longest pause that a receiver may ask for: whatever it says, it must not stop a sink. */
#define DELIVERY_RETRY_AFTER_MAX_MS INT64_C(3600000)

enum delivery_state {
    DELIVERY_OFF,         /* not this node's business now */
    DELIVERY_READY,       /* whatever comes may be sent */
    DELIVERY_SENDING,     /* one is on its way */
    DELIVERY_WAITING,     /* after a failed try */
    DELIVERY_UNAVAILABLE, /* the receiver is not there; looked for again later */
    DELIVERY_BURYING,     /* the head is being written to the dead letters */
    DELIVERY_BLOCKED,     /* it should be, and there is no room for another */
    DELIVERY_STATES
};

/* "off", "ready", "sending", ... */
const char *delivery_state_name(enum delivery_state state);

struct delivery_limits {
    int64_t backoff_ms;     /* before the second try; doubles from there */
    int64_t backoff_max_ms; /* at most */
    int64_t recheck_ms;     /* after a receiver was not there */
    int64_t attempts_max;   /* failed tries that bury an event; 0 = never */
    uint32_t width_max;     /* events sent together, at most; 0 is 1 */
};

struct delivery {
    enum delivery_state state;
    uint32_t attempts; /* failed tries of the head */
    int64_t due_ms;    /* of WAITING, UNAVAILABLE, BLOCKED */
    uint32_t sent;     /* events on their way, of SENDING */
    uint32_t narrow;   /* at most so many together since some failed together; 0 = width_max */
    bool is_available; /* the last word about the receiver; true before any */
};

/* What the caller has to do with what was sent. */
enum delivery_act {
    DELIVERY_DROP, /* done with, all of them: go on with the next */
    DELIVERY_KEEP, /* the head stays the head; look again at due_ms */
    DELIVERY_BURY, /* write it to the dead letters, then delivery_buried */
    DELIVERY_NONE, /* the answer came too late to matter */
};

/* Off, and on again: nothing is on its way, no failure is remembered. */
void delivery_stop(struct delivery *delivery);
void delivery_start(struct delivery *delivery);

/* Whether a try may begin now; then it is the caller's turn to send up to delivery_width events
 * from the head on and call delivery_sent with their number, at least 1. */
bool delivery_may_send(struct delivery *delivery, int64_t now_ms);
void delivery_sent(struct delivery *delivery, uint32_t count);

/* How many may be sent together. When several failed together it is not known which of them was at
 * fault: the next try has the head alone, and each success then doubles the number ("slow start",
 * RFC 5681 section 3.1). So only an event that was alone is buried. */
uint32_t delivery_width(const struct delivery *delivery, const struct delivery_limits *limits);

/* The verdict on what was sent. random: 64 bits that spread the next try over the second half of
 * the pause. retry_after_ms: what the receiver asked for, 0 = nothing; at most
 * DELIVERY_RETRY_AFTER_MAX_MS of it count. */
enum delivery_act delivery_judge(struct delivery *delivery, const struct delivery_limits *limits,
                                 enum verdict verdict, int64_t now_ms, uint64_t random,
                                 int64_t retry_after_ms);

/* The outcome of DELIVERY_BURY: durable; or there was no room or no way, and it is tried again at
 * again_ms. */
void delivery_buried(struct delivery *delivery, bool is_done, int64_t again_ms);

/* Room may have been made: a head that waits for it need not wait longer. */
void delivery_unblock(struct delivery *delivery, int64_t now_ms);
/* A head that waits to be buried steps back: the caller forgets it, and may send something else
 * before it reads it again. False: none waits. */
bool delivery_step_back(struct delivery *delivery);
/* Whether a head that waits to be buried is due; if so, bury it. */
bool delivery_may_bury(struct delivery *delivery, int64_t now_ms);

/* Nothing more is sent before due_ms, for a reason that is not the receiver's. Only while READY. */
void delivery_hold(struct delivery *delivery, int64_t due_ms);

/* Somebody asks for a try now: one that waits, or a receiver that is looked for later, is due. */
void delivery_hurry(struct delivery *delivery, int64_t now_ms);

/* When something has to be looked at, INT64_MAX = nothing by itself. */
int64_t delivery_due_ms(const struct delivery *delivery);

/* The pause after so many failed tries in a row, failures >= 1. */
int64_t delivery_pause_ms(const struct delivery_limits *limits, uint32_t failures, uint64_t random);

#endif
