/* Which requests have been taken, so that none is taken twice: (who asked, its number for it), each
 * remembered for a while. It keeps no answers. One thread at a time. [any] */
#ifndef RH_RELAY_SEEN_H
#define RH_RELAY_SEEN_H

#include <stdint.h>

#include <ringhost/sdk/map.h>

#define SEEN_COUNT_MAX 131072u
#define SEEN_HOLD_MS   120000 /* above any time that a request may be under way */

struct seen {
    struct rh_map rows; /* node id and number -> its row */
    struct seen_row *first, *last;
};

void seen_init(struct seen *seen, uint64_t seed);
void seen_release(struct seen *seen);
/* Remembers it. RH_OK; RH_EEXISTS: taken before; RH_EFULL: as many as can be remembered are younger
 * than SEEN_HOLD_MS; RH_ENOMEM. Only after RH_OK may the request be taken. */
int32_t seen_add(struct seen *seen, struct rh_str from, uint64_t key, int64_t now_ms);

#endif
