/* One pass over the text; a brace that begins no placeholder is copied. */
#include "candidate.h"

#include <inttypes.h>
#include <math.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

/* Integers up to it are written as such. */
#define INTEGER_MAX 9007199254740992.0

#define PREFIX      "x."
#define PREFIX_SIZE 2u

void candidate_id_write(uint64_t generation, uint32_t index, char id[CANDIDATE_ID_SIZE])
{
    /* Two numbers of at most 20 and 10 digits would not fit, but generations stay far below. */
    (void)snprintf(id, CANDIDATE_ID_SIZE, "%" PRIu64 "/%" PRIu32, generation, index);
}

int32_t candidate_id_read(struct rh_str id, uint64_t *generation, uint32_t *index)
{
    const char *slash = id.n ? memchr(id.p, '/', id.n) : NULL;
    const size_t before = slash ? (size_t)(slash - id.p) : 0;
    uint64_t first = 0;
    uint64_t second = 0;

    if (!slash || rh_parse_u64((struct rh_str){id.p, before}, &first) != RH_OK ||
        rh_parse_u64((struct rh_str){slash + 1, id.n - before - 1}, &second) != RH_OK ||
        second > UINT32_MAX)
        return RH_EINVAL;
    *generation = first;
    *index = (uint32_t)second;
    return RH_OK;
}

void candidate_put_value(struct rh_buf *out, double value)
{
    char digits[RH_JSON_DOUBLE_SIZE];

    if (value == floor(value) && fabs(value) <= INTEGER_MAX)
        (void)rh_buf_printf(out, "%" PRId64, (int64_t)value); /* the error stays in out */
    else
        (void)rh_buf_append(out, digits, rh_json_format_double(digits, value)); /* as above */
}

/* The name between two braces at the beginning of text; false if there are none with a name. */
static bool name_at(struct rh_str text, struct rh_str *name)
{
    size_t n = 1;

    while (n < text.n && n <= PARAMETER_NAME_SIZE + PREFIX_SIZE && text.p[n] != '}' &&
           text.p[n] != '{' && text.p[n] != '"')
        n++;
    if (n >= text.n || text.p[n] != '}')
        return false;
    *name = (struct rh_str){text.p + 1, n - 1};
    return true;
}

static bool is_parameter_name(struct rh_str name)
{
    return rh_str_starts_with(name, rh_str_from(PREFIX)) &&
           space_name_is_good((struct rh_str){name.p + PREFIX_SIZE, name.n - PREFIX_SIZE});
}

/* The parameter of a name "x.NAME", or count. */
static uint32_t find(struct rh_str name, const struct parameter *parameters, uint32_t count)
{
    const struct rh_str bare = {name.p + PREFIX_SIZE, name.n - PREFIX_SIZE};
    uint32_t index = 0;

    while (index < count && !rh_str_eq_c(bare, parameters[index].name))
        index++;
    return index;
}

/* Appends what a name stands for; false when it is no placeholder. */
static bool put(struct rh_str name, const struct candidate *c, struct rh_buf *out)
{
    char id[CANDIDATE_ID_SIZE];
    uint32_t index;

    if (is_parameter_name(name)) {
        index = find(name, c->parameters, c->count);
        if (index == c->count)
            return false;
        candidate_put_value(out, c->values[index]);
    } else if (rh_str_eq_c(name, "candidate_id")) {
        candidate_id_write(c->generation, c->index, id);
        (void)rh_buf_append_c(out, id); /* errors stay in out */
    } else if (rh_str_eq_c(name, "job_id")) {
        (void)rh_buf_append_str(out, c->job_id);
    } else if (rh_str_eq_c(name, "generation")) {
        (void)rh_buf_printf(out, "%" PRIu64, c->generation);
    } else if (rh_str_eq_c(name, "index")) {
        (void)rh_buf_printf(out, "%" PRIu32, c->index);
    } else {
        return false;
    }
    return true;
}

void candidate_expand(struct rh_str text, const struct candidate *candidate, struct rh_buf *out)
{
    size_t copied = 0;

    for (size_t at = 0; at < text.n; at++) {
        struct rh_str name;

        if (text.p[at] != '{' || !name_at((struct rh_str){text.p + at, text.n - at}, &name))
            continue;
        (void)rh_buf_append(out, text.p + copied, at - copied); /* errors stay in out */
        copied = at;
        if (put(name, candidate, out)) {
            at += name.n + 1;
            copied = at + 1;
        }
    }
    (void)rh_buf_append(out, text.p + copied, text.n - copied); /* as above */
}

struct rh_str candidate_unknown(struct rh_str text, const struct parameter *parameters,
                                uint32_t count)
{
    for (size_t at = 0; at < text.n; at++) {
        struct rh_str name;

        if (text.p[at] == '{' && name_at((struct rh_str){text.p + at, text.n - at}, &name) &&
            is_parameter_name(name) && find(name, parameters, count) == count)
            return name;
    }
    return (struct rh_str){NULL, 0};
}
