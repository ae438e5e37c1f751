/* Scripted lines of a scenario: "at 5s crash n1". */
#ifndef RH_HOST_SIM_RUN_SCENARIO_LINE_H
#define RH_HOST_SIM_RUN_SCENARIO_LINE_H

#include "host/sim/run/scenario.h"
#include "host/sim/run/scenario_text.h"

/* What follows "at". As all reading of scenarios: RH_OK, RH_EINVAL with words, RH_ENOMEM. */
int32_t scenario_read_line(struct scenario *s, struct scenario_text *text);
/* A node, "leader", "random" or "all"; only_node: a node's id alone. */
int32_t scenario_read_target(struct scenario *s, struct scenario_text *text, bool only_node,
                             struct scenario_target *out);

#endif
