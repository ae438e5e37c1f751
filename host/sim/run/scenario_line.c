/* Scripted lines; see scenario_line.h. The verbs and what they take are in verbs.c. */
#include "host/sim/run/scenario_line.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/sim/run/verbs.h"

#define REQUEST_WITHIN_US INT64_C(10000000)
#define VERBS_MAX         64u

int32_t scenario_read_target(struct scenario *s, struct scenario_text *text, bool only_node,
                             struct scenario_target *out)
{
    static const char *const words[] = {"leader", "random", "all"};
    struct rh_str word = text_word(text);
    uint64_t number;

    *out = (struct scenario_target){TARGET_NODE, 0};
    for (uint32_t i = 0; !only_node && i < 3; i++)
        if (rh_str_eq_c(word, words[i])) {
            out->kind = TARGET_LEADER + i;
            return RH_OK;
        }
    if (word.n < 2 || word.p[0] != 'n' ||
        rh_parse_u64((struct rh_str){word.p + 1, word.n - 1}, &number) != RH_OK)
        return text_error(text, "\"%.*s\" is not a node (n1, n2, ...)%s", RH_STR_ARG(word),
                          only_node ? "" : ", \"leader\", \"random\" or \"all\"");
    if (number < 1 || number > s->node_count)
        return text_error(text, "there is no node n%" PRIu64 ": nodes are n1 to n%" PRIu32, number,
                          s->node_count);
    out->node = (uint32_t)number - 1;
    return RH_OK;
}

/* The word that must come next. */
static int32_t expect_word(struct scenario_text *text, const char *expected)
{
    struct rh_str word = text_word(text);

    return rh_str_eq_c(word, expected)
               ? RH_OK
               : text_error(text, "expected \"%s\", not \"%.*s\"", expected, RH_STR_ARG(word));
}

/* Whether the next word is this one; then it is read. */
static bool take_word(struct scenario_text *text, const char *expected)
{
    size_t before = text->at;

    if (rh_str_eq_c(text_word(text), expected))
        return true;
    text->at = before;
    return false;
}

/* Whether no target comes next. */
static bool is_past_targets(struct scenario_text *text)
{
    size_t before = text->at;
    struct rh_str word = text_word(text);

    text->at = before;
    return word.n == 0 || rh_str_eq_c(word, "within") || rh_str_eq_c(word, "for");
}

static int32_t dup_to(char **to, struct rh_str s)
{
    *to = strndup(s.p, s.n);
    return *to ? RH_OK : RH_ENOMEM;
}

/* METHOD PATH [JSON] expect STATUS [within DURATION] */
static int32_t read_request(struct scenario_text *text, struct scenario_line *line)
{
    struct rh_str method = text_word(text);
    struct rh_str path = text_word(text);
    struct rh_str body;
    int32_t rc;

    if (path.n == 0 || path.p[0] != '/')
        return text_error(text, "\"%.*s\" is not a path", RH_STR_ARG(path));
    rc = dup_to(&line->method, method);
    if (rc == RH_OK)
        rc = dup_to(&line->path, path);
    if (rc != RH_OK)
        return rc;
    body = text_rest(text, "expect");
    if (body.n > 0)
        rc = dup_to(&line->body, body);
    if (rc == RH_OK)
        rc = expect_word(text, "expect");
    if (rc == RH_OK)
        rc = text_number(text, "status", 100, 599, &line->value);
    line->duration_us = REQUEST_WITHIN_US;
    if (rc == RH_OK && take_word(text, "within"))
        rc = text_duration(text, "within", false, &line->duration_us);
    return rc;
}

static int32_t read_targets(struct scenario *s, struct scenario_text *text, uint32_t takes,
                            struct scenario_line *line)
{
    int32_t rc = RH_OK;

    line->targets[0] = line->targets[1] = (struct scenario_target){TARGET_ALL, 0};
    if (takes & VERB_OPTIONAL && is_past_targets(text))
        return RH_OK;
    if (takes & VERB_TARGET)
        rc = scenario_read_target(s, text, false, &line->targets[0]);
    if (rc == RH_OK && takes & VERB_SECOND)
        rc = scenario_read_target(s, text, false, &line->targets[1]);
    return rc;
}

static int32_t read_amount(struct scenario_text *text, uint32_t takes, struct scenario_line *line)
{
    int32_t rc = RH_OK;

    if (takes & VERB_FOR && take_word(text, "for"))
        rc = text_duration(text, "for", false, &line->duration_us);
    if (takes & (VERB_BY | VERB_PERCENT))
        rc = expect_word(text, "by");
    if (rc == RH_OK && takes & VERB_BY)
        rc = text_duration(text, "by", true, &line->duration_us);
    if (rc == RH_OK && takes & VERB_PERCENT)
        rc = text_percent(text, "by", true, &line->value);
    if (rc == RH_OK && takes & VERB_SWITCH) {
        line->value = take_word(text, "on");
        if (!line->value)
            rc = expect_word(text, "off");
    }
    if (rc == RH_OK && takes & VERB_WITHIN) {
        rc = expect_word(text, "within");
        if (rc == RH_OK)
            rc = text_duration(text, "within", false, &line->duration_us);
    }
    return rc;
}

/* The verb may be of two words: "expect leader". */
static int32_t read_verb(struct scenario_text *text, uint32_t *out)
{
    struct rh_str word = text_word(text);
    const char *known[VERBS_MAX];
    char name[2 * SCENARIO_NAME_MAX];

    for (uint32_t i = 0; i < verb_count; i++)
        known[i] = verbs[i].name;
    if (rh_str_eq_c(word, "expect")) {
        struct rh_str second = text_word(text);

        word.n = (size_t)(second.p + second.n - word.p);
    }
    *out = rh_str_copy(name, sizeof name, word) == RH_OK ? verb_find(name) : verb_count;
    return *out < verb_count ? RH_OK : text_unknown(text, "verb", word, known, verb_count);
}

int32_t scenario_read_line(struct scenario *s, struct scenario_text *text)
{
    struct scenario_line *lines;
    struct scenario_line *line;
    uint32_t takes;
    int32_t rc;

    if (s->line_count == SCENARIO_LINES_MAX)
        return text_error(text, "more than %u scripted lines", SCENARIO_LINES_MAX);
    lines = realloc(s->lines, (s->line_count + 1) * sizeof *lines);
    if (!lines)
        return RH_ENOMEM;
    s->lines = lines;
    line = &lines[s->line_count++];
    memset(line, 0, sizeof *line);
    line->number = text->number;
    rc = text_duration(text, "at", false, &line->at_us);
    if (rc == RH_OK)
        rc = read_verb(text, &line->verb);
    if (rc != RH_OK)
        return rc;
    takes = verbs[line->verb].takes;
    rc = read_targets(s, text, takes, line);
    if (rc == RH_OK && takes & VERB_REQUEST)
        rc = read_request(text, line);
    else if (rc == RH_OK)
        rc = read_amount(text, takes, line);
    return rc;
}
