/* What the `create` of a plugin says to its configuration, found out in a core that nobody serves:
 * no state, no sockets, no processes, no files but private ones that are read. Not a start. */
#ifndef RH_HOST_CORE_REHEARSE_H
#define RH_HOST_CORE_REHEARSE_H

#include <stdint.h>

#include "host/core/core.h"

#define REHEARSE_FIELD_MAX 256u

/* RH_OK: accepted. Otherwise the code of create and its words; `field` is the key below `config`
 * that it names ("players.gnugo"), "" = none. */
struct rehearsal {
    int32_t rc;
    uint32_t was_denied; /* 1: it asked for something that only a running node has, so that its
                            refusal may have nothing to do with the configuration */
    char field[REHEARSE_FIELD_MAX];
    char text[CORE_WHY_MAX];
};

/* Create plugin `at` of the setup, wait for it in virtual time where it returns RH_PENDING, and
 * destroy it. Of the driver only now_us, wall_ms, random and private_read are used. RH_OK with *out
 * written, or RH_ENOMEM. [any], one at a time for each driver. */
int32_t core_rehearse(const struct core_setup *setup, uint32_t at, const struct driver *driver,
                      struct rehearsal *out);

#endif
