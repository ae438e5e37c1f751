/* The table of metrics and its text; see metrics.h. */
#include "host/core/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#include "host/core/metric_labels.h"

/* Upper bounds of histograms in seconds, as numbers and as written. */
#define BOUND(seconds)    \
    {                     \
        seconds, #seconds \
    }
static const struct {
    double seconds;
    const char *text;
} bounds[] = {BOUND(0.0001),  BOUND(0.0002), BOUND(0.0004),  BOUND(0.0008),  BOUND(0.0016),
              BOUND(0.0032),  BOUND(0.0064), BOUND(0.0128),  BOUND(0.0256),  BOUND(0.0512),
              BOUND(0.1024),  BOUND(0.2048), BOUND(0.4096),  BOUND(0.8192),  BOUND(1.6384),
              BOUND(3.2768),  BOUND(6.5536), BOUND(13.1072), BOUND(26.2144), BOUND(52.4288),
              BOUND(104.8576)};

#define BOUND_COUNT   (sizeof bounds / sizeof bounds[0])
#define KEY_BYTES_MAX 4096u /* of a metric's name with all labels */

/* One time series. */
struct metric {
    struct metric *next; /* in its family */
    uint64_t id;
    uint32_t kind;
    char *labels;      /* as written between the braces; "" = none */
    double value;      /* of a histogram: the sum */
    uint64_t count;    /* of a histogram */
    uint64_t *buckets; /* of a histogram: BOUND_COUNT + 1, each for itself, the last is +Inf */
};

/* All metrics of one name. */
struct family {
    char name[METRICS_NAME_MAX + 1];
    char *help; /* NULL = none */
    uint32_t kind;
    struct metric *first;
    struct metric *last;
};

struct owner {
    uint32_t count;
};

struct metrics {
    struct rh_map families; /* name -> struct family */
    struct rh_map keys;     /* name{labels -> struct metric */
    struct rh_map owners;   /* plugin -> struct owner */
    struct metric **by_id;
    uint32_t count;
    uint32_t capacity;
};

struct metrics *metrics_new(uint64_t seed)
{
    struct metrics *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    rh_map_init(&m->families, seed, METRICS_MAX);
    rh_map_init(&m->keys, seed, METRICS_MAX);
    rh_map_init(&m->owners, seed, METRICS_MAX);
    return m;
}

static void metric_free(struct metric *metric)
{
    if (!metric)
        return;
    free(metric->labels);
    free(metric->buckets);
    free(metric);
}

static void family_free(struct family *family)
{
    if (!family)
        return;
    free(family->help);
    free(family);
}

void metrics_free(struct metrics *m)
{
    uint32_t cursor = 0;
    void *value;

    if (!m)
        return;
    for (uint32_t i = 0; i < m->count; i++)
        metric_free(m->by_id[i]);
    while (rh_map_next(&m->families, &cursor, NULL, &value))
        family_free(value);
    cursor = 0;
    while (rh_map_next(&m->owners, &cursor, NULL, &value))
        free(value);
    rh_map_release(&m->families);
    rh_map_release(&m->keys);
    rh_map_release(&m->owners);
    free(m->by_id);
    free(m);
}

/* Whether a family of that name would write lines of another one: x_count beside the histogram x.
 */
static bool is_taken(const struct metrics *m, struct rh_str name, uint32_t kind)
{
    static const char *const tails[] = {"_bucket", "_sum", "_count"};
    char longer[METRICS_NAME_MAX + 8];

    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct rh_str tail = rh_str_from(tails[i]);
        const struct family *other = NULL;

        if (rh_str_ends_with(name, tail))
            other = rh_map_get(&m->families, (struct rh_str){name.p, name.n - tail.n});
        if (other && other->kind == RH_METRIC_HISTOGRAM)
            return true;
        memcpy(longer, name.p, name.n);
        memcpy(longer + name.n, tail.p, tail.n);
        if (kind == RH_METRIC_HISTOGRAM &&
            rh_map_get(&m->families, (struct rh_str){longer, name.n + tail.n}))
            return true;
    }
    return false;
}

static char *text_dup(const char *text, size_t n)
{
    char *copy = malloc(n + 1);

    if (!copy)
        return NULL;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

/* The family of that name, made when it is new. */
static int32_t family_get(struct metrics *m, uint32_t kind, const char *name, const char *help,
                          struct family **out)
{
    struct rh_str key = rh_str_from(name);
    struct family *family = rh_map_get(&m->families, key);
    int32_t rc = RH_OK;

    if (family) {
        bool same_help = help ? family->help && strcmp(family->help, help) == 0 : !family->help;

        *out = family;
        return family->kind == kind && same_help ? RH_OK : RH_EINVAL;
    }
    if (is_taken(m, key, kind))
        return RH_EINVAL;
    family = calloc(1, sizeof *family);
    if (!family)
        return RH_ENOMEM;
    family->kind = kind;
    family->help = help ? text_dup(help, strlen(help)) : NULL;
    rc = rh_str_copy(family->name, sizeof family->name, key);
    if (rc == RH_OK && help && !family->help)
        rc = RH_ENOMEM;
    if (rc == RH_OK)
        rc = rh_map_put(&m->families, key, family, NULL);
    if (rc == RH_OK)
        *out = family;
    else
        family_free(family);
    return rc;
}

/* The count of a plugin's metrics, made when it is new. */
static int32_t owner_get(struct metrics *m, const char *plugin, struct owner **out)
{
    struct owner *owner = rh_map_get(&m->owners, rh_str_from(plugin));
    int32_t rc = RH_OK;

    if (!owner) {
        owner = calloc(1, sizeof *owner);
        rc = owner ? rh_map_put(&m->owners, rh_str_from(plugin), owner, NULL) : RH_ENOMEM;
    }
    if (rc == RH_OK && owner->count >= METRICS_PER_PLUGIN_MAX)
        return RH_EFULL;
    if (rc == RH_OK)
        *out = owner;
    else
        free(owner);
    return rc;
}

static int32_t reserve_id(struct metrics *m)
{
    uint32_t capacity = m->capacity ? m->capacity * 2 : 64;
    struct metric **by_id;

    if (m->count >= METRICS_MAX)
        return RH_EFULL;
    if (m->count < m->capacity)
        return RH_OK;
    by_id = realloc(m->by_id, capacity * sizeof(struct metric *));
    if (!by_id)
        return RH_ENOMEM;
    m->by_id = by_id;
    m->capacity = capacity;
    return RH_OK;
}

static struct metric *metric_new(uint32_t kind, struct rh_str labels)
{
    struct metric *metric = calloc(1, sizeof *metric);

    if (!metric)
        return NULL;
    metric->kind = kind;
    metric->labels = text_dup(labels.p, labels.n);
    if (kind == RH_METRIC_HISTOGRAM)
        metric->buckets = calloc(BOUND_COUNT + 1, sizeof *metric->buckets);
    if (!metric->labels || (kind == RH_METRIC_HISTOGRAM && !metric->buckets)) {
        metric_free(metric);
        return NULL;
    }
    return metric;
}

/* Makes the metric `key`, which does not exist yet; its labels begin at labels_at. */
static int32_t metric_make(struct metrics *m, struct family *family, const char *plugin,
                           struct rh_str key, size_t labels_at)
{
    struct rh_str labels = {key.p + labels_at, key.n - labels_at};
    struct owner *owner = NULL;
    struct metric *metric;
    int32_t rc = reserve_id(m);

    if (rc == RH_OK && plugin)
        rc = owner_get(m, plugin, &owner);
    if (rc != RH_OK)
        return rc;
    metric = metric_new(family->kind, labels);
    if (!metric)
        return RH_ENOMEM;
    rc = rh_map_put(&m->keys, key, metric, NULL);
    if (rc != RH_OK) {
        metric_free(metric);
        return rc;
    }
    if (family->last)
        family->last->next = metric;
    else
        family->first = metric;
    family->last = metric;
    m->by_id[m->count++] = metric;
    metric->id = m->count;
    if (owner)
        owner->count++;
    return RH_OK;
}

int32_t metrics_get(struct metrics *m, uint32_t kind, const char *plugin, const char *name,
                    const char *labels, const char *help, uint64_t *id)
{
    struct family *family = NULL;
    const struct metric *metric;
    struct rh_buf key;
    size_t labels_at;
    int32_t rc;

    if (kind < RH_METRIC_COUNTER || kind > RH_METRIC_HISTOGRAM ||
        !metric_word_is_valid(rh_str_from(name)) || name[0] == '_' ||
        (help && strlen(help) > METRICS_HELP_MAX))
        return RH_EINVAL;
    rh_buf_init(&key, KEY_BYTES_MAX);
    (void)rh_buf_append_c(&key, name); /* sticky, as the next; metric_labels_write tells */
    (void)rh_buf_append_byte(&key, '{');
    labels_at = key.n;
    rc = metric_labels_write(plugin, labels, &key);
    if (rc == RH_OK)
        rc = family_get(m, kind, name, help, &family);
    if (rc == RH_OK && !rh_map_get(&m->keys, rh_buf_str(&key)))
        rc = metric_make(m, family, plugin, rh_buf_str(&key), labels_at);
    if (rc == RH_OK) {
        metric = rh_map_get(&m->keys, rh_buf_str(&key));
        *id = metric->id;
    }
    rh_buf_release(&key);
    return rc;
}

/* The metric, if it is of one of the kinds. */
static struct metric *metric_of(const struct metrics *m, uint64_t id, uint32_t kind,
                                uint32_t other_kind)
{
    struct metric *metric = id > 0 && id <= m->count ? m->by_id[id - 1] : NULL;

    return metric && (metric->kind == kind || metric->kind == other_kind) ? metric : NULL;
}

void metrics_add(struct metrics *m, uint64_t id, double amount)
{
    struct metric *metric = metric_of(m, id, RH_METRIC_COUNTER, RH_METRIC_GAUGE);

    if (!metric || isnan(amount) || (metric->kind == RH_METRIC_COUNTER && amount < 0))
        return;
    metric->value += amount;
}

void metrics_set(struct metrics *m, uint64_t id, double value)
{
    struct metric *metric = metric_of(m, id, RH_METRIC_GAUGE, RH_METRIC_GAUGE);

    if (metric && !isnan(value))
        metric->value = value;
}

void metrics_observe(struct metrics *m, uint64_t id, double seconds)
{
    struct metric *metric = metric_of(m, id, RH_METRIC_HISTOGRAM, RH_METRIC_HISTOGRAM);
    size_t at = 0;

    if (!metric || isnan(seconds))
        return;
    while (at < BOUND_COUNT && seconds > bounds[at].seconds)
        at++;
    metric->buckets[at]++;
    metric->count++;
    metric->value += seconds;
}

double metrics_value(const struct metrics *m, uint64_t id)
{
    const struct metric *metric = id > 0 && id <= m->count ? m->by_id[id - 1] : NULL;

    if (!metric)
        return 0;
    return metric->kind == RH_METRIC_HISTOGRAM ? (double)metric->count : metric->value;
}

/* One line: ringhost_NAME TAIL {LABELS,le="BOUND"} VALUE. bound NULL = no le. */
static void write_line(struct rh_buf *buf, const struct family *family, const char *tail,
                       const struct metric *metric, const char *bound, double value)
{
    char number[RH_JSON_DOUBLE_SIZE];
    bool has_labels = metric->labels[0] != '\0';

    if (isinf(value))
        (void)rh_str_copy(number, sizeof number, rh_str_from(value > 0 ? "+Inf" : "-Inf"));
    else
        (void)rh_json_format_double(number, value); /* ends in NUL; the length is of no use */
    (void)rh_buf_printf(buf, "%s%s%s%s%s%s%s%s%s%s %s\n", METRICS_PREFIX, family->name, tail,
                        has_labels || bound ? "{" : "", metric->labels,
                        has_labels && bound ? "," : "", bound ? "le=\"" : "", bound ? bound : "",
                        bound ? "\"" : "", has_labels || bound ? "}" : "", number);
}

static void write_histogram(struct rh_buf *buf, const struct family *family,
                            const struct metric *metric)
{
    uint64_t below = 0;

    for (size_t i = 0; i <= BOUND_COUNT; i++) {
        below += metric->buckets[i];
        write_line(buf, family, "_bucket", metric, i < BOUND_COUNT ? bounds[i].text : "+Inf",
                   (double)below);
    }
    write_line(buf, family, "_sum", metric, NULL, metric->value);
    write_line(buf, family, "_count", metric, NULL, (double)metric->count);
}

static void write_family(struct rh_buf *buf, const struct family *family)
{
    static const char *const kinds[] = {"", "counter", "gauge", "histogram"};

    if (!family->first)
        return; /* made, then its first metric met a limit */
    if (family->help) {
        (void)rh_buf_printf(buf, "# HELP %s%s ", METRICS_PREFIX, family->name);
        metric_text_escape(buf, rh_str_from(family->help), false);
        (void)rh_buf_append_byte(buf, '\n');
    }
    (void)rh_buf_printf(buf, "# TYPE %s%s %s\n", METRICS_PREFIX, family->name, kinds[family->kind]);
    for (const struct metric *metric = family->first; metric; metric = metric->next) {
        if (family->kind == RH_METRIC_HISTOGRAM)
            write_histogram(buf, family, metric);
        else
            write_line(buf, family, "", metric, NULL, metric->value);
    }
}

static int compare_families(const void *left, const void *right, void *context)
{
    const struct family *a = *(const struct family *const *)left;
    const struct family *b = *(const struct family *const *)right;

    (void)context;
    return strcmp(a->name, b->name);
}

int32_t metrics_write(struct metrics *m, struct rh_buf *buf)
{
    uint32_t count = rh_map_count(&m->families);
    const struct family **families = malloc((count + 1) * sizeof(const struct family *));
    uint32_t cursor = 0;
    uint32_t at = 0;
    void *value;
    int32_t rc;

    if (!families)
        return RH_ENOMEM;
    while (rh_map_next(&m->families, &cursor, NULL, &value))
        families[at++] = value;
    rc = rh_sort(families, count, sizeof(const struct family *), compare_families, NULL, NULL);
    for (at = 0; rc == RH_OK && at < count; at++) {
        write_family(buf, families[at]);
        rc = buf->rc;
    }
    free(families);
    return rc;
}
