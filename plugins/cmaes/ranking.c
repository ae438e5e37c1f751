/* Stable sorting, and counting who is back. */
#include "ranking.h"

#include <assert.h>
#include <math.h>
#include <ringhost/sdk/sort.h>

static int compare(const void *a, const void *b, void *ctx)
{
    const struct report *reports = ctx;
    const double left = reports[*(const uint32_t *)a].fitness;
    const double right = reports[*(const uint32_t *)b].fitness;

    if (left < right)
        return -1;
    return left > right ? 1 : 0;
}

uint32_t ranking_make(const struct report *reports, uint32_t count, uint32_t *order,
                      uint32_t *scratch)
{
    uint32_t ranked = 0;
    uint32_t next;
    int32_t rc;

    for (uint32_t i = 0; i < count; i++) {
        if (reports[i].kind == REPORT_FITNESS)
            order[ranked++] = i;
    }
    next = ranked;
    for (uint32_t i = 0; i < count; i++) {
        if (reports[i].kind != REPORT_FITNESS)
            order[next++] = i;
    }
    assert(next == count);
    rc = rh_sort(order, ranked, sizeof(*order), compare, (void *)(uintptr_t)reports, scratch);
    assert(rc == RH_OK); /* it has its scratch */
    return ranked;
}

uint32_t ranking_quorum(uint32_t population, double quorum)
{
    const double wanted = ceil(quorum * (double)population - 1e-9); /* 0.9 * 10 is 9 */

    assert(quorum > 0.0);
    assert(quorum <= 1.0);
    return wanted < 1.0 ? 1 : (uint32_t)wanted;
}

bool ranking_is_closed(const struct report *reports, uint32_t count, double quorum,
                       int64_t deadline_ms, int64_t now_ms)
{
    uint32_t back = 0;

    for (uint32_t i = 0; i < count; i++)
        back += reports[i].kind != REPORT_NONE;
    if (back == count)
        return true;
    return deadline_ms > 0 && now_ms >= deadline_ms && back >= ranking_quorum(count, quorum);
}
