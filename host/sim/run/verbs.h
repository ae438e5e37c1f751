/* The verbs of scripted lines ("at 5s crash n1") as one table: name, the words they take, and what
 * they do. */
#ifndef RH_HOST_SIM_RUN_VERBS_H
#define RH_HOST_SIM_RUN_VERBS_H

#include "host/sim/run/scenario.h"

struct world;

/* What a verb takes, in this order. */
#define VERB_TARGET   1u   /* a node, "leader", "random", "all" */
#define VERB_SECOND   2u   /* a second node */
#define VERB_FOR      4u   /* "for DURATION", may be left out */
#define VERB_BY       8u   /* "by DURATION" with a sign */
#define VERB_PERCENT  16u  /* "by PERCENT" with a sign */
#define VERB_SWITCH   32u  /* "on" or "off" */
#define VERB_REQUEST  64u  /* METHOD PATH [JSON] expect STATUS [within DURATION] */
#define VERB_WITHIN   128u /* "within DURATION", required */
#define VERB_OPTIONAL 256u /* the targets may be left out */

struct verb {
    const char *name;
    uint32_t takes;
    void (*run)(struct world *world, const struct scenario_line *line);
    const char *doc;
};

extern const struct verb verbs[];
extern const uint32_t verb_count;

/* Index of a verb, or verb_count. */
uint32_t verb_find(const char *name);

#endif
