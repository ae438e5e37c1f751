/* Requests that a node's hubs bring, put together from their pieces, each given out at most once.
 * It runs nothing. One thread at a time. [any] */
#ifndef RH_RELAY_INBOX_H
#define RH_RELAY_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "seen.h"

#define INBOX_COUNT_MAX 512u                  /* requests that are not whole yet, or being run */
#define INBOX_BYTES_MAX (64u * 1024u * 1024u) /* of their bodies */

/* What a piece came to. */
#define INBOX_MORE      0 /* the rest is still to come */
#define INBOX_RUN       1 /* the request is whole; *out is it */
#define INBOX_DUPLICATE 2 /* it was given out before; *out is its head, to be dropped */
#define INBOX_NO_ROOM   3 /* *out is its head, to be dropped */

struct inbox_request {
    struct inbox_request *next, **link;
    struct rh_str hub; /* all texts in the block */
    uint64_t id, key, fence;
    int64_t deadline_ms;
    const char *method, *path, *content_type; /* NUL-terminated */
    struct rh_str from;
    struct rh_str body; /* whole once it is given out */
    char *bytes;        /* of the body */
    uint32_t total, have;
    bool is_given; /* out of the inbox's hands until inbox_drop */
    char *block;
};

struct inbox_stats {
    uint64_t taken, duplicates, refused, expired;
};

struct inbox {
    struct inbox_request *first;
    uint32_t count;
    uint64_t bytes;
    struct seen seen;
    struct inbox_stats stats;
};

void inbox_init(struct inbox *inbox, uint64_t seed);
/* Those given out are to have been dropped. */
void inbox_release(struct inbox *inbox);
/* A piece from a hub. INBOX_... with *out where it says so, or RH_EPROTOCOL (a piece that fits
 * nowhere), RH_ENOMEM. What is given out is the caller's until inbox_drop. */
int32_t inbox_take(struct inbox *inbox, struct rh_str hub, const struct frame *frame,
                   int64_t now_ms, struct inbox_request **out);
void inbox_drop(struct inbox *inbox, struct inbox_request *request);
/* A registration has ended: what is not whole never will be. */
void inbox_forget_hub(struct inbox *inbox, struct rh_str hub);
/* Drops what is not whole and too late. */
void inbox_tick(struct inbox *inbox, int64_t now_ms);

#endif
