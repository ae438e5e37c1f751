/* What the tests of gossip's cores share: states in one line; one per program. */
#ifndef RH_TESTS_PLUGINS_GOSSIP_MAP_TEST_H
#define RH_TESTS_PLUGINS_GOSSIP_MAP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "plugins/gossip/state_map.h"

static inline struct gossip_state state_of(const char *node_id, uint64_t generation,
                                           uint64_t version)
{
    struct gossip_state s = {
        .generation = generation, .version = version, .presence = RH_STR_INIT("{}")};

    (void)snprintf(s.node_id, sizeof(s.node_id), "%s", node_id);
    (void)snprintf(s.instance_id, sizeof(s.instance_id), "i-%.60s", node_id);
    return s;
}

static inline struct state_digest digest_entry(const char *node_id, uint64_t generation,
                                               uint64_t version, uint64_t beat)
{
    struct state_digest d = {.generation = generation, .version = version, .beat = beat};

    (void)snprintf(d.node_id, sizeof(d.node_id), "%s", node_id);
    return d;
}

#endif
