/* Background loops beside their schedule: runs on demand, and what runs say of themselves. */
#ifndef RH_HOST_CORE_LOOPS_H
#define RH_HOST_CORE_LOOPS_H

#include <ringhost/abi.h>

/* Bytes of what a run says that it did. */
#define LOOP_ACTIONS_MAX (16u * 1024u)

struct core;

/* Begins a run of the loop with that name at once. RH_OK; RH_ENOTFOUND; RH_ENOTLEADER for a
 * leader's loop elsewhere; RH_ECONFLICT: *why says what else keeps it from running. */
int32_t loops_run_now(struct core *core, struct rh_str name, const char **why);
/* Keeps what a run did, a JSON array of at most LOOP_ACTIONS_MAX bytes, until it is said again.
 * RH_OK, RH_EINVAL (no such loop, or no array), RH_ETOOLARGE, RH_ENOMEM. */
int32_t loops_note(struct rh_ctx *plugin, const char *name, struct rh_str json);
void loops_free(struct rh_ctx *plugin);

void loops_start(struct rh_ctx *plugin);
void loops_stop(struct rh_ctx *plugin);
/* Leaders' loops of active plugins begin or end with the leadership. */
void loops_leader_changed(struct core *core);
/* The step of a run under way, 0 = none; and its end, false when it is not under way any more. */
uint64_t loops_step(const struct rh_ctx *plugin);
bool loops_done(struct rh_ctx *plugin, uint64_t step, int32_t rc);

#endif
