/* The brackets around every call into a plugin. */
#ifndef RH_HOST_CORE_CALLBACK_H
#define RH_HOST_CORE_CALLBACK_H

#include <stdint.h>

struct core;
struct rh_ctx;

/* Every call into a plugin goes between these two. what: "timer", "commit", or a
 * route's label. */
void plugin_enter(struct rh_ctx *plugin, const char *what);
void plugin_leave(struct rh_ctx *plugin, const char *what);
/* The callback that is interrupted while it asks the host to call another plugin. Its own time does
 * not count what passes between suspend and resume. plugin NULL: none was running. */
struct callback_outer {
    struct rh_ctx *plugin;
    const char *what;
    int64_t entered_us;
    int64_t suspended_us;
};
void plugin_suspend(struct core *core, struct callback_outer *outer);
void plugin_resume(struct core *core, const struct callback_outer *outer);

#endif
