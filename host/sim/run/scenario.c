/* The statements of a scenario; see scenario.h. Scripted lines are in scenario_line.c. */
#include "host/sim/run/scenario.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#include "host/sim/run/scenario_line.h"
#include "host/sim/run/scenario_text.h"

static int32_t dup_to(char **to, struct rh_str s)
{
    free(*to);
    *to = strndup(s.p, s.n);
    return *to ? RH_OK : RH_ENOMEM;
}

static int32_t read_suite(struct scenario *s, struct scenario_text *text)
{
    struct rh_str word = text_word(text);

    for (size_t i = 0; i < word.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", word.p[i]))
            return text_error(text, "a suite's name has only a-z, 0-9, _ and -");
    if (word.n == 0 || rh_str_copy(s->name, sizeof s->name, word) != RH_OK)
        return text_error(text, "a suite's name has 1 to %u characters", SCENARIO_NAME_MAX);
    return RH_OK;
}

static int32_t read_count(struct scenario_text *text, const char *what, int64_t most, uint32_t *out)
{
    int64_t value;
    int32_t rc = text_number(text, what, 1, most, &value);

    if (rc == RH_OK)
        *out = (uint32_t)value;
    return rc;
}

static int32_t read_cluster(struct scenario *s, struct scenario_text *text)
{
    struct rh_str word = text_word(text);

    if (word.n == 0 || word.n > SCENARIO_NAME_MAX)
        return text_error(text, "a cluster's id has 1 to %u characters", SCENARIO_NAME_MAX);
    return dup_to(&s->cluster_id, word);
}

static int32_t read_nodes(struct scenario *s, struct scenario_text *text)
{
    return read_count(text, "nodes", SCENARIO_NODES_MAX, &s->node_count);
}

static int32_t read_voters(struct scenario *s, struct scenario_text *text)
{
    return read_count(text, "voters", SCENARIO_VOTERS_MAX, &s->voter_count);
}

static int32_t read_seeds(struct scenario *s, struct scenario_text *text)
{
    int32_t rc = read_count(text, "seeds", 100000000, &s->seeds);
    struct rh_str word;

    if (rc != RH_OK)
        return rc;
    word = text_word(text);
    if (word.n == 0)
        return RH_OK;
    if (!rh_str_eq_c(word, "long"))
        return text_error(text, "expected \"long\" or the end, not \"%.*s\"", RH_STR_ARG(word));
    return read_count(text, "seeds long", 100000000, &s->seeds_long);
}

static int32_t read_beat(struct scenario *s, struct scenario_text *text)
{
    int64_t us;
    int32_t rc = text_duration(text, "beat", false, &us);

    if (rc == RH_OK && (us < 10000 || us > 3600000000))
        return text_error(text, "beat: from 10ms to 1h");
    s->beat_ms = us / 1000;
    return rc;
}

static struct scenario_plugin *find_plugin(struct scenario *s, struct rh_str id)
{
    for (uint32_t i = 0; i < s->plugin_count; i++)
        if (rh_str_eq_c(id, s->plugins[i].id))
            return &s->plugins[i];
    return NULL;
}

static int32_t read_plugins(struct scenario *s, struct scenario_text *text)
{
    struct rh_str word;

    while ((word = text_word(text)).n > 0) {
        if (find_plugin(s, word))
            return text_error(text, "plugin %.*s is there already", RH_STR_ARG(word));
        if (s->plugin_count == SCENARIO_PLUGINS_MAX)
            return text_error(text, "more than %u plugins", SCENARIO_PLUGINS_MAX);
        if (dup_to(&s->plugins[s->plugin_count++].id, word) != RH_OK)
            return RH_ENOMEM;
    }
    return s->plugin_count > 0 ? RH_OK : text_error(text, "the plugins' ids are missing");
}

/* The plugin whose id comes next. */
static int32_t read_plugin(struct scenario *s, struct scenario_text *text,
                           struct scenario_plugin **out)
{
    const char *known[SCENARIO_PLUGINS_MAX];
    struct rh_str id = text_word(text);

    *out = find_plugin(s, id);
    if (*out)
        return RH_OK;
    for (uint32_t i = 0; i < s->plugin_count; i++)
        known[i] = s->plugins[i].id;
    return text_unknown(text, "plugin", id, known, s->plugin_count);
}

static int32_t read_older(struct scenario *s, struct scenario_text *text)
{
    struct scenario_plugin *plugin;
    struct rh_str file;
    int32_t rc = read_plugin(s, text, &plugin);

    if (rc != RH_OK)
        return rc;
    file = text_word(text);
    if (file.n == 0)
        return text_error(text, "the name of the older build of %s is missing", plugin->id);
    return dup_to(&plugin->older, file);
}

static int32_t read_config(struct scenario *s, struct scenario_text *text)
{
    struct scenario_plugin *plugin;
    struct rh_str json;
    int32_t rc = read_plugin(s, text, &plugin);

    if (rc != RH_OK)
        return rc;
    json = text_rest(text, NULL);
    if (json.n == 0 || json.p[0] != '{')
        return text_error(text, "the config of %s must be a JSON object", plugin->id);
    return dup_to(&plugin->config_json, json);
}

static int32_t read_invariants(struct scenario *s, struct scenario_text *text)
{
    struct rh_str word;

    while ((word = text_word(text)).n > 0) {
        if (s->check_count == SCENARIO_CHECKS_MAX)
            return text_error(text, "more than %u files of invariants", SCENARIO_CHECKS_MAX);
        if (dup_to(&s->checks[s->check_count++], word) != RH_OK)
            return RH_ENOMEM;
    }
    return s->check_count > 0 ? RH_OK : text_error(text, "the names are missing");
}

/* "role NAME n4 n7": the nodes from n4 to n7; one node alone may be given. */
static int32_t read_role(struct scenario *s, struct scenario_text *text)
{
    struct scenario_role *role = &s->roles[s->role_count];
    struct scenario_target first = {TARGET_NODE, 0};
    struct scenario_target last;
    struct rh_str word = text_word(text);
    size_t before;
    int32_t rc;

    if (word.n == 0)
        return text_error(text, "the role's name is missing");
    if (s->role_count == SCENARIO_ROLES_MAX)
        return text_error(text, "more than %u roles", SCENARIO_ROLES_MAX);
    s->role_count++;
    rc = dup_to(&role->name, word);
    if (rc != RH_OK)
        return rc;
    rc = scenario_read_target(s, text, true, &first);
    if (rc != RH_OK)
        return rc;
    last = first;
    before = text->at;
    if (text_word(text).n > 0) {
        text->at = before;
        rc = scenario_read_target(s, text, true, &last);
    }
    if (rc != RH_OK)
        return rc;
    if (last.node < first.node)
        return text_error(text, "the last node comes before the first");
    role->first = first.node + 1;
    role->last = last.node + 1;
    return RH_OK;
}

static int32_t read_fault_value(struct scenario_text *text, uint32_t kind, struct rh_str value,
                                int64_t *out)
{
    const struct fault_def *def = &fault_defs[kind];
    bool is_chance = def->unit == FAULT_CHANCE;

    if (is_chance ? !text_parse_percent(value, out) : !text_parse_duration(value, out))
        return text_error(text, "%s: \"%.*s\" is not a %s", def->name, RH_STR_ARG(value),
                          is_chance ? "percentage" : "duration");
    if (is_chance && *out > 1000000)
        return text_error(text, "%s: more than 100%%", def->name);
    if (def->unit == FAULT_EVERY && *out < 1000)
        return text_error(text, "%s: at least 1ms", def->name);
    return RH_OK;
}

static int32_t read_faults(struct scenario *s, struct scenario_text *text)
{
    struct rh_str word;

    while ((word = text_word(text)).n > 0) {
        const char *mark = memchr(word.p, '=', word.n);
        const char *known[FAULT_KINDS];
        struct rh_str name = {word.p, mark ? (size_t)(mark - word.p) : word.n};
        char copy[SCENARIO_NAME_MAX + 1];
        uint32_t kind;
        int32_t rc;

        if (rh_str_eq_c(word, "swarm")) {
            s->faults.is_swarm = true;
            continue;
        }
        if (rh_str_eq_c(word, "none")) {
            memset(&s->faults, 0, sizeof s->faults);
            continue;
        }
        fault_names(known);
        kind = rh_str_copy(copy, sizeof copy, name) == RH_OK ? fault_find(copy) : FAULT_KINDS;
        if (kind == FAULT_KINDS)
            return text_unknown(text, "fault", name, known, FAULT_KINDS);
        if (!mark)
            return text_error(text, "%s needs a value: %s=...", copy, copy);
        rc = read_fault_value(text, kind,
                              (struct rh_str){mark + 1, (size_t)(word.p + word.n - mark - 1)},
                              &s->faults.fixed.strength[kind]);
        if (rc != RH_OK)
            return rc;
        s->faults.is_given[kind] = true;
    }
    return RH_OK;
}

static int32_t read_phase(struct scenario *s, struct scenario_text *text)
{
    static const char *const names[] = {"safety", "liveness"};
    struct rh_str name = text_word(text);
    struct rh_str length;

    if (rh_str_eq_c(name, "safety"))
        return text_duration(text, "phase safety", false, &s->safety_us);
    if (!rh_str_eq_c(name, "liveness"))
        return text_unknown(text, "phase", name, names, 2);
    length = text_word(text);
    if (!rh_str_ends_with(length, RH_STR_LIT("beats")) ||
        rh_parse_i64((struct rh_str){length.p, length.n - 5}, &s->liveness_beats) != RH_OK ||
        s->liveness_beats > 1000000)
        return text_error(text, "phase liveness: \"%.*s\" is not a number of beats such as 40beats",
                          RH_STR_ARG(length));
    return RH_OK;
}

/* Statements. */
static const struct {
    const char *name;
    int32_t (*read)(struct scenario *s, struct scenario_text *text);
} statements[] = {
    {"suite", read_suite},     {"cluster", read_cluster},  {"nodes", read_nodes},
    {"voters", read_voters},   {"beat", read_beat},        {"seeds", read_seeds},
    {"plugins", read_plugins}, {"config", read_config},    {"older", read_older},
    {"role", read_role},       {"faults", read_faults},    {"invariants", read_invariants},
    {"phase", read_phase},     {"at", scenario_read_line},
};
#define STATEMENTS (sizeof statements / sizeof statements[0])

static int32_t read_statement(struct scenario *s, struct scenario_text *text)
{
    struct rh_str word = text_word(text);
    const char *known[STATEMENTS];
    int32_t rc;

    if (word.n == 0)
        return RH_OK;
    for (size_t i = 0; i < STATEMENTS; i++) {
        known[i] = statements[i].name;
        if (!rh_str_eq_c(word, statements[i].name))
            continue;
        rc = statements[i].read(s, text);
        return rc == RH_OK ? text_end(text) : rc;
    }
    return text_unknown(text, "statement", word, known, STATEMENTS);
}

static int compare_lines(const void *a, const void *b, void *ctx)
{
    const struct scenario_line *left = a;
    const struct scenario_line *right = b;

    (void)ctx;
    return left->at_us < right->at_us ? -1 : left->at_us > right->at_us;
}

/* What only the whole can say. */
static int32_t finish(struct scenario *s, struct scenario_text *text)
{
    text->word_at = 0;
    if (s->name[0] == '\0')
        return text_error(text, "there is no statement \"suite NAME\"");
    if (s->plugin_count == 0)
        return text_error(text, "there is no statement \"plugins ID...\"");
    if (s->voter_count == 0)
        s->voter_count = s->node_count < 3 ? s->node_count : 3;
    if (s->voter_count > s->node_count)
        return text_error(text, "more voters than nodes");
    for (uint32_t i = 0; i < s->plugin_count; i++)
        s->faults.has_builds |= s->plugins[i].older != NULL;
    if (s->line_count == 0)
        return RH_OK;
    return rh_sort(s->lines, s->line_count, sizeof *s->lines, compare_lines, NULL, NULL);
}

int32_t scenario_parse(const char *file, struct rh_str whole, struct scenario **out, char *why)
{
    struct scenario *s = calloc(1, sizeof *s);
    struct scenario_text text = {.file = file, .why = why};
    const char *at = whole.p;
    const char *end = whole.p + whole.n;
    int32_t rc = RH_OK;

    if (!s)
        return RH_ENOMEM;
    s->node_count = 3;
    s->beat_ms = 1500;
    s->safety_us = SCENARIO_SAFETY_US;
    s->liveness_beats = SCENARIO_LIVENESS_BEATS;
    s->seeds = 300;
    rc = dup_to(&s->file, rh_str_from(file));
    while (rc == RH_OK && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));

        text.line = (struct rh_str){at, (size_t)((line_end ? line_end : end) - at)};
        text.number++;
        text.at = 0;
        rc = read_statement(s, &text);
        at = line_end ? line_end + 1 : end;
    }
    if (rc == RH_OK)
        rc = finish(s, &text);
    if (rc != RH_OK) {
        scenario_free(s);
        return rc;
    }
    if (s->seeds_long < s->seeds)
        s->seeds_long = s->seeds;
    *out = s;
    return RH_OK;
}

int32_t scenario_read(const char *file, struct scenario **out, char *why)
{
    FILE *in = fopen(file, "rb");
    char *bytes = NULL;
    size_t n;
    int32_t rc;

    if (!in) {
        (void)snprintf(why, SCENARIO_WHY_MAX, "%s: %s", file, strerror(errno)); /* cut */
        return RH_ENOTFOUND;
    }
    bytes = malloc(SCENARIO_BYTES_MAX);
    n = bytes ? fread(bytes, 1, SCENARIO_BYTES_MAX, in) : 0;
    if (!bytes || ferror(in) || n == SCENARIO_BYTES_MAX) {
        (void)snprintf(why, SCENARIO_WHY_MAX, "%s: cannot be read, or is longer than %u bytes",
                       file, SCENARIO_BYTES_MAX - 1); /* cut */
        rc = RH_EIO;
    } else {
        rc = scenario_parse(file, (struct rh_str){bytes, n}, out, why);
    }
    (void)fclose(in); /* was only read */
    free(bytes);
    return rc;
}

void scenario_free(struct scenario *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->plugin_count; i++) {
        free(s->plugins[i].id);
        free(s->plugins[i].config_json);
        free(s->plugins[i].older);
    }
    for (uint32_t i = 0; i < s->check_count; i++)
        free(s->checks[i]);
    for (uint32_t i = 0; i < s->role_count; i++)
        free(s->roles[i].name);
    for (uint32_t i = 0; i < s->line_count; i++) {
        free(s->lines[i].method);
        free(s->lines[i].path);
        free(s->lines[i].body);
    }
    free(s->lines);
    free(s->cluster_id);
    free(s->file);
    free(s);
}
