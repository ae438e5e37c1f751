/* See cpu.h. */
#include "cpu.h"

#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

/* Columns of a cpu line: user nice system idle iowait irq softirq steal; guests are in the first
 * two. */
#define COLUMNS     8u
#define COLUMN_IDLE 3u
#define COLUMN_WAIT 4u

/* The next word; empty at the end of the line. */
static struct rh_str next_word(const char **at, const char *end)
{
    struct rh_str word;

    while (*at < end && **at == ' ')
        (*at)++;
    word.p = *at;
    while (*at < end && **at != ' ' && **at != '\n')
        (*at)++;
    word.n = (size_t)(*at - word.p);
    return word;
}

int32_t cpu_parse_stat(const char *text, size_t size, struct cpu_times *out)
{
    const char *end = text + size;
    const char *at = text;
    struct cpu_times times = {0, 0, 0};

    if (!rh_str_eq_c(next_word(&at, end), "cpu"))
        return RH_EINVAL;
    for (uint32_t i = 0; i < COLUMNS; i++) {
        uint64_t ticks;

        if (rh_parse_u64(next_word(&at, end), &ticks) != RH_OK)
            return RH_EINVAL;
        times.all += ticks;
        if (i != COLUMN_IDLE && i != COLUMN_WAIT)
            times.busy += ticks;
    }
    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        if (end - at < 4 || memcmp(at, "cpu", 3) != 0)
            break;
        times.count++;
    }
    *out = times;
    return RH_OK;
}

double cpu_percent(const struct cpu_times *before, const struct cpu_times *after)
{
    if (after->all <= before->all || after->busy < before->busy)
        return -1;
    return 100.0 * (double)(after->busy - before->busy) / (double)(after->all - before->all);
}

int32_t cpu_parse_pressure(const char *text, size_t size, double *percent)
{
    static const char mark[] = "some avg10=";
    const char *at = text + sizeof(mark) - 1;

    if (size < sizeof(mark) || memcmp(text, mark, sizeof(mark) - 1) != 0)
        return RH_EINVAL;
    return rh_parse_f64(next_word(&at, text + size), percent);
}
