/* Puts what is known of a match into the words of a command. */
#include "fill.h"

#include <stddef.h>

#include <ringhost/sdk/str.h>

static const struct {
    struct rh_str text;
    size_t offset;
} names[] = {
#define X(name) {RH_STR_INIT("{" #name "}"), offsetof(struct fill_values, name)},
    FILL_NAMES(X)
#undef X
};

/* The placeholder that rest begins with, or the number of names. */
static size_t find(struct rh_str rest)
{
    size_t i = 0;

    while (i < sizeof(names) / sizeof(names[0]) && !rh_str_starts_with(rest, names[i].text))
        i++;
    return i;
}

int32_t fill_word(struct rh_str word, const struct fill_values *values, struct rh_buf *out)
{
    size_t at = 0;

    while (at < word.n) {
        const size_t i = find((struct rh_str){word.p + at, word.n - at});

        if (i == sizeof(names) / sizeof(names[0])) {
            (void)rh_buf_append_byte(out, word.p[at++]); /* errors stay in out */
        } else {
            const char *value = (const char *)values + names[i].offset;

            (void)rh_buf_append_str(out, *(const struct rh_str *)(const void *)value);
            at += names[i].text.n;
        }
    }
    return out->rc;
}
