/* Labels of metrics in one canonical text; see metric_labels.h. */
#include "host/core/metric_labels.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/metrics.h"

struct label {
    struct rh_str key;
    struct rh_str value;
};

/* Labels of one metric, ordered: the plugin first, then by key. */
struct label_set {
    struct label items[METRICS_LABELS_MAX + 1];
    uint32_t count;
    uint32_t fixed; /* 1: items[0] is the plugin */
};

bool metric_word_is_valid(struct rh_str word)
{
    if (word.n == 0 || word.n > METRICS_NAME_MAX)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];

        if (!((c >= 'a' && c <= 'z') || (i > 0 && c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static bool is_clean(struct rh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

/* Puts a label at its place; false if it is not one, is there already, or there are too many. */
static bool label_add(struct label_set *set, struct label label)
{
    uint32_t at = set->count;

    if (!metric_word_is_valid(label.key) || !is_clean(label.value) ||
        rh_str_eq_c(label.key, "le") || rh_str_eq_c(label.key, "plugin") ||
        set->count - set->fixed == METRICS_LABELS_MAX)
        return false;
    for (; at > set->fixed; at--) {
        int order = rh_str_cmp(set->items[at - 1].key, label.key);

        if (order == 0)
            return false;
        if (order < 0)
            break;
        set->items[at] = set->items[at - 1];
    }
    set->items[at] = label;
    set->count++;
    return true;
}

/* Reads "k=v,k2=v2". Everything is borrowed from the arguments. */
static int32_t read_labels(const char *plugin, const char *labels, struct label_set *set)
{
    struct rh_str rest = rh_str_from(labels);

    memset(set, 0, sizeof *set);
    if (plugin) {
        struct rh_str value = rh_str_from(plugin);

        if (value.n == 0 || value.n > METRICS_LABELS_BYTES || !is_clean(value))
            return RH_EINVAL;
        set->items[0] = (struct label){RH_STR_LIT("plugin"), value};
        set->count = 1;
        set->fixed = 1;
    }
    if (rest.n > METRICS_LABELS_BYTES)
        return RH_EINVAL;
    while (rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n;
        const char *equals = memchr(rest.p, '=', n);
        struct label label;

        if (!equals || (comma && n + 1 == rest.n)) /* nor a comma at the end */
            return RH_EINVAL;
        label.key = (struct rh_str){rest.p, (size_t)(equals - rest.p)};
        label.value = (struct rh_str){equals + 1, n - label.key.n - 1};
        if (!label_add(set, label))
            return RH_EINVAL;
        n += comma ? 1 : 0;
        rest = (struct rh_str){rest.p + n, rest.n - n};
    }
    return RH_OK;
}

void metric_text_escape(struct rh_buf *buf, struct rh_str text, bool is_quoted)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n') {
            (void)rh_buf_append_c(buf, "\\n"); /* sticky, as all below */
            continue;
        }
        if (text.p[i] == '\\' || (is_quoted && text.p[i] == '"'))
            (void)rh_buf_append_byte(buf, '\\');
        (void)rh_buf_append_byte(buf, text.p[i]);
    }
}

int32_t metric_labels_write(const char *plugin, const char *labels, struct rh_buf *buf)
{
    struct label_set set;
    int32_t rc = read_labels(plugin, labels, &set);

    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < set.count; i++) {
        if (i > 0)
            (void)rh_buf_append_byte(buf, ','); /* sticky, as all below */
        (void)rh_buf_append_str(buf, set.items[i].key);
        (void)rh_buf_append_c(buf, "=\"");
        metric_text_escape(buf, set.items[i].value, true);
        (void)rh_buf_append_byte(buf, '"');
    }
    return buf->rc;
}
