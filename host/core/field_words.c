/* The words of errors about fields: rules, suggestions and paths; it checks nothing. */
#include "host/core/field_words.h"

#include <assert.h>
#include <inttypes.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

/* Text that is cut where it does not fit. */
struct words {
    char *dst;
    size_t size;
    size_t n;
};

static void add(struct words *w, struct rh_str s)
{
    size_t n = w->size - 1 - w->n;

    n = s.n < n ? s.n : n;
    if (n > 0)
        memcpy(w->dst + w->n, s.p, n);
    w->n += n;
    w->dst[w->n] = '\0';
}

static void add_c(struct words *w, const char *text)
{
    add(w, rh_str_from(text));
}

static void add_int(struct words *w, int64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof(digits), "%" PRId64, value);

    assert(n > 0);
    add(w, (struct rh_str){digits, (size_t)n});
}

static void add_double(struct words *w, double value)
{
    char digits[RH_JSON_DOUBLE_SIZE];
    size_t n = rh_json_format_double(digits, value);

    add(w, (struct rh_str){digits, n});
}

/* A duration in the largest unit that gives a whole number. */
static void add_duration(struct words *w, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;

    if (ms == 0)
        i = 3;
    while (ms % units[i].ms != 0)
        i++;
    add_int(w, ms / units[i].ms);
    add_c(w, units[i].name);
}

static void add_size(struct words *w, int64_t bytes)
{
    static const char *const names[] = {"", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;

    while (bytes != 0 && bytes % 1024 == 0 && i < 4) {
        bytes /= 1024;
        i++;
    }
    add_int(w, bytes);
    add_c(w, names[i]);
}

static void add_range(struct words *w, const struct rh_field *field,
                      void (*add_value)(struct words *w, int64_t value))
{
    if (field->min == 0 && field->max == 0)
        return;
    add_c(w, " in [");
    add_value(w, field->min);
    add_c(w, ", ");
    add_value(w, field->max);
    add_c(w, "]");
}

/* "a list of at most 5 strings". */
static void add_count(struct words *w, const struct rh_field *field, const char *things)
{
    if (field->min > 0 && field->min == field->max) {
        add_c(w, " of exactly ");
        add_int(w, field->min);
    } else if (field->min > 0) {
        add_c(w, " of ");
        add_int(w, field->min);
        add_c(w, " to ");
        add_int(w, field->max);
    } else if (field->max > 0) {
        add_c(w, " of at most ");
        add_int(w, field->max);
    } else {
        add_c(w, " of");
    }
    add_c(w, " ");
    add_c(w, things);
}

static void add_choices(struct words *w, const char *allowed)
{
    const char *p = allowed;

    add_c(w, "one of");
    while (*p != '\0') {
        size_t n = strcspn(p, " ");

        add_c(w, p == allowed ? " \"" : ", \"");
        add(w, (struct rh_str){p, n});
        add_c(w, "\"");
        p += n + (p[n] == ' ');
    }
}

static void add_number(struct words *w, const struct rh_field *field)
{
    add_c(w, "a number");
    if (!field_number_ok(field, field->number_max + 1) ||
        !field_number_ok(field, field->number_min - 1)) {
        add_c(w, " in [");
        add_double(w, field->number_min);
        add_c(w, ", ");
        add_double(w, field->number_max);
        add_c(w, "]");
    }
}

static void add_string(struct words *w, const struct rh_field *field)
{
    if (field->allowed) {
        add_choices(w, field->allowed);
    } else {
        add_c(w, "a string");
        if (field->max > 0)
            add_count(w, field, "bytes");
    }
}

static void add_compound(struct words *w, const struct rh_field *field)
{
    switch (field->type) {
    case RH_FIELD_STRING_LIST:
        add_c(w, "a list");
        add_count(w, field, field->allowed ? "strings, each " : "strings");
        if (field->allowed)
            add_choices(w, field->allowed);
        break;
    case RH_FIELD_MAP:
        add_c(w, "an object");
        add_count(w, field, "strings by name");
        break;
    case RH_FIELD_LIST_MAP:
        add_c(w, "an object");
        add_count(w, field, "lists of strings by name");
        break;
    case RH_FIELD_OBJECT_LIST:
        add_c(w, "a list");
        add_count(w, field, "objects");
        break;
    case RH_FIELD_OBJECT_MAP:
        add_c(w, "an object");
        add_count(w, field,
                  field->flags & RH_SHORT_LIST ? "lists of strings or objects by name"
                                               : "objects by name");
        break;
    case RH_FIELD_RAW:
        add_c(w, "a JSON value");
        if (field->max > 0)
            add_count(w, field, "bytes");
        break;
    default:
        add_c(w, "an object");
        if (field->type == RH_FIELD_RAW_OBJECT && field->max > 0)
            add_count(w, field, "bytes");
        break;
    }
}

void field_rule(const struct rh_field *field, uint32_t notation, char dst[FIELD_RULE_SIZE])
{
    struct words w = {dst, FIELD_RULE_SIZE, 0};
    bool in_json = notation == FIELD_IN_JSON;

    switch (field->type) {
    case RH_FIELD_STRING:
        add_string(&w, field);
        break;
    case RH_FIELD_INT:
        add_c(&w, "an integer");
        add_range(&w, field, add_int);
        if (field->min == 0 && field->max == 0)
            add_c(&w, " of at most 53 bits");
        break;
    case RH_FIELD_U64:
        add_c(&w, in_json ? "a 64-bit number as a decimal string, such as \"42\""
                          : "an integer in [0, 18446744073709551615]");
        break;
    case RH_FIELD_NUMBER:
        add_number(&w, field);
        break;
    case RH_FIELD_BOOL:
        add_c(&w, "true or false");
        break;
    case RH_FIELD_DURATION:
        add_c(&w, in_json ? "a duration such as \"15s\" (ns us ms s m h)"
                          : "a duration (ns us ms s m h)");
        add_range(&w, field, add_duration);
        break;
    case RH_FIELD_SIZE:
        add_c(&w, in_json ? "a size such as \"64KiB\" or a number of bytes"
                          : "a size (B KiB MiB GiB TiB KB MB GB TB)");
        add_range(&w, field, add_size);
        break;
    case RH_FIELD_BYTES:
        add_c(&w, "base64");
        add_count(&w, field, "bytes");
        break;
    default:
        add_compound(&w, field);
        break;
    }
}

bool field_suggest_choice(const struct rh_field *field, struct rh_str word,
                          char dst[FIELD_NAME_MAX + 1])
{
    char words[FIELD_CHOICES_MAX][FIELD_NAME_MAX + 1];
    const char *pointers[FIELD_CHOICES_MAX];
    const char *p = field->allowed;
    const char *found;
    size_t count = 0;

    while (p && *p != '\0' && count < FIELD_CHOICES_MAX) {
        size_t n = strcspn(p, " ");

        if (rh_str_copy(words[count], sizeof(words[count]), (struct rh_str){p, n}) == RH_OK) {
            pointers[count] = words[count];
            count++;
        }
        p += n + (p[n] == ' ');
    }
    found = rh_suggest(word, pointers, count);
    return found && rh_str_copy(dst, FIELD_NAME_MAX + 1, rh_str_from(found)) == RH_OK;
}

const char *field_suggest_name(const struct rh_fields *table, struct rh_str name)
{
    const char *names[FIELD_COUNT_MAX];
    struct rh_field room;

    assert(table->count <= FIELD_COUNT_MAX);
    for (uint32_t i = 0; i < table->count; i++)
        names[i] = field_get(table, i, &room)->name;
    return rh_suggest(name, names, table->count);
}

static void add_path(struct words *w, const struct field_place *place)
{
    if (!place)
        return;
    add_path(w, place->up);
    if (!place->name.p) {
        add_c(w, "[");
        add_int(w, place->index);
        add_c(w, "]");
        return;
    }
    if (w->n > 0)
        add_c(w, ".");
    add(w, place->name);
}

void field_path(const struct field_place *place, char *dst, size_t size)
{
    struct words w = {dst, size, 0};

    assert(size > 0);
    dst[0] = '\0';
    add_path(&w, place);
}
