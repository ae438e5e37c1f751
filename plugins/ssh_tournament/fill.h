/* Puts what is known of a match into the words of a command. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_FILL_H
#define RH_PLUGINS_SSH_TOURNAMENT_FILL_H

#include <ringhost/sdk/buf.h>

/* X(name): "{name}" in a word stands for the value. */
#define FILL_NAMES(X) X(run) X(match) X(index) X(attempt) X(host) X(first) X(second)

struct fill_values {
#define X(name) struct rh_str name;
    FILL_NAMES(X)
#undef X
};

/* Appends the word with the values in it. Braces that name nothing stay as they are, since commands
 * have their own use for them; values are not looked at again. Returns out->rc. [any] */
int32_t fill_word(struct rh_str word, const struct fill_values *values, struct rh_buf *out);

#endif
