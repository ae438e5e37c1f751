/* Words of a command with {placeholders}; no shell, no quoting. */
#ifndef RH_PLUGINS_WORKER_TEMPLATE_H
#define RH_PLUGINS_WORKER_TEMPLATE_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

/* name in the braces; also the member below */
#define TEMPLATE_NAMES(X) \
    X(work_id) X(work_type) X(config_key) X(attempt) X(node_id) X(slot) X(cpus) X(gpus)

/* What the placeholders stand for. */
struct template_values {
#define X(name) struct rh_str name;
    TEMPLATE_NAMES(X)
#undef X
};

/* Append word to out with each {name} replaced. "{{" and "}}" are braces; any other '{' must begin
 * a name of the list. RH_EINVAL then, with the place in *at (a byte offset; may be NULL), or what
 * out says. values NULL checks the word and appends nothing. */
int32_t template_expand(struct rh_str word, const struct template_values *values,
                        struct rh_buf *out, size_t *at);

#endif
