/* See driver.h. */
#include "driver.h"

#include <string.h>

#include <ringhost/sdk/str.h>

/* The value of the placeholder that begins behind a brace, and how long it is; NULL = none. */
static const struct rh_str *value_of(struct rh_str rest, const struct driver_values *values,
                                     size_t *length)
{
    static const char *const names[] = {"node_id}", "pool}", "machine}"};
    const struct rh_str *const list[] = {&values->node_id, &values->pool, &values->machine};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        *length = strlen(names[i]);
        if (rest.n >= *length && memcmp(rest.p, names[i], *length) == 0)
            return list[i];
    }
    return NULL;
}

static int32_t expand(struct rh_str word, const struct driver_values *values, struct rh_buf *out)
{
    for (size_t i = 0; i < word.n; i++) {
        const struct rh_str rest = {word.p + i + 1, word.n - i - 1};
        const struct rh_str *value;
        size_t length;

        if (word.p[i] != '{') {
            (void)rh_buf_append_byte(out, word.p[i]); /* errors stay in out */
            continue;
        }
        if (rest.n > 0 && rest.p[0] == '{') {
            (void)rh_buf_append_byte(out, '{');
            i++;
            continue;
        }
        value = value_of(rest, values, &length);
        if (!value)
            return RH_EINVAL;
        (void)rh_buf_append(out, value->p, value->n);
        i += length;
    }
    return out->rc;
}

int32_t driver_argv(const struct rh_str_list *words, const struct driver_values *values,
                    struct rh_str *argv, struct rh_buf *memory)
{
    size_t ends[DRIVER_WORDS_MAX];
    size_t begin = 0;

    rh_buf_init(memory, DRIVER_BYTES_MAX);
    if (words->count == 0 || words->count > DRIVER_WORDS_MAX)
        return RH_EINVAL;
    for (uint32_t i = 0; i < words->count; i++) {
        const int32_t rc = expand(words->items[i], values, memory);

        if (rc != RH_OK)
            return rc;
        ends[i] = memory->n;
    }
    for (uint32_t i = 0; i < words->count; i++) { /* only now does the memory stay where it is */
        argv[i] = (struct rh_str){memory->p + begin, ends[i] - begin};
        begin = ends[i];
    }
    return RH_OK;
}
