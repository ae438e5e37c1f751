/* What a YAML scalar means: its kind by the 1.2 core schema, and ${NAME} in it. It does not read
 * files or trees. */
#ifndef RH_HOST_CORE_YAML_SCALAR_H
#define RH_HOST_CORE_YAML_SCALAR_H

#include <ringhost/sdk/buf.h>
#include <ringhost/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/core/node.h"

/* Longest name in ${NAME}, bytes. */
#define YAML_VARIABLE_NAME_MAX 128u

/* The value of a variable, borrowed until the next call, or NULL when it is not set. */
typedef const char *(*yaml_lookup)(void *user, const char *name);

/* NODE_... of a plain (unquoted) scalar by the core schema of YAML 1.2, section 10.3.2; booleans in
 * lower case only, so that one spelling is in use. [any] */
uint32_t yaml_scalar_kind(struct rh_str text);

/* Whether YAML 1.1 reads the plain text as a boolean where 1.2 does not: yes, no, on, off, and
 * True, TRUE, False, FALSE in the spellings of either. *value is 0 or 1; it is written only then.
 * [any] */
bool yaml_scalar_is_old_bool(struct rh_str text, int *value);

/* Appends text to out with each ${NAME} replaced and each $$ made one $; any other $ stays. On
 * failure a message of at most why_size bytes is in why and RH_EINVAL is returned; RH_ENOMEM and
 * RH_ETOOLARGE come from out. *replaced is 1 when a variable was used. [any] */
int32_t yaml_scalar_expand(struct rh_str text, yaml_lookup lookup, void *user, struct rh_buf *out,
                           char *why, size_t why_size, int *replaced);

#endif
