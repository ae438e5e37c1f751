/* The command line of a driver: a template whose placeholders are filled in. Pure. */
#ifndef RH_PLUGINS_LOOP_AUTO_SCALING_DRIVER_H
#define RH_PLUGINS_LOOP_AUTO_SCALING_DRIVER_H

#include <ringhost/sdk/buf.h>

/* Words of a command line, and bytes of all of them. */
#define DRIVER_WORDS_MAX 32u
#define DRIVER_BYTES_MAX 16384u
/* The exit code that means "not now, ask again" (EX_TEMPFAIL of sysexits.h). */
#define DRIVER_LATER 75

struct driver_values {
    struct rh_str node_id;
    struct rh_str pool;
    struct rh_str machine; /* the driver's own word for it, "" before it is known */
};

/* Fills argv (DRIVER_WORDS_MAX words that live in `memory`, which the caller releases). {node_id},
 * {pool} and {machine} are replaced; "{{" is a brace. RH_OK; RH_EINVAL for another placeholder, no
 * words or too many; RH_ENOMEM, RH_ETOOLARGE. [any] */
int32_t driver_argv(const struct rh_str_list *words, const struct driver_values *values,
                    struct rh_str *argv, struct rh_buf *memory);

#endif
