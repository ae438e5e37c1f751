/* One pass over the word. */
#include "template.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static const struct {
    const char *name;
    size_t offset;
} names[] = {
#define X(name) {#name, offsetof(struct template_values, name)},
    TEMPLATE_NAMES(X)
#undef X
};

/* The value of a name, or NULL; of values NULL an empty one. */
static const struct rh_str *value_of(const struct template_values *values, struct rh_str name)
{
    static const struct rh_str none = {"", 0};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!rh_str_eq_c(name, names[i].name))
            continue;
        if (!values)
            return &none;
        return (const struct rh_str *)(const void *)((const char *)values + names[i].offset);
    }
    return NULL;
}

static int32_t put(struct rh_buf *out, const struct template_values *values, struct rh_str text)
{
    return values ? rh_buf_append_str(out, text) : RH_OK;
}

int32_t template_expand(struct rh_str word, const struct template_values *values,
                        struct rh_buf *out, size_t *at)
{
    size_t i = 0;
    int32_t rc = RH_OK;

    while (i < word.n && rc == RH_OK) {
        const char *from = word.p + i;
        size_t left = word.n - i;
        const char *end;
        const struct rh_str *value;

        if (left >= 2 && from[0] == from[1] && (from[0] == '{' || from[0] == '}')) {
            rc = put(out, values, (struct rh_str){from, 1});
            i += 2;
            continue;
        }
        if (from[0] != '{') {
            rc = put(out, values, (struct rh_str){from, 1});
            i++;
            continue;
        }
        end = memchr(from, '}', left);
        value = end ? value_of(values, (struct rh_str){from + 1, (size_t)(end - from) - 1}) : NULL;
        if (!value) {
            if (at)
                *at = i;
            return RH_EINVAL;
        }
        rc = put(out, values, *value);
        i += (size_t)(end - from) + 1;
    }
    return rc;
}
