/* Lines about suites; see report.h. */
#include "host/sim/run/report.h"

#include <inttypes.h>

void report_count(struct report *report, const struct world_result *result)
{
    report->seeds++;
    report->violations += result->verdict == WORLD_VIOLATION;
    report->unconverged += result->verdict == WORLD_UNCONVERGED;
    report->virtual_us += result->virtual_us;
    report->events += result->events;
}

void report_add(struct report *all, const struct report *suite)
{
    all->seeds += suite->seeds;
    all->violations += suite->violations;
    all->unconverged += suite->unconverged;
    all->virtual_us += suite->virtual_us;
    all->events += suite->events;
}

void report_failure(FILE *out, const struct scenario *scenario, const char *how, uint64_t seed,
                    const struct world_result *result)
{
    (void)fprintf(out,
                  "FAIL %s seed=%" PRIu64 " invariant=%s at=%.1fs node=%s; replay: %s "
                  "--seed %" PRIu64 "\n  %s\n",
                  scenario->name, seed, result->invariant, (double)result->at_us / 1e6,
                  result->node, how, seed, result->text);
}

static double hours(int64_t us)
{
    return (double)us / 3.6e9;
}

void report_suite(FILE *out, const struct scenario *scenario, const struct report *report,
                  int64_t took_us)
{
    double rate = (double)report->seeds * 1e6 / (double)(took_us > 0 ? took_us : 1);

    (void)fprintf(out,
                  "%s seeds=%" PRIu64 " violations=%" PRIu64 " unconverged=%" PRIu64
                  " virtual_h=%.1f seeds_per_s=%.*f\n",
                  scenario->name, report->seeds, report->violations, report->unconverged,
                  hours(report->virtual_us), rate < 10 ? 1 : 0, rate);
    (void)fflush(out);
}

void report_end(FILE *out, const struct report *all)
{
    (void)fprintf(out,
                  "%" PRIu64 " seeds, %.1f virtual hours, %" PRIu64 " violations, %" PRIu64
                  " unconverged\n",
                  all->seeds, hours(all->virtual_us), all->violations, all->unconverged);
}
