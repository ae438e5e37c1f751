/* Which hubs answer for a node that others cannot reach, and until when. It does not know how hubs
 * hear from their nodes. One thread at a time per member. [any] */
#ifndef RH_SWIM_VOUCH_H
#define RH_SWIM_VOUCH_H

#include <stdbool.h>
#include <stdint.h>

#include "member.h"

/* Hubs for one node; the vouch that ends first makes room. */
#define VOUCHES_PER_MEMBER_MAX 4u
/* A relay's registration holds so long without a poll. */
#define VOUCH_TTL_MS 60000

struct vouch {
    struct spread_item news;
    struct vouch *next;
    struct member *member;
    int64_t expires_ms; /* as the hub says; this is what is told to others */
    int64_t held_ms;    /* not before this: its hub is suspect */
    char hub[SWIM_ID_MAX + 1];
};

/* Takes a hub's word: the latest end holds. 1: news, *out is the vouch; 0: known already; RH_EFULL
 * (four others hold longer), RH_ENOMEM. A vouch that made room was dropped from `spread`. */
int32_t vouch_take(struct member *member, struct spread *spread, const char *hub,
                   int64_t expires_ms, struct vouch **out);
/* When the last one ends, holding considered; 0 = there is none. That of `but` is left out; NULL =
 * none. */
int64_t vouch_end_ms(const struct member *member, const char *but);
/* The one that ends last by its hub's word, without holding; NULL = there is none. */
const struct vouch *vouch_longest(const struct member *member);
/* When that of any hub but `but` (NULL = of any) is, without holding; 0 = there is none. */
int64_t vouch_heard_ms(const struct member *member, const char *but);
/* Whether this hub is among them. */
bool vouch_is_by(const struct member *member, const char *hub);
/* The hub takes it back here; elsewhere it ends by itself. */
void vouch_drop(struct member *member, struct spread *spread, const char *hub);
/* Its hub is suspect: what it vouches for holds until `until_ms` at least. Whether it does. */
bool vouch_hold(struct member *member, const char *hub, int64_t until_ms);
/* Frees all. */
void vouch_clear(struct member *member, struct spread *spread);

#endif
