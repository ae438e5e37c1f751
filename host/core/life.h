/* The life cycle of plugins, as the rest of the core asks for it: create, start, stop, destroy. Not
 * activation. All [loop]. */
#ifndef RH_HOST_CORE_LIFE_H
#define RH_HOST_CORE_LIFE_H

#include <stdint.h>

struct core;
struct rh_ctx;

/* Set where a create is only tried; see rehearse.h. */
struct core_rehearsal {
    void *user;
    void (*created)(void *user, struct rh_ctx *plugin, int32_t rc);
    uint32_t *was_denied; /* NULL: this core is for good */
};

/* Take in all plugins of the setup and find their order. 0, or an exit code with words. */
int32_t life_init(struct core *core, char *why);
/* Begin to create a plugin that was taken in. */
void life_create(struct rh_ctx *plugin);
/* Create and start one that has failed anew, with the section that its setup has now. RH_OK: it has
 * started; RH_PENDING: it is on its way; RH_EINVAL: it has failed again, `why` says how. */
int32_t life_try_again(struct rh_ctx *plugin);
/* Go on with the start, or with the stop; each begins the next when it is done. */
void life_start_next(struct core *core);
void life_stop_next(struct core *core);
/* The step under way has ended with rc. */
void life_done(struct rh_ctx *plugin, int32_t rc);
/* Destroy what was created, in the reverse order. */
void life_free(struct core *core);

#endif
