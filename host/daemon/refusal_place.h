/* Where in the configuration the refusal of a plugin belongs, and how that is said. */
#ifndef RH_HOST_DAEMON_REFUSAL_PLACE_H
#define RH_HOST_DAEMON_REFUSAL_PLACE_H

#include <stddef.h>

#include "host/core/config.h"
#include "host/core/node.h"

/* The key that the plugin named (its path below config, "" = the section), as far as it is written
 * down. Is that a map, and is one of the keys in it that the words name set elsewhere - by an
 * override, --set or the environment - then that key. Is nothing written, the plugin's document.
 * [any] */
const struct node *refusal_place(const struct config_plugin *plugin, const char *field,
                                 const char *words);

/* "FILE:LINE:COLUMN: words", of the key where there is one; "--set KEY=VALUE: words" for what is in
 * no file. At most size bytes with the NUL; cut when longer. [any] */
void refusal_say(const struct node *where, const char *words, char *out, size_t size);

#endif
