/* What one run of a background loop does: each act a line of the log, and all of them shown by GET
 * /loops, also those that dry_run leaves undone. Not for pure cores. All [loop]. */
#ifndef RH_SDK_LOOP_ACTIONS_H
#define RH_SDK_LOOP_ACTIONS_H

#include <stdbool.h>

#include <ringhost/sdk/plugin.h>

/* The first rows of the configuration of a plugin with one loop: int64_t loop_NAME, int32_t
 * enabled, int32_t dry_run. The host looks at the first two. */
#define RH_LOOP_ROWS(struct_type, loop_member, interval_text)                       \
    RH_DURATION(struct_type, loop_member, interval_text, 0, 86400000,               \
                "from the end of one run to the next; 0s = the loop does not run"), \
        RH_BOOL(struct_type, enabled, true, "false: the loop does not run"),        \
        RH_BOOL(struct_type, dry_run, false, "say what would be done, and do nothing")

/* Acts of one run that are shown; more are only logged and counted. */
#define RH_LOOP_ACTIONS_MAX 50u

/* The acts of the run under way; the instance's memory. Private. */
struct rh_loop_actions {
    const struct rh_services *rh;
    const char *loop; /* its name, static */
    struct rh_buf buf;
    struct rh_json_writer w;
    uint32_t count;
    bool is_dry;
    bool is_open;
};

/* A run begins. What an earlier one left unfinished is forgotten. */
void rh_loop_actions_begin(struct rh_loop_actions *actions, const struct rh_services *rh,
                           const char *loop, bool is_dry);

/* One act: what is done ("reap"), to whom ("w17"), and why. Nothing happens while no run is open.
 */
void rh_loop_action(struct rh_loop_actions *actions, const char *action, struct rh_str subject,
                    const char *why, ...) __attribute__((format(printf, 4, 5)));

/* The run is over: shows its acts. A host that cannot show them has them in its log. */
void rh_loop_actions_end(struct rh_loop_actions *actions);

/* Forgets a run that was cut off; in deactivate and destroy. */
void rh_loop_actions_drop(struct rh_loop_actions *actions);

#endif
