/* Reads the words of a command line by the command table; it does nothing else. */
#include "host/ctl/args.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define NAMES_MAX 128u

/* A command line under reading. */
struct reader {
    const struct args_spec *spec;
    struct args *out;
    struct rh_buf *why;
    const char *group; /* the first word of a command of two words, until the second comes */
    uint32_t positional_count;
    bool only_words; /* after "--" */
};

static int32_t refuse(struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int32_t refuse(struct reader *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)rh_buf_vprintf(r->why, format, args); /* sticky in why */
    va_end(args);
    return RH_EINVAL;
}

static void suggest(struct reader *r, struct rh_str word, const char *const *names, uint32_t count,
                    const char *prefix)
{
    const char *near = rh_suggest(word, names, count);

    if (near)
        (void)rh_buf_printf(r->why, "; did you mean \"%s%s\"?", prefix, near); /* sticky */
}

/* The first word of a command, and what is behind it ("" if nothing). */
static struct rh_str first_word(const char *words, const char **rest)
{
    const char *blank = strchr(words, ' ');
    const struct rh_str first = {words, blank ? (size_t)(blank - words) : strlen(words)};

    *rest = blank ? blank + 1 : words + first.n;
    return first;
}

static int32_t list_seconds(struct reader *r)
{
    const char *sep = " ";

    (void)rh_buf_printf(r->why, "\"%s\" wants one more word:", r->group); /* sticky, as below */
    for (uint32_t i = 0; i < r->spec->command_count; i++) {
        const char *rest;

        if (!rh_str_eq_c(first_word(r->spec->commands[i].words, &rest), r->group))
            continue;
        (void)rh_buf_printf(r->why, "%s%s", sep, rest);
        sep = ", ";
    }
    return RH_EINVAL;
}

static int32_t take_second(struct reader *r, struct rh_str word)
{
    const char *names[NAMES_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < r->spec->command_count && count < NAMES_MAX; i++) {
        const char *rest;

        if (!rh_str_eq_c(first_word(r->spec->commands[i].words, &rest), r->group) || !*rest)
            continue;
        if (rh_str_eq_c(word, rest)) {
            r->out->command = &r->spec->commands[i];
            return RH_OK;
        }
        names[count++] = rest;
    }
    (void)refuse(r, "unknown command \"%s %.*s\"", r->group, RH_STR_ARG(word));
    suggest(r, word, names, count, "");
    return RH_EINVAL;
}

/* Near words may be the first ones of several commands: these are cut out of the table's words. */
static void suggest_first(struct reader *r, const char *word)
{
    char firsts[NAMES_MAX][32];
    const char *names[NAMES_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < r->spec->command_count && count < NAMES_MAX; i++) {
        const char *rest;

        if (rh_str_copy(firsts[count], sizeof(firsts[count]),
                        first_word(r->spec->commands[i].words, &rest)) != RH_OK)
            continue;
        names[count] = firsts[count];
        count++;
    }
    suggest(r, rh_str_from(word), names, count, "");
}

static int32_t take_first(struct reader *r, const char *word)
{
    for (uint32_t i = 0; i < r->spec->command_count; i++) {
        const char *rest;

        if (!rh_str_eq_c(first_word(r->spec->commands[i].words, &rest), word))
            continue;
        if (*rest)
            r->group = word;
        else
            r->out->command = &r->spec->commands[i];
        return RH_OK;
    }
    (void)refuse(r, "unknown command \"%s\"", word);
    suggest_first(r, word);
    return RH_EINVAL;
}

/* "--priority" or "ID". */
static const char *dashes(const struct option_row *row)
{
    return row->flags & OPTION_POSITIONAL ? "" : "--";
}

static bool is_choice(const char *choices, struct rh_str text)
{
    const char *at = choices;

    while (*at) {
        const char *rest;

        if (rh_str_eq(first_word(at, &rest), text))
            return true;
        at = rest;
    }
    return false;
}

static int32_t check_value(struct reader *r, const struct option_row *row, struct rh_str text)
{
    int64_t integer = 0;
    uint64_t natural = 0;
    double number = 0;

    switch (row->kind) {
    case OPTION_INT:
        if (rh_parse_i64(text, &integer) != RH_OK || integer < row->min || integer > row->max)
            return refuse(r, "%s%s must be an integer in [%" PRId64 ", %" PRId64 "], not \"%.*s\"",
                          dashes(row), row->name, row->min, row->max, RH_STR_ARG(text));
        break;
    case OPTION_NUMBER:
        if (rh_parse_f64(text, &number) != RH_OK || !isfinite(number) ||
            number < (double)row->min || number > (double)row->max)
            return refuse(r, "%s%s must be a number in [%" PRId64 ", %" PRId64 "], not \"%.*s\"",
                          dashes(row), row->name, row->min, row->max, RH_STR_ARG(text));
        break;
    case OPTION_U64:
        if (rh_parse_u64(text, &natural) != RH_OK)
            return refuse(r, "%s%s must be an integer in [0, %" PRIu64 "], not \"%.*s\"",
                          dashes(row), row->name, UINT64_MAX, RH_STR_ARG(text));
        break;
    case OPTION_CHOICE:
        if (!is_choice(row->choices, text))
            return refuse(r, "%s%s must be one of: %s; not \"%.*s\"", dashes(row), row->name,
                          row->choices, RH_STR_ARG(text));
        break;
    default:
        if (text.n == 0 && row->kind != OPTION_FLAG)
            return refuse(r, "%s%s must not be empty", dashes(row), row->name);
    }
    return RH_OK;
}

static int32_t put_one(struct reader *r, const struct option_row *row, struct rh_str text)
{
    int32_t rc = check_value(r, row, text);

    if (rc != RH_OK)
        return rc;
    if (r->out->count == ARGS_VALUES_MAX)
        return refuse(r, "more than %u values", ARGS_VALUES_MAX);
    r->out->values[r->out->count++] = (struct args_value){row, text};
    return RH_OK;
}

static int32_t put(struct reader *r, const struct option_row *row, struct rh_str text)
{
    if (row->kind != OPTION_LIST) {
        if (row->kind != OPTION_FLAG && args_find(r->out, row->name))
            return refuse(r, "%s%s is given twice", dashes(row), row->name);
        return put_one(r, row, text);
    }
    for (;;) {
        const char *comma = text.n ? memchr(text.p, ',', text.n) : NULL;
        const size_t size = comma ? (size_t)(comma - text.p) : text.n;
        int32_t rc = put_one(r, row, (struct rh_str){text.p, size});

        if (rc != RH_OK || !comma)
            return rc;
        text = (struct rh_str){comma + 1, text.n - size - 1};
    }
}

/* "leader" is a command and so is "leader transfer": whether there are such longer ones. */
static bool has_longer(const struct reader *r, const struct command *command)
{
    for (uint32_t i = 0; i < r->spec->command_count; i++) {
        const char *rest;

        if (rh_str_eq_c(first_word(r->spec->commands[i].words, &rest), command->words) && *rest)
            return true;
    }
    return false;
}

static int32_t take_word(struct reader *r, const char *word)
{
    const struct command *command = r->out->command;
    uint32_t index = 0;

    if (!command)
        return r->group ? take_second(r, rh_str_from(word)) : take_first(r, word);
    for (uint32_t i = 0; i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];

        if (!(row->flags & OPTION_POSITIONAL))
            continue;
        if (row->kind == OPTION_LIST || index++ == r->positional_count) {
            r->positional_count += row->kind != OPTION_LIST;
            return put(r, row, rh_str_from(word));
        }
    }
    if (r->positional_count == 0 && has_longer(r, command)) {
        r->group = command->words;
        return take_second(r, rh_str_from(word));
    }
    return refuse(r, "\"%s\": unexpected \"%s\"", command->words, word);
}

/* The row of "--name" (letter 0) or of "-letter"; NULL when there is none. */
static const struct option_row *find_row(const struct reader *r, struct rh_str name, char letter)
{
    const struct command *command = r->out->command;
    const uint32_t own = command ? command->option_count : 0;

    for (uint32_t i = 0; i < own + r->spec->global_count; i++) {
        const struct option_row *row = i < own ? &command->options[i] : &r->spec->globals[i - own];

        if (row->flags & OPTION_POSITIONAL)
            continue;
        if (letter ? row->letter == letter : rh_str_eq_c(name, row->name))
            return row;
    }
    return NULL;
}

static int32_t unknown_option(struct reader *r, struct rh_str name)
{
    const struct command *command = r->out->command;
    const uint32_t own = command ? command->option_count : 0;
    const char *names[NAMES_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < own + r->spec->global_count && count < NAMES_MAX; i++) {
        const struct option_row *row = i < own ? &command->options[i] : &r->spec->globals[i - own];

        if (!(row->flags & OPTION_POSITIONAL))
            names[count++] = row->name;
    }
    if (command)
        (void)refuse(r, "\"%s\" has no option --%.*s", command->words, RH_STR_ARG(name));
    else
        (void)refuse(r, "no option --%.*s before the command", RH_STR_ARG(name));
    suggest(r, name, names, count, "--");
    return RH_EINVAL;
}

/* One option, which may use up the next word: *used is then 2. */
static int32_t take_option(struct reader *r, const char *word, const char *next, int *used)
{
    const bool is_long = word[1] == '-';
    const char *equals = is_long ? strchr(word, '=') : NULL;
    struct rh_str name = rh_str_from(is_long ? word + 2 : word + 1);
    const struct option_row *row;

    *used = 1;
    if (equals)
        name.n = (size_t)(equals - name.p);
    if (!is_long && name.n != 1)
        return refuse(r, "\"%s\": short options stand alone", word);
    row = find_row(r, name, is_long ? '\0' : name.p[0]);
    if (!row && !is_long)
        return refuse(r, "no option \"%s\"%s", word, r->out->command ? "" : " before the command");
    if (!row)
        return unknown_option(r, name);
    if (row->kind == OPTION_FLAG) {
        if (equals)
            return refuse(r, "--%s takes no value", row->name);
        return put(r, row, RH_STR_LIT(""));
    }
    if (equals)
        return put(r, row, rh_str_from(equals + 1));
    if (!next)
        return refuse(r, "--%s wants a value: %s", row->name, row->value);
    *used = 2;
    return put(r, row, rh_str_from(next));
}

static int32_t check_required(struct reader *r)
{
    const struct command *command = r->out->command;

    for (uint32_t i = 0; command && i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];

        if ((row->flags & OPTION_REQUIRED) && !args_find(r->out, row->name))
            return refuse(r, "\"%s\" needs %s%s%s%s", command->words, dashes(row), row->name,
                          row->value ? " " : "", row->value ? row->value : "");
    }
    return RH_OK;
}

int32_t args_parse(const struct args_spec *spec, int argc, char *const *argv, struct args *out,
                   struct rh_buf *why)
{
    struct reader r = {.spec = spec, .out = out, .why = why};
    int32_t rc = RH_OK;
    int i = 1;

    out->command = NULL;
    out->count = 0;
    while (i < argc && rc == RH_OK) {
        const char *word = argv[i];
        int used = 1;

        if (r.only_words || word[0] != '-' || word[1] == '\0')
            rc = take_word(&r, word);
        else if (word[1] == '-' && word[2] == '\0')
            r.only_words = true;
        else
            rc = take_option(&r, word, i + 1 < argc ? argv[i + 1] : NULL, &used);
        i += used;
    }
    if (rc == RH_OK && r.group && !out->command)
        rc = list_seconds(&r);
    return rc == RH_OK ? check_required(&r) : rc;
}

const struct args_value *args_find(const struct args *args, const char *name)
{
    for (uint32_t i = 0; i < args->count; i++) {
        if (strcmp(args->values[i].row->name, name) == 0)
            return &args->values[i];
    }
    return NULL;
}

bool args_has(const struct args *args, const char *name)
{
    return args_find(args, name) != NULL;
}

struct rh_str args_text(const struct args *args, const char *name)
{
    const struct args_value *value = args_find(args, name);

    return value ? value->text : RH_STR_LIT("");
}

int64_t args_int(const struct args *args, const char *name, int64_t fallback)
{
    int64_t out = fallback;

    /* Not given, or checked before: both leave a good value. */
    (void)rh_parse_i64(args_text(args, name), &out);
    return out;
}

double args_number(const struct args *args, const char *name, double fallback)
{
    double out = fallback;

    (void)rh_parse_f64(args_text(args, name), &out); /* as above */
    return out;
}
