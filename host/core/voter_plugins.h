/* Which plugins serve where this node leads, told in its presence, and which of them a voter lacks
 * that may lead next. */
#ifndef RH_HOST_CORE_VOTER_PLUGINS_H
#define RH_HOST_CORE_VOTER_PLUGINS_H

#include <stddef.h>

struct core;

/* Tell what runs here now: at the start, and when a plugin fails or is brought in. [loop] */
void voter_plugins_tell(struct core *core);

/* Words, at most size bytes with their NUL, on the plugins that a living voter runs and another
 * one does not, whoever leads; "" = none, or nothing is known. Cut when longer. [loop] */
void voter_plugins_missing(struct core *core, char *words, size_t size);

#endif
