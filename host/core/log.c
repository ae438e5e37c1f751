/* Levels and lines; see log.h. */
#include "host/core/log.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#define LOG_FOLLOWS  UINT32_MAX /* this plugin's level is the common one */
#define CUT_MARK     "..."
#define MS_PER_DAY   INT64_C(86400000)
#define YEAR_0_MS    INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define YEAR_9999_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static const char *const level_names[] = {"debug", "info", "warn", "error"};

_Static_assert(sizeof level_names / sizeof level_names[0] == RH_LOG_ERROR + 1, "one per level");

/* A line under construction, in the caller's frame. */
struct log_text {
    char p[LOG_LINE_MAX];
    size_t n;
    bool is_cut;
};

const char *log_level_name(uint32_t level)
{
    return level_names[level <= RH_LOG_ERROR ? level : RH_LOG_ERROR];
}

int32_t log_level_parse(struct rh_str text, uint32_t *level)
{
    for (uint32_t i = 0; i <= RH_LOG_ERROR; i++) {
        if (rh_str_eq_c(text, level_names[i])) {
            *level = i;
            return RH_OK;
        }
    }
    return RH_EINVAL;
}

void log_init(struct log *log, const struct driver *driver, const char *node_id, uint32_t level)
{
    assert(level <= RH_LOG_ERROR);
    log->driver = driver;
    log->node_id = node_id;
    atomic_init(&log->level, level);
    atomic_init(&log->plugin_count, 0);
    for (uint32_t i = 0; i < LOG_PLUGINS_MAX; i++) {
        log->plugins[i].id[0] = '\0';
        atomic_init(&log->plugins[i].level, LOG_FOLLOWS);
    }
}

int32_t log_level_set(struct log *log, const char *plugin, uint32_t level)
{
    uint32_t count = atomic_load(&log->plugin_count);
    uint32_t at = 0;

    if (level > RH_LOG_ERROR || (plugin && strlen(plugin) > LOG_PLUGIN_MAX))
        return RH_EINVAL;
    if (!plugin) {
        atomic_store(&log->level, level);
        for (; at < count; at++)
            atomic_store(&log->plugins[at].level, LOG_FOLLOWS);
        return RH_OK;
    }
    while (at < count && strcmp(log->plugins[at].id, plugin) != 0)
        at++;
    if (at == LOG_PLUGINS_MAX)
        return RH_EFULL;
    if (at == count)
        (void)rh_str_copy(log->plugins[at].id, sizeof log->plugins[at].id,
                          rh_str_from(plugin)); /* its length was checked */
    atomic_store(&log->plugins[at].level, level);
    if (at == count)
        atomic_store(&log->plugin_count, count + 1); /* readers see the row only when complete */
    return RH_OK;
}

bool log_wanted(const struct log *log, const char *plugin, uint32_t level)
{
    uint32_t least = LOG_FOLLOWS;
    uint32_t count = plugin ? atomic_load(&log->plugin_count) : 0;

    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(log->plugins[i].id, plugin) == 0) {
            least = atomic_load(&log->plugins[i].level);
            break;
        }
    }
    if (least == LOG_FOLLOWS)
        least = atomic_load(&log->level);
    return level >= least;
}

/* Adds n bytes as a whole, or cuts the line here. Room for the mark is kept. */
static void add(struct log_text *line, const char *bytes, size_t n)
{
    if (line->is_cut || n > sizeof line->p - (sizeof CUT_MARK - 1) - line->n) {
        line->is_cut = true;
        return;
    }
    memcpy(line->p + line->n, bytes, n);
    line->n += n;
}

/* Adds one byte, a control character as its escape. Bytes 0x80 to 0x9f after 0xc2 are the C1
 * controls of UTF-8, which terminals obey too. */
static void add_byte(struct log_text *line, unsigned char byte, unsigned char before)
{
    static const char digits[] = "0123456789abcdef";
    char escape[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    char plain = (char)byte;

    if (byte == '\n')
        add(line, "\\n", 2);
    else if (byte == '\t')
        add(line, "\\t", 2);
    else if (byte == '\r')
        add(line, "\\r", 2);
    else if (byte < 0x20 || byte == 0x7f || (before == 0xc2 && byte >= 0x80 && byte < 0xa0))
        add(line, escape, sizeof escape);
    else
        add(line, &plain, 1);
}

static void add_escaped(struct log_text *line, struct rh_str text)
{
    unsigned char before = 0;

    for (size_t i = 0; i < text.n && !line->is_cut; i++) {
        add_byte(line, (unsigned char)text.p[i], before);
        before = (unsigned char)text.p[i];
    }
}

/* Ends a line that was cut, without half a UTF-8 character before the mark. */
static void mark_cut(struct log_text *line)
{
    while (line->n > 0 && ((unsigned char)line->p[line->n - 1] & 0xc0) == 0x80)
        line->n--;
    if (line->n > 0 && ((unsigned char)line->p[line->n - 1] & 0xc0) == 0xc0)
        line->n--;
    memcpy(line->p + line->n, CUT_MARK, sizeof CUT_MARK - 1);
    line->n += sizeof CUT_MARK - 1;
}

void log_write(struct log *log, uint32_t level, const char *plugin, const char *event,
               struct rh_str text)
{
    const struct driver *driver = log->driver;
    char time[LOG_TIME_SIZE];
    struct log_text line = {.n = 0};
    const char *name;

    if (!log_wanted(log, plugin, level))
        return;
    name = log_level_name(level);
    add(&line, time, log_format_time(driver->ops->wall_ms(driver->ctx), time));
    add(&line, " ", 1);
    add(&line, name, strlen(name));
    add(&line, "      ", 6 - strlen(name)); /* names are 4 or 5 long; columns line up */
    add_escaped(&line, rh_str_from(log->node_id));
    add(&line, " ", 1);
    add_escaped(&line, rh_str_from(plugin ? plugin : "host"));
    add(&line, " ", 1);
    add_escaped(&line, rh_str_from(event));
    if (text.n > 0)
        add(&line, " ", 1);
    add_escaped(&line, text);
    if (line.is_cut)
        mark_cut(&line);
    driver->ops->log_line(driver->ctx, level, (struct rh_str){line.p, line.n});
}

size_t log_format_time(int64_t unix_ms, char dst[LOG_TIME_SIZE])
{
    int64_t ms = unix_ms < YEAR_0_MS ? YEAR_0_MS : unix_ms > YEAR_9999_MS ? YEAR_9999_MS : unix_ms;
    int64_t since_0000 = ms - YEAR_0_MS; /* never negative, so divisions round down */
    int64_t days = since_0000 / MS_PER_DAY;
    int64_t in_day = since_0000 % MS_PER_DAY;
    /* Years here begin on 1 March, so that the leap day is the last; eras are of 400 years. Day 60
     * of year 0 (leap) is 1 March 0000; one era is added so that January and February stay
     * positive. */
    int64_t shifted = days - 60 + 146097;
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = year_of_era + (era - 1) * 400 + (month <= 2);
    int n = snprintf(dst, LOG_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year,
                     (int)month, (int)day, (int)(in_day / 3600000), (int)(in_day / 60000 % 60),
                     (int)(in_day / 1000 % 60), (int)(in_day % 1000));

    assert(n == 24);
    return (size_t)n;
}
